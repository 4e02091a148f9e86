import type { FaultFacts } from '../channels/fault.ts';
import type { FaultRow, Pattern } from './row.ts';

const letterOrDigit = /[\p{L}\p{N}]/u;
const digit = /\d/;

/** `5.7.3` is not in `5.7.30`, nor in `5.7.3.1`; it is in `(5.7.3)` and at the end of a sentence. */
const standsAlone = (text: string, from: number, to: number): boolean => {
  const before = text[from - 1] ?? ' ';
  const after = text[to] ?? ' ';
  if (letterOrDigit.test(before) || letterOrDigit.test(after)) return false;
  if (before === '.' && digit.test(text[from - 2] ?? ' ')) return false;
  return !(after === '.' && digit.test(text[to + 1] ?? ' '));
};

/** Whether a text has these words, whole, in any case of letters. Costs at most length of the text times of the words. */
export const hasWords = (text: string, words: string): boolean => {
  const hay = text.toLowerCase();
  const needle = words.toLowerCase();
  for (let at = hay.indexOf(needle); at !== -1; at = hay.indexOf(needle, at + 1))
    if (standsAlone(hay, at, at + needle.length)) return true;
  return false;
};

/** Servers are not trusted to keep `reply` short. */
const maxReply = 1000;

const holds = (pattern: Pattern, facts: FaultFacts): boolean => {
  const said = `${facts.reason.slice(0, 100)} ${facts.reply.slice(0, maxReply)}`;
  const { codes, statuses, reasons, words } = pattern;
  if (codes !== undefined && !codes.includes(facts.code)) return false;
  const inSpan = (status: number | readonly [number, number]): boolean =>
    typeof status === 'number' ? facts.status === status : facts.status >= status[0] && facts.status <= status[1];
  if (statuses !== undefined && !statuses.some(inSpan)) return false;
  const reason = facts.reason.toLowerCase();
  if (reasons !== undefined && !reasons.some((one) => one.toLowerCase() === reason)) return false;
  return words === undefined || words.every((one) => hasWords(said, one));
};

/** Whether a row speaks about these facts. */
export const fits = (row: FaultRow, facts: FaultFacts): boolean =>
  (row.stages === undefined || row.stages.includes(facts.stage)) &&
  (row.protocols === undefined || row.protocols.includes(facts.protocol)) &&
  row.when.some((pattern) => holds(pattern, facts));
