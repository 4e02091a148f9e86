import fc from 'fast-check';
import { type EntitlementRule, type LicenceFacts, type ProductFacts, syncReasons } from '../engine/facts.ts';

export const int32Max = 2 ** 31 - 1;
export const someInstant = Date.UTC(2026, 5, 1);

const units = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: int32Max }) },
  { weight: 1, arbitrary: fc.constantFrom(0, int32Max) },
);

const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** Licences whose two sources agree: the seats are a division of the enabled and the warning units. */
export const licence: fc.Arbitrary<LicenceFacts> = fc
  .record({
    appliesTo: fc.constantFrom('User' as const, 'User' as const, 'Company' as const),
    units: fc.record({ enabled: units, warning: units, suspended: units, lockedOut: units, consumed: units }),
    trialShare: share,
    trialInGraceShare: share,
    endsAt: fc.option(fc.integer({ min: someInstant - 10, max: someInstant + 10 }), { nil: undefined }),
  })
  .map(({ appliesTo, units: of, trialShare, trialInGraceShare, endsAt }) => {
    const trialEnabled = Math.round(of.enabled * trialShare);
    const trialInGrace = Math.round(of.warning * trialInGraceShare);
    const seats = {
      paid: of.enabled - trialEnabled,
      grace: of.warning - trialInGrace,
      trial: trialEnabled + trialInGrace,
      endsAt,
    };
    return { appliesTo, units: of, seats };
  });

export const rule: fc.Arbitrary<EntitlementRule> = fc.record({
  units: fc.constantFrom('enabled', 'enabled-and-warning', 'enabled-warning-and-suspended'),
  trialSeats: fc.boolean(),
});

const seatSums = (licences: readonly LicenceFacts[]): number[] => {
  const sum = (...fields: ('enabled' | 'warning' | 'suspended')[]) =>
    licences.reduce((total, one) => total + fields.reduce((part, field) => part + (one.units?.[field] ?? 0), 0), 0);
  const paid = licences.reduce((total, one) => total + (one.seats?.paid ?? 0), 0);
  return [paid, sum('enabled'), sum('enabled', 'warning'), sum('enabled', 'warning', 'suspended')];
};

/** Facts that can be computed; half of them stand on a boundary: one consumer less, as many, one more than seats. */
export const facts: fc.Arbitrary<ProductFacts> = fc
  .record({
    licences: fc.array(licence, { maxLength: 3 }),
    reasons: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.subarray([...syncReasons]) },
    ),
    waiting: units,
    consumers: units,
    boundary: fc.option(fc.record({ which: fc.nat(3), off: fc.integer({ min: -1, max: 1 }) }), { nil: undefined }),
  })
  .map(({ licences, reasons, waiting, consumers, boundary }) => {
    const need = licences
      .filter(({ appliesTo }) => appliesTo === 'Company')
      .reduce((total, one) => total + (one.units?.consumed ?? 0), 0);
    const at = (seatSums(licences)[boundary?.which ?? 0] ?? 0) - need + (boundary?.off ?? 0);
    return { licences, reasons, waiting, consumers: boundary === undefined ? consumers : Math.max(0, at) };
  });

const anyNumber = fc.oneof(units, fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, -1, 0.5, 2 ** 53, 1e308));
const maybe = fc.option(anyNumber, { nil: undefined });

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;

/** Anything at all: negative, fractional, missing, contradicting. */
export const wildFacts: fc.Arbitrary<ProductFacts> = fc.record({
  licences: fc.array(
    fc
      .record({
        appliesTo: fc.constantFrom('User' as const, 'Company' as const),
        units: fc
          .record({ enabled: maybe, warning: maybe, suspended: maybe, lockedOut: maybe, consumed: maybe })
          .map(withoutUndefined),
        seats: fc.record({ paid: maybe, grace: maybe, trial: maybe, endsAt: maybe }).map(withoutUndefined),
      })
      .map((one) => one as LicenceFacts),
    { maxLength: 3 },
  ),
  reasons: fc.subarray([...syncReasons]),
  consumers: anyNumber,
  waiting: anyNumber,
});
