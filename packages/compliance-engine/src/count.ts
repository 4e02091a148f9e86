import { nthPerson, type PersonRange } from '@itsm-m365/licence-catalog';
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
  /** Rows that one statement walks over where statements block the event loop. Default 100,000, some 30 ms. */
  readonly rowsPerWalk?: number;
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
  range?: PersonRange,
): Promise<Row[]> => {
  const name = trx.name(assignments);
  const yes = trx.encode('flag', true);
  const open = trx.encode('time', openEnd);
  const within = range === undefined ? '' : 'and person > ? and person <= ?';
  const ends = range === undefined ? [] : [range.after, range.upTo];
  // Without a `group by` around it: SQLite would sort what comes out of the walk in order.
  const one = (numbers: readonly number[]): string =>
    `select ? as licence, count(*) as persons, coalesce(sum(held), 0) as holders from (
       select max(case when holds = ? then 1 else 0 end) as held from ??
       where licence in (${marks(numbers)}) and valid_to = ? ${within} group by person) p`;
  return trx.query<Row>(
    sets.map(one).join(' union all '),
    sets.flatMap((numbers) => [numbers[0] ?? 0, yes, name, ...numbers, open, ...ends]),
  );
};

/** The last person of a walk that begins after a person and passes so many rows. */
const endOfWalk = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  after: number,
  rows: number,
): Promise<number> => {
  const each = Math.ceil(rows / numbers.length);
  let end = Number.MAX_SAFE_INTEGER;
  for (const licence of numbers) end = Math.min(end, await nthPerson(trx, assignments, { licence }, after, each));
  return end;
};

/** Counts a set by walks that are short, each over other persons, with a breath after each. */
const countByWalks = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  { signal, rowsPerWalk = 100_000 }: CountOptions,
): Promise<Held> => {
  let holders = 0;
  let waiting = 0;
  for (let after = 0; after < Number.MAX_SAFE_INTEGER; ) {
    signal.throwIfAborted();
    const upTo = await endOfWalk(trx, assignments, numbers, after, rowsPerWalk);
    const [row] = await countSets(trx, assignments, [numbers], { after, upTo });
    const held = row === undefined ? { holders: 0, waiting: 0 } : heldOf(row);
    holders += held.holders;
    waiting += held.waiting;
    await trx.breathe();
    after = upTo;
  }
  return { holders, waiting };
};

/**
 * Counts the holders of licences, set-based: one row per licence comes out of the database. Where statements block the
 * event loop, licences are taken one at a time and in parts; elsewhere some dozens share a round trip.
 */
export const countHolders = async (
  trx: Transaction,
  assignments: Pick<Table, 'name'>,
  numbers: readonly number[],
  options: CountOptions,
): Promise<Counts> => {
  const { signal, counted } = options;
  const inParts = trx.capabilities.blocksEventLoop;
  const each = new Map<number, Held>();
  let done = 0;
  for (const chunk of chunks(numbers, inParts ? 1 : 50)) {
    signal.throwIfAborted();
    if (inParts) for (const number of chunk) each.set(number, await countByWalks(trx, assignments, [number], options));
    else {
      const sets = chunk.map((number) => [number]);
      for (const row of await countSets(trx, assignments, sets)) each.set(Number(row.licence), heldOf(row));
    }
    done += chunk.length;
    counted(done, numbers.length);
  }
  const together = async (some: readonly number[]): Promise<Held> => {
    if (inParts) return countByWalks(trx, assignments, some, options);
    const [row] = await countSets(trx, assignments, [some]);
    return row === undefined ? { holders: 0, waiting: 0 } : heldOf(row);
  };
  return { each, together };
};
