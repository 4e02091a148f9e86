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
 * Counts the persons of a set of licences, or of each of them. One walk over their part of the key; looking up whether each
 * who waits holds as well takes the longer, the more wait. One walk also keeps holders from exceeding persons where a read
 * is no snapshot.
 */
const count = (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  of: 'each' | 'all',
): Promise<Row[]> => {
  const licence = of === 'each' ? 'licence, ' : '';
  return trx.query<Row>(
    `select ${licence}count(*) as persons, coalesce(sum(held), 0) as holders from (
       select ${licence}max(case when holds = ? then 1 else 0 end) as held from ??
       where licence in (${marks(numbers)}) and valid_to = ? group by ${licence}person
     ) p ${of === 'each' ? 'group by licence' : ''}`,
    [trx.encode('flag', true), trx.name(assignments), ...numbers, trx.encode('time', openEnd)],
  );
};

/**
 * Counts the holders of licences, set-based: one row per licence comes out of the database, none for a licence without
 * assignments. Where statements block the event loop, licences are taken one at a time, with a breath in between; elsewhere
 * some hundreds share a walk.
 */
export const countHolders = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  { signal, counted }: CountOptions,
): Promise<Counts> => {
  const together = async (some: readonly number[]): Promise<Held> => {
    const [row] = await count(trx, assignments, some, 'all');
    return row === undefined ? { holders: 0, waiting: 0 } : heldOf(row);
  };
  const each = new Map<number, Held>();
  const oneAtATime = trx.capabilities.blocksEventLoop;
  let done = 0;
  for (const chunk of chunks(numbers, oneAtATime ? 1 : 500)) {
    signal.throwIfAborted();
    // SQLite would sort for the outer `group by` what comes out of the walk in order.
    if (oneAtATime) for (const number of chunk) each.set(number, await together([number]));
    else for (const row of await count(trx, assignments, chunk, 'each')) each.set(Number(row.licence), heldOf(row));
    done += chunk.length;
    counted(done, numbers.length);
    await trx.breathe();
  }
  return { each, together };
};
