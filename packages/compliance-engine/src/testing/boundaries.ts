import assert from 'node:assert/strict';
import type { Evaluate } from '../engine/evaluate.ts';
import { defaultEntitlementRule, type EntitlementRule, type ProductFacts, type UnitFacts } from '../engine/facts.ts';
import { int32Max, someInstant } from './generators.ts';
import type { Check } from './laws.ts';
import { aPortal } from './scenario.ts';

interface Row {
  readonly name: string;
  readonly facts: ProductFacts;
  readonly rule?: Partial<EntitlementRule>;
  /** What the verdict comes to, in one line: status, reason or cause, balance, rests on. */
  readonly is: string;
}

const end = Date.UTC(2026, 6, 1);
const five = aPortal().withSku('E3', { enabled: 5 });
const ofPersons = (count: number) => Array.from({ length: count }, (_, index) => `person ${index}`);

const ofUnits = (units: UnitFacts): ProductFacts => ({
  reasons: [],
  licences: [{ appliesTo: 'User', units }],
  consumers: 0,
  waiting: 0,
});

const rows: readonly Row[] = [
  { name: 'nothing at all', facts: aPortal().withSku('E3').facts(), is: 'clear 0' },
  { name: 'no licence linked', facts: { reasons: [], licences: [], consumers: 0, waiting: 0 }, is: 'clear 0' },
  {
    name: 'no licence linked, one consumer',
    facts: { reasons: [], licences: [], consumers: 1, waiting: 0 },
    is: 'not-enough -1',
  },
  { name: 'seats and nobody', facts: five.facts(), is: 'fully-licensed 5' },
  { name: 'one consumer less than seats', facts: five.assignedTo(...ofPersons(4)).facts(), is: 'fully-licensed 1' },
  { name: 'as many consumers as seats', facts: five.assignedTo(...ofPersons(5)).facts(), is: 'fully-licensed 0' },
  { name: 'one consumer more than seats', facts: five.assignedTo(...ofPersons(6)).facts(), is: 'not-enough -1' },
  {
    name: 'one person directly and by two groups is one consumer',
    facts: aPortal()
      .withSku('E3', { enabled: 1 })
      .assignedTo('ann')
      .assignedByGroup('sales', 'ann')
      .assignedByGroup('all', 'ann')
      .facts(),
    is: 'fully-licensed 0',
  },
  {
    name: 'only persons who wait, no seats',
    facts: aPortal().withSku('E3').waitingFor('ann', 'bob').facts(),
    is: 'clear 0',
  },
  {
    name: 'full, and one waits',
    facts: aPortal().withSku('E3', { enabled: 1 }).assignedTo('ann').waitingFor('bob').facts(),
    is: 'fully-licensed 0',
  },
  {
    name: 'grace only',
    facts: aPortal().withSku('E3').inGrace(2, end).assignedTo('ann').facts(),
    is: 'fully-licensed 1 on grace until 2026-07-01',
  },
  {
    name: 'grace only, not counted',
    facts: aPortal().withSku('E3').inGrace(2, end).assignedTo('ann').facts(),
    rule: { units: 'enabled' },
    is: 'not-enough -1',
  },
  {
    name: 'paid seats suffice beside grace',
    facts: aPortal().withSku('E3', { enabled: 1 }).inGrace(2, end).assignedTo('ann').facts(),
    is: 'fully-licensed 2',
  },
  {
    name: 'grace without a date',
    facts: aPortal().withSku('E3', { warning: 1 }).assignedTo('ann').facts(),
    is: 'fully-licensed 0 on grace',
  },
  {
    name: 'trial only',
    facts: aPortal().withSku('E3', { enabled: 25 }).onTrial(25, end).assignedTo('ann').facts(),
    is: 'fully-licensed 24 on trial until 2026-07-01',
  },
  {
    name: 'trial only, not counted',
    facts: aPortal().withSku('E3', { enabled: 25 }).onTrial(25, end).assignedTo('ann').facts(),
    rule: { trialSeats: false },
    is: 'not-enough -1',
  },
  {
    name: 'trial only, not counted, nobody',
    facts: aPortal().withSku('E3', { enabled: 25 }).onTrial(25, end).facts(),
    rule: { trialSeats: false },
    is: 'clear 0',
  },
  {
    name: 'grace and trial, each could go alone',
    facts: aPortal().withSku('E3', { enabled: 1 }).onTrial(1, end).inGrace(1, end).assignedTo('ann').facts(),
    is: 'fully-licensed 1 on grace, trial until 2026-07-01',
  },
  {
    name: 'grace of an ended trial is named once',
    facts: {
      reasons: [],
      licences: [{ appliesTo: 'User', units: { enabled: 3, warning: 2, consumed: 4 }, seats: { paid: 3, trial: 2 } }],
      consumers: 4,
      waiting: 0,
    },
    is: 'fully-licensed 1 on trial',
  },
  {
    name: 'suspended only',
    facts: aPortal().withSku('E3', { suspended: 5 }).assignedTo('ann').facts(),
    is: 'not-enough -1',
  },
  { name: 'suspended only, nobody', facts: aPortal().withSku('E3', { suspended: 5 }).facts(), is: 'clear 0' },
  {
    name: 'suspended, counted',
    facts: aPortal().withSku('E3', { suspended: 5 }).assignedTo('ann').facts(),
    rule: { units: 'enabled-warning-and-suspended' },
    is: 'fully-licensed 4 on suspended',
  },
  {
    name: 'locked out never counts',
    facts: aPortal().withSku('E3', { lockedOut: 5 }).assignedTo('ann').facts(),
    rule: { units: 'enabled-warning-and-suspended' },
    is: 'not-enough -1',
  },
  {
    name: 'Microsoft reports more consumed than enabled, we count fewer',
    facts: aPortal().withSku('E3', { enabled: 5, consumed: 7 }).assignedTo('ann').facts(),
    is: 'fully-licensed 4',
  },
  {
    name: 'company, covered',
    facts: aPortal().withSku('AAD', { enabled: 1 }).forTheCompany(1).facts(),
    is: 'fully-licensed 0',
  },
  {
    name: 'company, not covered',
    facts: aPortal().withSku('AAD', { enabled: 1 }).forTheCompany(2).facts(),
    is: 'not-enough -1',
  },
  { name: 'company, nothing', facts: aPortal().withSku('AAD').forTheCompany(0).facts(), is: 'clear 0' },
  {
    name: 'Int32 maximum of each unit',
    facts: aPortal()
      .withSku('E3', { enabled: int32Max, suspended: int32Max, lockedOut: int32Max })
      .inGrace(int32Max, end)
      .facts(),
    is: `fully-licensed ${2 * int32Max}`,
  },
  {
    name: 'figures too large to be exact',
    facts: aPortal().withSku('E3', { enabled: Number.MAX_SAFE_INTEGER, warning: 1 }).facts(),
    is: 'calculation-error overflow',
  },
  {
    name: 'negative units',
    facts: ofUnits({ enabled: -1 }),
    is: 'calculation-error negative-number',
  },
  {
    name: 'half a seat',
    facts: ofUnits({ enabled: 0.5 }),
    is: 'calculation-error not-a-whole-number',
  },
  {
    name: 'subscriptions name more seats than there are',
    facts: {
      reasons: [],
      licences: [{ appliesTo: 'User', units: { enabled: 5 }, seats: { paid: 6 } }],
      consumers: 0,
      waiting: 0,
    },
    is: 'calculation-error inconsistent-units',
  },
  {
    name: 'missing in the portal',
    facts: five.cannotBeSynchronised('missing-in-portal').facts(),
    is: 'cannot-be-synchronised missing-in-portal 5',
  },
  {
    name: 'every reason at once',
    facts: five.cannotBeSynchronised('missing-in-portal', 'excluded', 'portal-deleted').facts(),
    is: 'cannot-be-synchronised portal-deleted 5',
  },
  {
    name: 'excluded and missing',
    facts: five.cannotBeSynchronised('missing-in-portal', 'excluded').facts(),
    is: 'cannot-be-synchronised excluded 5',
  },
  {
    name: 'unsynchronised with broken figures',
    facts: aPortal().withSku('E3', { enabled: -1 }).cannotBeSynchronised('excluded').facts(),
    is: 'cannot-be-synchronised excluded negative-number',
  },
  {
    name: 'unsynchronised takes no part in not enough',
    facts: aPortal().withSku('E3').assignedTo('ann').cannotBeSynchronised('excluded').facts(),
    is: 'cannot-be-synchronised excluded -1',
  },
  {
    name: 'two licences of one product are one sum',
    facts: {
      reasons: [],
      licences: [
        { appliesTo: 'User', units: { enabled: 1, consumed: 1 } },
        { appliesTo: 'User', units: { enabled: 2, consumed: 2 } },
      ],
      consumers: 3,
      waiting: 0,
    },
    is: 'fully-licensed 0',
  },
];

const inOneLine = (evaluate: Evaluate, { facts, rule }: Row): string => {
  const verdict = evaluate(facts, { ...defaultEntitlementRule, ...rule }, someInstant);
  const { status, reason, cause, figures, restsOn, restsUntil } = verdict;
  return [
    status,
    reason,
    cause?.id,
    figures?.balance,
    restsOn.length > 0 ? `on ${restsOn.join(', ')}` : undefined,
    restsUntil === undefined ? undefined : `until ${new Date(restsUntil).toISOString().slice(0, 10)}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
};

/** Each row of the table as a check. */
export const boundaries: readonly Check[] = rows.map((row) => ({
  name: `${row.name} is ${row.is}`,
  check: (evaluate) => assert.equal(inOneLine(evaluate, row), row.is),
}));
