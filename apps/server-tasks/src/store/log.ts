import { isKnownError, type Transaction } from '@itsm-m365/plugin-api';
import { moveFence } from './fence.ts';
import { type LogLevel, type LogRow, logTable } from './tables.ts';

/** A line on its way into the log of a run. */
export interface LogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly item: string | null;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Lines kept of one run; a task that logs per person must not fill the database. */
export const longestLog = 5_000;
const longestFields = 4_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Control characters made visible, so that a name from outside cannot forge a line or steer a terminal. */
export const escapeControl = (text: string): string =>
  text.replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const plain = (value: unknown, depth: number): unknown => {
  // What is known has no values in its text; a foreign message may quote anything, and stays in the host's log.
  if (isKnownError(value)) return { code: value.code, message: escapeControl(value.message).slice(0, 500) };
  if (value instanceof Error) return { name: escapeControl(value.name).slice(0, 100) };
  if (typeof value === 'string') return escapeControl(value).slice(0, 1000);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth === 0) return String(value).slice(0, 100);
  if (Array.isArray(value)) return value.slice(0, 50).map((entry) => plain(entry, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([name, entry]) => [name, plain(entry, depth - 1)]),
  );
};

/** Fields as they are kept: plain, bounded, without control characters. */
export const boundedFields = (fields: object): Readonly<Record<string, unknown>> => {
  const kept = Object.fromEntries(
    Object.entries(fields)
      .slice(0, 50)
      .map(([name, value]) => [name, plain(value, 3)]),
  );
  return JSON.stringify(kept).length > longestFields ? { leftOut: 'more than 4000 characters' } : kept;
};

/** A line's message as it is kept. */
export const escapedMessage = ({ message }: Pick<LogLine, 'message'>): string => escapeControl(message).slice(0, 1000);

/** The fence under which the lines of a run are numbered; forgotten with the run. */
export const logScope = (runId: string): string => `log|${runId}`;

/**
 * Appends lines. Their numbers are one more than the last. Whoever writes waits at a fence for the one before: where
 * many nodes end items at once they would meet at the next number again and again. Comes last in a transaction, so that
 * nobody waits for anything else meanwhile. Lines beyond {@link longestLog} are dropped.
 */
export const appendLog = async (trx: Transaction, runId: string, lines: readonly LogLine[]): Promise<void> => {
  if (lines.length === 0) return;
  await moveFence(trx, logScope(runId));
  const [last] = await trx.rows(logTable, (query) => query.where({ run_id: runId }).orderBy('seq', 'desc').limit(1));
  const start = (last?.seq ?? 0) + 1;
  const rows = lines.slice(0, Math.max(0, longestLog + 1 - start)).map((line, index): LogRow => {
    const full = start + index >= longestLog;
    return {
      run_id: runId,
      seq: start + index,
      at: line.at,
      level: full ? 'warn' : line.level,
      item_key: line.item,
      message: full ? 'The log of this run is full; see the log of the server' : escapedMessage(line),
      fields: full ? {} : line.fields,
    };
  });
  await trx.insert(logTable, rows);
};

/** Lines after a number, oldest first. */
export const readLog = (trx: Transaction, runId: string, after: number, limit: number): Promise<LogRow[]> =>
  trx.rows(logTable, (query) => query.where({ run_id: runId }).where('seq', '>', after).orderBy('seq').limit(limit));
