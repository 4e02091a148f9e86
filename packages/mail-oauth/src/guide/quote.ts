import { guideErrors } from './errors.ts';

/** Line ends end a command; bidi controls make it read otherwise than it runs; halves of pairs do not survive a copy. */
const refused = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** PowerShell takes U+2018 to U+201B for single quotes too (about_Quoting_Rules; `IsSingleQuote` of its tokenizer). */
const singleQuotes = /['\u2018-\u201b]/g;

/**
 * A value as PowerShell's single-quoted string, in which nothing but a quote means anything: every kind of single quote is
 * doubled. Throws `GUIDE_VALUE_REFUSED` for control characters.
 */
export const quote = (value: string): string => {
  if (refused.test(value)) throw guideErrors.GUIDE_VALUE_REFUSED();
  return `'${value.replace(singleQuotes, '$&$&')}'`;
};

/**
 * An OPATH filter `property -eq 'value'`, to be quoted once more. OPATH knows the doubled apostrophe
 * (Microsoft, "Filterable properties"); the other quotes are refused, since nobody says how it reads them.
 */
export const filterEquals = (property: string, value: string): string => {
  if (refused.test(value) || /[\u2018-\u201b]/.test(value)) throw guideErrors.GUIDE_VALUE_REFUSED();
  return `${property} -eq '${value.replaceAll("'", "''")}'`;
};
