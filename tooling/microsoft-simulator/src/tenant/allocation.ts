import { day } from '../clock.ts';
import { hash } from '../random.ts';
import type { AssignmentRow, Group, Sku } from './model.ts';
import { isLicensedKind, kindAt, licensedShare } from './population.ts';

/** Who is given which product when the tenant is generated; like the users a pure function of (seed, index). */
export interface Allocation {
  rowsAt(index: number): AssignmentRow[];
}

export interface AllocatableSku {
  readonly sku: Sku;
  readonly weight: number;
  readonly suite: boolean;
}

const epoch = Date.UTC(2024, 0, 1);
const groupErrors = [
  'CountViolation',
  'MutuallyExclusiveViolation',
  'DependencyViolation',
  'ProhibitedInUsageLocationViolation',
  'UniquenessViolation',
  'Other',
] as const;

/** A table of a thousand slots, so that drawing by weight is one look-up. */
const slots = (list: readonly AllocatableSku[]): readonly Sku[] => {
  const total = list.reduce((sum, entry) => sum + entry.weight, 0);
  return list.flatMap((entry) =>
    Array.from({ length: Math.max(1, Math.round((entry.weight / total) * 1000)) }, () => entry.sku),
  );
};

export const createAllocation = (options: {
  readonly seed: number;
  readonly perUser: number;
  readonly skus: readonly AllocatableSku[];
  readonly groups: readonly Group[];
}): Allocation => {
  const { seed, groups } = options;
  const assignable = options.skus.filter((entry) => entry.weight > 0 && entry.sku.appliesTo === 'User');
  const suites = slots(assignable.filter((entry) => entry.suite));
  const extras = slots(assignable.filter((entry) => !entry.suite));
  const distinct = new Set(extras).size + (suites.length > 0 ? 1 : 0);
  const mean = options.perUser / licensedShare;
  const whole = Math.floor(mean);
  const fraction = mean - whole;

  /** Varies by one around the wanted average, without moving it. */
  const wanted = (index: number): number => {
    const h = hash(seed, index, 3);
    const base = whole + ((h & 0xffff) / 65_536 < fraction ? 1 : 0);
    const wobble = (h >>> 16) % 4;
    return base < 1 ? base : base + (wobble === 0 ? 1 : wobble === 1 ? -1 : 0);
  };

  const groupFor = (sku: Sku, h: number): string | null => {
    const group = groups[(sku.number * 2 + (h & 1)) % Math.max(1, groups.length)];
    return group?.id ?? null;
  };

  const rowOf = (sku: Sku, groupId: string | null, h: number): AssignmentRow => {
    const failing = groupId !== null && h % 40 === 3;
    const ailing = !failing && h % 97 === 5;
    const error = failing || ailing ? (groupErrors[(h >>> 8) % groupErrors.length] ?? 'Other') : null;
    const plan = h % 13 === 4 ? sku.servicePlans[0]?.servicePlanId : undefined;
    return {
      sku,
      groupId,
      state: failing ? 'Error' : ailing ? 'ActiveWithError' : 'Active',
      // Graph prints both null and the word "None" for success (licenseAssignmentState page and its sample).
      error: error ?? (h % 11 === 0 ? 'None' : null),
      updatedAt: epoch + (h % 800) * day + (h % 86_400) * 1000,
      disabledPlans: plan === undefined ? [] : [plan],
    };
  };

  const rowsAt = (index: number): AssignmentRow[] => {
    const rows: AssignmentRow[] = [];
    if (!isLicensedKind(kindAt(index))) return rows;
    const want = wanted(index);
    const taken: Sku[] = [];
    for (let draw = 0; rows.length < want && taken.length < distinct && draw < 400; draw += 1) {
      const h = hash(seed, index, 16 + draw);
      const list = draw === 0 && suites.length > 0 ? suites : extras;
      const sku = list[h % list.length];
      if (sku === undefined) break;
      if (taken.includes(sku)) continue;
      taken.push(sku);
      const path = (h >>> 10) % 10;
      const groupId = path >= 5 ? groupFor(sku, h >>> 14) : null;
      rows.push(rowOf(sku, groupId, h >>> 5));
      if (path === 9 && groupId !== null && rows.length < want) rows.push(rowOf(sku, null, h >>> 7));
    }
    return rows;
  };

  return { rowsAt };
};
