import { QueryProblem } from './call.ts';

export type Word =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: 'sign'; readonly value: string };

const pattern = /\s*(?:'((?:[^']|'')*)'|([A-Za-z0-9_$@.:+-]+(?:\/[A-Za-z0-9_$]+)*)|([(),]))/y;

/** Cuts an OData $filter into words (OData 4.01 URL conventions 5.1.1). */
export const filterWords = (filter: string): Word[] => {
  const words: Word[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < filter.trimEnd().length) {
    const match = pattern.exec(filter);
    if (match === null) throw new QueryProblem('BadRequest', 'Invalid filter clause: syntax error.');
    if (match[1] !== undefined) words.push({ kind: 'text', value: match[1].replaceAll("''", "'") });
    else if (match[2] !== undefined) words.push({ kind: 'name', value: match[2] });
    else words.push({ kind: 'sign', value: match[3] ?? '' });
  }
  return words;
};
