import { type Evaluate, evaluateProduct } from '../engine/evaluate.ts';
import type { LicenceFacts, ProductFacts } from '../engine/facts.ts';

/** Mistakes that others have made, or could make here. The suite must catch each (`peers.md`, sections 2 and 7). */
export const plantedFaults: Readonly<Record<string, Evaluate>> = {};

const faults = plantedFaults as Record<string, Evaluate>;

const licencesChanged =
  (change: (licence: LicenceFacts) => LicenceFacts): Evaluate =>
  (facts, rule, asOf) =>
    evaluateProduct({ ...facts, licences: facts.licences.map(change) }, rule, asOf);

const unitsChanged = (change: (units: NonNullable<LicenceFacts['units']>) => NonNullable<LicenceFacts['units']>) =>
  licencesChanged((licence) => ({ ...licence, units: change(licence.units ?? {}) }));

const factsChanged =
  (change: (facts: ProductFacts) => ProductFacts): Evaluate =>
  (facts, rule, asOf) =>
    evaluateProduct(change(facts), rule, asOf);

faults['>= instead of >'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return verdict.status === 'fully-licensed' && verdict.figures?.balance === 0
    ? { ...verdict, status: 'not-enough' }
    : verdict;
};
faults['grace seats forgotten'] = unitsChanged((units) => ({ ...units, warning: 0 }));
faults['suspended seats always counted'] = (facts, rule, asOf) =>
  evaluateProduct(facts, { ...rule, units: 'enabled-warning-and-suspended' }, asOf);
faults['locked out seats counted'] = unitsChanged((units) => ({
  ...units,
  enabled: (units.enabled ?? 0) + (units.lockedOut ?? 0),
  lockedOut: 0,
}));
faults['the rule for units ignored'] = (facts, rule, asOf) =>
  evaluateProduct(facts, { ...rule, units: 'enabled-and-warning' }, asOf);
faults['the rule for trial seats ignored'] = (facts, rule, asOf) =>
  evaluateProduct(facts, { ...rule, trialSeats: true }, asOf);
faults['reason precedence ignored'] = factsChanged((facts) => ({ ...facts, reasons: facts.reasons.slice(0, 1) }));
faults['reason precedence turned round'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  const weakest = (['missing-in-portal', 'excluded', 'portal-deleted'] as const).find((one) =>
    facts.reasons.includes(one),
  );
  return { ...verdict, reason: weakest };
};
faults['sync state ignored'] = factsChanged((facts) => ({ ...facts, reasons: [] }));
faults['calculation error before sync state'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return verdict.cause === undefined ? verdict : { ...verdict, status: 'calculation-error' };
};
faults['Microsoft’s count instead of ours'] = factsChanged((facts) => ({
  ...facts,
  consumers: facts.licences.reduce((sum, { units }) => sum + (units?.consumed ?? 0), 0),
}));
faults['waiting persons counted as consumers'] = factsChanged((facts) => ({
  ...facts,
  consumers: facts.consumers + facts.waiting,
}));
faults['company treated as user'] = licencesChanged((licence) => ({ ...licence, appliesTo: 'User' }));
faults['user treated as company'] = licencesChanged((licence) => ({ ...licence, appliesTo: 'Company' }));
faults['clear without looking at consumers'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return verdict.status === 'not-enough' && verdict.figures?.available === 0
    ? { ...verdict, status: 'clear' }
    : verdict;
};
faults['clear as soon as nobody uses it'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return verdict.status === 'fully-licensed' && verdict.figures?.required === 0
    ? { ...verdict, status: 'clear' }
    : verdict;
};
faults['negative units taken as 0'] = unitsChanged((units) => ({ ...units, enabled: Math.max(0, units.enabled ?? 0) }));
faults['fractions rounded'] = unitsChanged((units) => ({ ...units, enabled: Math.trunc(units.enabled ?? 0) }));
faults['only the first licence seen'] = factsChanged((facts) => ({ ...facts, licences: facts.licences.slice(0, 1) }));
faults['sums held in 32 bits'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  const { figures } = verdict;
  return figures === undefined
    ? verdict
    : {
        ...verdict,
        figures: { ...figures, available: figures.available | 0, balance: (figures.available | 0) - figures.required },
      };
};
faults['subscriptions not compared with units'] = licencesChanged((licence) => ({
  ...licence,
  seats: { ...licence.seats, paid: 0 },
}));
faults['trial seats forgotten in what it rests on'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return { ...verdict, restsOn: verdict.restsOn.filter((kind) => kind !== 'trial') };
};
faults['always named as resting on grace'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  const grace = (verdict.figures?.counted.grace ?? 0) > 0 && verdict.status === 'fully-licensed';
  return grace ? { ...verdict, restsOn: ['grace'] } : verdict;
};
faults['the end of grace seats lost'] = licencesChanged((licence) => ({
  ...licence,
  seats: { ...licence.seats, endsAt: undefined },
}));
faults['ended seats taken away by the clock'] = (facts, rule, asOf) =>
  evaluateProduct(
    {
      ...facts,
      licences: facts.licences.map((licence) =>
        (licence.seats?.endsAt ?? Infinity) <= asOf
          ? { ...licence, units: { ...licence.units, warning: 0 }, seats: {} }
          : licence,
      ),
    },
    rule,
    asOf,
  );
faults['balance of the wrong sign'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  return verdict.figures === undefined
    ? verdict
    : { ...verdict, figures: { ...verdict.figures, balance: verdict.figures.required - verdict.figures.available } };
};
faults['throws at unknown figures'] = (facts, rule, asOf) => {
  const verdict = evaluateProduct(facts, rule, asOf);
  if (verdict.cause !== undefined) throw new Error(verdict.cause.id);
  return verdict;
};
