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
  readonly licence: unknown;
  readonly persons: unknown;
  readonly holders: unknown;
}

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Who has an open assignment and holds by none waits. */
const heldOf = ({ persons, holders }: Row): Held => ({
  holders: Number(holders),
  waiting: Number(persons) - Number(holders),
});

/**
 * Asks about several sets of licences in one round trip; a row for each set, called by its first licence. Each set is one
 * walk over its part of the key; looking up whether each who waits holds as well takes the longer, the more wait. One walk
 * also keeps holders from exceeding persons where a read is no snapshot.
 */
const countSets = (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  sets: readonly (readonly number[])[],
): Promise<Row[]> => {
  const name = trx.name(assignments);
  const yes = trx.encode('flag', true);
  const open = trx.encode('time', openEnd);
  // Without a `group by` around it: SQLite would sort what comes out of the walk in order.
  const one = (numbers: readonly number[]): string =>
    `select ? as licence, count(*) as persons, coalesce(sum(held), 0) as holders from (
       select max(case when holds = ? then 1 else 0 end) as held from ??
       where licence in (${marks(numbers)}) and valid_to = ? group by person) p`;
  return trx.query<Row>(
    sets.map(one).join(' union all '),
    sets.flatMap((numbers) => [numbers[0] ?? 0, yes, name, ...numbers, open]),
  );
};

/**
 * Counts the holders of licences, set-based: one row per licence comes out of the database. Where statements block the
 * event loop, licences are taken one at a time, with a breath in between; elsewhere some dozens share a round trip.
 */
export const countHolders = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  { signal, counted }: CountOptions,
): Promise<Counts> => {
  const each = new Map<number, Held>();
  let done = 0;
  for (const chunk of chunks(numbers, trx.capabilities.blocksEventLoop ? 1 : 50)) {
    signal.throwIfAborted();
    const sets = chunk.map((number) => [number]);
    for (const row of await countSets(trx, assignments, sets)) each.set(Number(row.licence), heldOf(row));
    done += chunk.length;
    counted(done, numbers.length);
    await trx.breathe();
  }
  const together = async (some: readonly number[]): Promise<Held> => {
    const [row] = await countSets(trx, assignments, [some]);
    return row === undefined ? { holders: 0, waiting: 0 } : heldOf(row);
  };
  return { each, together };
};
