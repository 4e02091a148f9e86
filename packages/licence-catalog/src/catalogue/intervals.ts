import { type Instant, openEnd } from '@itsm-m365/plugin-api';

export interface IntervalRow {
  readonly valid_from: Instant;
  readonly valid_to: Instant;
}

export interface IntervalPlan<Row> {
  /** Open rows that end now. */
  readonly close: readonly Row[];
  /** Open rows that began at this very instant, or later on a clock that went back: they go, as if never there. */
  readonly drop: readonly Row[];
  readonly open: readonly Row[];
}

/**
 * Compares open rows with what should be open from `at` on. What is equal is left alone; what differs ends and begins
 * anew. `at` must not lie before the beginning of an open row; see {@link notBefore}.
 */
export const planIntervals = <Row extends IntervalRow>(
  current: readonly Row[],
  wanted: readonly Omit<Row, 'valid_from' | 'valid_to'>[],
  {
    at,
    keyOf,
    endMissing,
  }: {
    readonly at: Instant;
    readonly keyOf: (row: Omit<Row, 'valid_from' | 'valid_to'>) => string;
    /** What is open and not wanted ends. */
    readonly endMissing: boolean;
  },
): IntervalPlan<Row> => {
  const target = new Map(wanted.map((row) => [keyOf(row), row]));
  const known = new Map(current.map((row) => [keyOf(row), row]));
  const leaving = [...known].filter(([key, row]) => {
    const next = target.get(key);
    return next === undefined ? endMissing : !sameValues(row, next);
  });
  const left = new Set(leaving.map(([key]) => key));
  const opening = [...target].filter(([key]) => left.has(key) || !known.has(key));
  return {
    close: leaving.map(([, row]) => row).filter((row) => row.valid_from < at),
    drop: leaving.map(([, row]) => row).filter((row) => row.valid_from >= at),
    open: opening.map(([, row]) => ({ ...row, valid_from: at, valid_to: openEnd }) as Row),
  };
};

const sameValues = (stored: object, wanted: object): boolean => {
  const values = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(wanted).every(([name, value]) => values.get(name) === value);
};

/** The instant to publish at: never before the beginning of an open row. */
export const notBefore = (at: Instant, rows: readonly IntervalRow[]): Instant =>
  rows.reduce((latest, row) => Math.max(latest, row.valid_from), at);
