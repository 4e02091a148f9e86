import { openEnd, type Table, type Transaction } from '@itsm-m365/plugin-api';

/** Distinct persons of a licence. Who waits by one path and holds it by another is a holder. */
export interface Held {
  readonly holders: number;
  readonly waiting: number;
}

export interface Counts {
  readonly each: ReadonlyMap<number, Held>;
  /** Distinct persons over several licences. */
  together(numbers: readonly number[]): Promise<Held>;
}

export interface CountOptions {
  readonly signal: AbortSignal;
  counted(done: number, total: number): void;
}

interface Row {
  readonly licence?: unknown;
  readonly persons?: unknown;
}

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Statements over the open assignments, with the table and the flag in the engine's words. */
const statements = (trx: Transaction, assignments: Pick<Table, 'name'>) => {
  const name = trx.name(assignments);
  const open = trx.encode('time', openEnd);
  const no = trx.encode('flag', false);
  const yes = trx.encode('flag', true);
  return {
    /** Persons by any path. Alone in its select, `count(distinct …)` follows the key; beside another sum SQLite sorts. */
    persons: (numbers: readonly number[]) =>
      trx.query<Row>(
        `select licence, count(distinct person) as persons from ??
         where licence in (${marks(numbers)}) and valid_to = ? group by licence`,
        [name, ...numbers, open],
      ),
    /** Persons of each licence who hold it by no path, though one wants to give it. */
    waitingEach: (numbers: readonly number[]) =>
      trx.query<Row>(
        `select a.licence as licence, count(distinct a.person) as persons from ?? a
         where a.licence in (${marks(numbers)}) and a.valid_to = ? and a.holds = ? and not exists (
           select 1 from ?? b where b.licence = a.licence and b.person = a.person and b.valid_to = ? and b.holds = ?)
         group by a.licence`,
        [name, ...numbers, open, no, name, open, yes],
      ),
    /** Persons who hold none of the licences by any path, though one wants to give it. */
    waiting: async (numbers: readonly number[]): Promise<number> => {
      const [row] = await trx.query<Row>(
        `select count(distinct a.person) as persons from ?? a
         where a.licence in (${marks(numbers)}) and a.valid_to = ? and a.holds = ? and not exists (
           select 1 from ?? b where b.licence in (${marks(numbers)}) and b.person = a.person and b.valid_to = ? and b.holds = ?)`,
        [name, ...numbers, open, no, name, ...numbers, open, yes],
      );
      return Number(row?.persons ?? 0);
    },
    holders: async (numbers: readonly number[]): Promise<number> => {
      const [row] = await trx.query<Row>(
        `select count(distinct person) as persons from ?? where licence in (${marks(numbers)}) and valid_to = ? and holds = ?`,
        [name, ...numbers, open, yes],
      );
      return Number(row?.persons ?? 0);
    },
  };
};

/**
 * Counts the holders of licences, set-based: one row per licence comes out of the database. Where statements block the
 * event loop, licences are taken one at a time, with a breath in between; elsewhere a few hundred share a round trip.
 */
export const countHolders = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  { signal, counted }: CountOptions,
): Promise<Counts> => {
  const ask = statements(trx, assignments);
  const each = new Map<number, Held>();
  let done = 0;
  for (const chunk of chunks(numbers, trx.capabilities.blocksEventLoop ? 1 : 200)) {
    signal.throwIfAborted();
    const lacking = new Map((await ask.waitingEach(chunk)).map((row) => [Number(row.licence), Number(row.persons)]));
    for (const row of await ask.persons(chunk)) {
      const licence = Number(row.licence);
      const waiting = lacking.get(licence) ?? 0;
      each.set(licence, { holders: Number(row.persons) - waiting, waiting });
    }
    done += chunk.length;
    counted(done, numbers.length);
    await trx.breathe();
  }
  const together = async (some: readonly number[]): Promise<Held> => ({
    holders: await ask.holders(some),
    waiting: await ask.waiting(some),
  });
  return { each, together };
};
