import type { Instant, ProductFacts } from './facts.ts';
import type { Figures } from './figures.ts';

/** Seats that may go away by themselves. */
export const restKinds = ['grace', 'trial', 'suspended'] as const;
export type RestKind = (typeof restKinds)[number];

/** *Fully licensed*: the need is covered, and there is at least one seat (without any, the product is *clear*). */
export const covers = (available: number, required: number): boolean => available >= Math.max(required, 1);

/**
 * What *fully licensed* rests on: the kinds of seats without which the verdict would be another. Where each alone could
 * go but not all together, all of them are named.
 */
export const restsOn = ({ counted, available, required }: Figures): readonly RestKind[] => {
  if (!covers(available, required) || covers(counted.paid, required)) return [];
  const there = restKinds.filter((kind) => counted[kind] > 0);
  const alone = there.filter((kind) => !covers(available - counted[kind], required));
  return alone.length > 0 ? alone : there;
};

/** When the earliest grace or trial seat ends; undefined where Microsoft names no date. */
export const restsUntil = (facts: ProductFacts, kinds: readonly RestKind[]): Instant | undefined => {
  if (!kinds.includes('grace') && !kinds.includes('trial')) return undefined;
  const ends = facts.licences
    .map(({ seats }) => seats?.endsAt)
    .filter((end): end is number => end !== undefined && Number.isFinite(end));
  return ends.length === 0 ? undefined : ends.reduce((left, right) => Math.min(left, right));
};
