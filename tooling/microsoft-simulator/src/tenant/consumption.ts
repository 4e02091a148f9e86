import { type AssignmentRow, holds, type Sku } from './model.ts';

/** How many distinct users hold each product; the generated part is counted once, in one pass, when first asked for. */
export interface Consumption {
  of(sku: Sku): number;
  /** Units as generated, before any mutation: what seats are dimensioned by. */
  generated(sku: Sku): number;
  changed(before: readonly AssignmentRow[], after: readonly AssignmentRow[]): void;
}

const tally = (rows: readonly AssignmentRow[], step: number, counts: Map<number, number>): void => {
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at];
    if (row === undefined || !holds(row)) continue;
    let seen = false;
    for (let earlier = 0; earlier < at && !seen; earlier += 1) {
      const other = rows[earlier];
      seen = other !== undefined && other.sku === row.sku && holds(other);
    }
    if (!seen) counts.set(row.sku.number, (counts.get(row.sku.number) ?? 0) + step);
  }
};

export const createConsumption = (count: number, rowsAt: (index: number) => readonly AssignmentRow[]): Consumption => {
  let base: Map<number, number> | undefined;
  const moved = new Map<number, number>();
  const generated = (sku: Sku): number => {
    if (base === undefined) {
      base = new Map();
      for (let index = 0; index < count; index += 1) tally(rowsAt(index), 1, base);
    }
    return base.get(sku.number) ?? 0;
  };
  return {
    generated,
    of: (sku) => generated(sku) + (moved.get(sku.number) ?? 0),
    changed: (before, after) => {
      tally(before, -1, moved);
      tally(after, 1, moved);
    },
  };
};
