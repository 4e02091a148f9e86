import type { LineConnection } from '../wire/line-connection.ts';

export type Token =
  | { readonly kind: 'atom'; readonly text: string }
  /** Quoted or literal. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Token[] };

export interface Command {
  readonly tag: string;
  /** Upper case; `UID FETCH` and its like in two words. */
  readonly name: string;
  readonly args: readonly Token[];
}

/** Answered `BAD Command Argument Error. 12`. */
export class ArgumentError extends Error {}

const literalLimit = 150 * 1024 * 1024;
/** Stands for a literal in the text; the client cannot send it itself. */
const mark = '\0';

const parse = (text: string, literals: readonly Buffer[]): readonly Token[] => {
  let at = 0;
  let used = 0;
  const quoted = (): string => {
    let value = '';
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1;
      value += text[at] ?? '';
    }
    if (text[at] !== '"') throw new ArgumentError();
    at += 1;
    return value;
  };
  const atom = (): string => {
    const start = at;
    let depth = 0;
    for (; at < text.length; at += 1) {
      const character = text[at] ?? '';
      if (character === '[') depth += 1;
      if (character === ']') depth -= 1;
      if (depth <= 0 && ' ()"'.includes(character)) break;
    }
    if (at === start) throw new ArgumentError();
    return text.slice(start, at);
  };
  const items = (nested: boolean, level: number): readonly Token[] => {
    if (level > 20) throw new ArgumentError();
    const found: Token[] = [];
    for (;;) {
      while (text[at] === ' ') at += 1;
      const character = text[at];
      if (character === undefined) {
        if (nested) throw new ArgumentError();
        return found;
      }
      if (character === ')') {
        if (!nested) throw new ArgumentError();
        at += 1;
        return found;
      }
      if (character === '(') {
        at += 1;
        found.push({ kind: 'list', items: items(true, level + 1) });
      } else if (character === '"') found.push({ kind: 'text', text: quoted() });
      else if (character === mark) {
        found.push({ kind: 'text', text: literals[used]?.toString('latin1') ?? '' });
        used += 1;
        at += 1;
      } else found.push({ kind: 'atom', text: atom() });
    }
  };
  return items(false, 0);
};

/** Reads one command with its literals (RFC 9051 2.2.1, 4.3); undefined when the client is gone. */
export const readCommand = async (connection: LineConnection): Promise<Command | ArgumentError | undefined> => {
  let text = '';
  const literals: Buffer[] = [];
  for (;;) {
    const line = await connection.line();
    if (line === undefined) return undefined;
    if (line.includes(mark)) return new ArgumentError('*');
    const literal = /\{(\d+)(\+?)\}$/.exec(line);
    if (literal === null) {
      text += line;
      break;
    }
    const size = Number(literal[1]);
    if (size > literalLimit) return new ArgumentError(`${text}${line}`.split(' ')[0]);
    if (literal[2] === '') await connection.write('+ Ready for additional command text.\r\n');
    const bytes = await connection.bytes(size);
    if (bytes === undefined) return undefined;
    literals.push(bytes);
    text += `${line.slice(0, literal.index)}${mark}`;
  }
  const [, tag = '*', word = '', rest = ''] = /^(\S+) *(\S*) ?(.*)$/s.exec(text) ?? [];
  const uid = word.toUpperCase() === 'UID' ? /^(\S+) ?(.*)$/s.exec(rest) : null;
  try {
    return uid === null
      ? { tag, name: word.toUpperCase(), args: parse(rest, literals) }
      : { tag, name: `UID ${(uid[1] ?? '').toUpperCase()}`, args: parse(uid[2] ?? '', literals) };
  } catch (problem) {
    if (problem instanceof ArgumentError) return new ArgumentError(tag);
    throw problem;
  }
};

export const textOf = (token: Token | undefined): string => {
  if (token === undefined || token.kind === 'list') throw new ArgumentError();
  return token.text;
};

/** A list, or one item in place of a list of one. */
export const itemsOf = (token: Token | undefined): readonly Token[] => {
  if (token === undefined) throw new ArgumentError();
  return token.kind === 'list' ? token.items : [token];
};

/** Numbers of a sequence set as a test; `*` is the highest, and `9:*` holds the highest even where that is below 9 (RFC 9051 9). */
export const inSet = (set: string, highest: number): ((number: number) => boolean) => {
  if (!/^(\d+|\*)(:(\d+|\*))?(,(\d+|\*)(:(\d+|\*))?)*$/.test(set)) throw new ArgumentError();
  const ranges = set.split(',').map((range) => {
    const [first = '*', last = first] = range.split(':');
    const ends = [first, last].map((end) => (end === '*' ? highest : Number(end)));
    return [Math.min(...ends), Math.max(...ends)] as const;
  });
  return (number) => ranges.some(([low, high]) => number >= low && number <= high);
};

export const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[\r\n]/g, ' ')}"`;

export const nstring = (text: string | undefined): string => (text === undefined || text === '' ? 'NIL' : quote(text));
