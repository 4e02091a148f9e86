import { headerFields, type StoredMessage } from '../message.ts';
import { ArgumentError, inSet, type Token, textOf } from './syntax.ts';

type Test = (number: number, message: StoredMessage) => boolean;

interface Highest {
  readonly number: number;
  readonly uid: number;
}

const day = 86_400_000;

const dateOf = (text: string): number => {
  const parsed = Date.parse(`${text.replaceAll('-', ' ')} UTC`);
  if (Number.isNaN(parsed)) throw new ArgumentError();
  return parsed;
};

const dayOf = (message: StoredMessage): number => Math.floor(message.internalDate / day) * day;

const flagTest =
  (flag: string, wanted: boolean): Test =>
  (_, message) =>
    message.flags.has(flag) === wanted;

const inHeader = (name: string, text: string): Test => {
  const wanted = text.toLowerCase();
  return (_, { raw }) =>
    headerFields(raw).some((field) => field.name === name.toLowerCase() && field.value.toLowerCase().includes(wanted));
};

const fixed: Readonly<Record<string, Test>> = {
  ALL: () => true,
  SEEN: flagTest('\\Seen', true),
  UNSEEN: flagTest('\\Seen', false),
  DELETED: flagTest('\\Deleted', true),
  UNDELETED: flagTest('\\Deleted', false),
  FLAGGED: flagTest('\\Flagged', true),
  UNFLAGGED: flagTest('\\Flagged', false),
  ANSWERED: flagTest('\\Answered', true),
  UNANSWERED: flagTest('\\Answered', false),
  DRAFT: flagTest('\\Draft', true),
  UNDRAFT: flagTest('\\Draft', false),
};

/** Reads the keys of a SEARCH (RFC 9051 6.4.4), all of which must hold. */
export const compileSearch = (tokens: readonly Token[], highest: Highest): Test => {
  let at = 0;
  const next = (): string => {
    const text = textOf(tokens[at]);
    at += 1;
    return text;
  };
  const key = (): Test => {
    const token = tokens[at];
    if (token?.kind === 'list') {
      at += 1;
      return compileSearch(token.items, highest);
    }
    const word = next().toUpperCase();
    const known = Object.hasOwn(fixed, word) ? fixed[word] : undefined;
    if (known !== undefined) return known;
    switch (word) {
      case 'UID': {
        const wanted = inSet(next(), highest.uid);
        return (_, { uid }) => wanted(uid);
      }
      case 'HEADER':
        return inHeader(next(), next());
      case 'FROM':
      case 'TO':
      case 'CC':
      case 'SUBJECT':
        return inHeader(word, next());
      case 'SINCE': {
        const since = dateOf(next());
        return (_, message) => dayOf(message) >= since;
      }
      case 'BEFORE': {
        const before = dateOf(next());
        return (_, message) => dayOf(message) < before;
      }
      case 'LARGER': {
        const size = Number(next());
        return (_, { raw }) => raw.length > size;
      }
      case 'SMALLER': {
        const size = Number(next());
        return (_, { raw }) => raw.length < size;
      }
      case 'NOT': {
        const test = key();
        return (number, message) => !test(number, message);
      }
      case 'OR': {
        const tests = [key(), key()];
        return (number, message) => tests.some((test) => test(number, message));
      }
    }
    const wanted = inSet(word, highest.number);
    return (number) => wanted(number);
  };
  if (tokens[0]?.kind === 'atom' && tokens[0].text.toUpperCase() === 'CHARSET') at = 2;
  if (at >= tokens.length) throw new ArgumentError();
  const tests: Test[] = [];
  while (at < tokens.length) tests.push(key());
  return (number, message) => tests.every((test) => test(number, message));
};
