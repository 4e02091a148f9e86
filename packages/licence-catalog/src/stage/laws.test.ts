import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { openEnd } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StagedAssignment, StagedPerson } from '../model.ts';
import { assignments, contacts, personFacts } from '../tables.ts';
import { openCatalogue, seededRandom } from '../testing/catalogue.ts';
import { type Listing, NaiveHistory } from '../testing/naive-history.ts';
import { aPerson, someFacts } from '../testing/persons.ts';
import { createStage } from './stage.ts';

const groups = ['', 'aaaaaaaa-0000-4000-8000-000000000001', 'unknown'];

interface Step {
  readonly portal: 0 | 1;
  readonly mode: 'full' | 'changes';
  /** 0: the same millisecond as before; below: a clock that went back. */
  readonly passes: number;
  readonly persons: readonly StagedPerson[];
  readonly pageSize: number;
}

/** Mostly the plain case, so that a listing often equals the one before but for one thing. */
const outcome = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ holds: true, state: 'Active', error: '' }) },
  { weight: 1, arbitrary: fc.constant({ holds: false, state: 'Error', error: 'CountViolation' }) },
  { weight: 1, arbitrary: fc.constant({ holds: true, state: 'ActiveWithError', error: '' }) },
  { weight: 1, arbitrary: fc.constant({ holds: true, state: 'Active', error: 'Other' }) },
);

const places = [0, 1, 2].flatMap((licence) => groups.map((path) => ({ licence, path })));

/** Every licence by every path, each there or not: dense, so that listings overlap. */
const ownAssignments: fc.Arbitrary<readonly StagedAssignment[]> = fc
  .tuple(...places.map(() => fc.option(outcome, { nil: undefined, freq: 2 })))
  .map((outcomes) =>
    places.flatMap((place, index) => {
      const values = outcomes[index];
      return values === undefined ? [] : [{ ...place, ...values }];
    }),
  );

const person: fc.Arbitrary<StagedPerson> = fc
  .record({
    number: fc.integer({ min: 1, max: 4 }),
    removed: fc.boolean(),
    department: fc.constantFrom('Sales', 'sales', 'IT'),
    assignments: fc.oneof({ weight: 4, arbitrary: ownAssignments }, { weight: 1, arbitrary: fc.constant([]) }),
  })
  .map(({ number, removed, department, assignments }) =>
    aPerson(number, assignments, { removed: removed && number === 2, facts: { ...someFacts, department } }),
  );

const step: fc.Arbitrary<Step> = fc.record({
  portal: fc.constantFrom(0, 1),
  mode: fc.constantFrom('full', 'changes'),
  passes: fc.constantFrom(0, 1, 1000, -500),
  persons: fc.array(person, { maxLength: 7, size: 'medium' }),
  pageSize: fc.integer({ min: 1, max: 4 }),
});

describe.each(eachDatabase())('history on $name', (engine) => {
  let test: TestDatabase;
  let universe = 0;
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  /** Licences 0 and 1 belong to portal 0, licence 2 to portal 1; a universe of its own for each example. */
  const open = () => {
    universe += 1;
    const number = universe;
    const tenant = `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const licence = (local: number): number => number * 10 + local;
    const own = (portal: 0 | 1): number[] => (portal === 0 ? [licence(0), licence(1)] : [licence(2)]);
    const random = seededRandom(number);
    const publish = async (ticket: string, { portal, mode, persons, pageSize }: Step, at: number) => {
      const translated = persons.map((entry) => ({
        ...entry,
        assignments: entry.assignments.map((one) => ({ ...one, licence: licence(one.licence) })),
      }));
      const options = { portal: `${portal}-${number}`, tenant, ticket, mode, licences: own(portal), random };
      const stage = createStage(test.db, options);
      for (let from = 0; from < translated.length; from += pageSize)
        await stage.add(translated.slice(from, from + pageSize));
      const comparison = await stage.compare();
      const counts = await test.db.write((trx) => stage.publish(trx, at));
      await stage.clear();
      const listing: Listing = { mode, licences: own(portal), persons: translated, at };
      return { listing, comparison, counts };
    };
    return { tenant, publish, licences: [...own(0), ...own(1)] };
  };

  const stored = async (tenant: string, licences: readonly number[]) =>
    test.db.read(async (trx) => {
      const people = await trx.rows(contacts, (query) => query.where({ tenant }));
      const idOf = new Map(people.map((row) => [row.person, row.object_id]));
      const keys = people.map((row) => row.person);
      const rows = await trx.rows(assignments, (query) => query.whereIn('licence', [...licences]));
      const facts = await trx.rows(personFacts, (query) => query.whereIn('person', keys));
      return {
        contacts: [...idOf.values()].sort(),
        assignments: rows.map((row) => ({
          key: `${row.licence}|${idOf.get(row.person)}|${row.path}`,
          from: row.valid_from,
          to: row.valid_to,
          value: `${row.holds}|${row.state}|${row.error}`,
        })),
        facts: facts.map((row) => ({
          key: idOf.get(row.person) ?? '',
          from: row.valid_from,
          to: row.valid_to,
          value: row.department,
        })),
      };
    });

  const byKey = (a: { key: string; from: number }, b: { key: string; from: number }): number =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : a.from - b.from;

  const runs = { numRuns: engine.name === 'SQLite' ? 60 : 8, endOnFailure: false };

  it.skipIf(engine.skipped)('is, after any listings, what the naive history says', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const { tenant, publish, licences } = open();
        const naive = new NaiveHistory();
        let clock = 1_000_000;
        let latest = 0;
        for (const [index, one] of steps.entries()) {
          clock += one.passes;
          const { listing } = await publish(String(index), one, clock);
          latest = Math.max(latest, clock);
          naive.publish({ ...listing, at: latest });
        }
        const real = await stored(tenant, licences);
        expect(real.contacts).toEqual([...naive.contacts].sort());
        expect(real.assignments.sort(byKey)).toEqual([...naive.assignments].sort(byKey));
        expect(real.facts.sort(byKey)).toEqual([...naive.facts].sort(byKey));
        for (const { from, to } of [...real.assignments, ...real.facts]) expect(from).toBeLessThan(to);
      }),
      runs,
    );
  });

  it.skipIf(engine.skipped)(
    'gets no row from an unchanged listing, in any order of pages and with any repeats',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(step, fc.nat(), async (one, turn) => {
          const { tenant, publish, licences } = open();
          const full: Step = { ...one, mode: 'full' };
          await publish('first', full, 1_000_000);
          const before = await stored(tenant, licences);
          const last = [...new Map(full.persons.map((entry) => [entry.objectId, entry])).values()];
          const rotated = last.map((_, index) => last[(index + turn) % last.length] ?? aPerson(1, []));
          const again = await publish('again', { ...full, persons: [...rotated, ...rotated] }, 2_000_000);
          expect(again.comparison).toMatchObject({ opened: 0, changed: 0, ended: 0 });
          expect(Object.values(again.counts)).toEqual(Object.values(again.counts).map(() => 0));
          expect(await stored(tenant, licences)).toEqual(before);
        }),
        runs,
      );
    },
  );

  it.skipIf(engine.skipped)('is compared beforehand by pairs that hold', { timeout: 120_000 }, async () => {
    const holds = (naive: NaiveHistory, licences: readonly number[]): Set<string> =>
      new Set(
        naive.assignments
          .filter(
            ({ to, value, key }) =>
              to === openEnd && value.startsWith('true') && licences.includes(Number(key.split('|')[0])),
          )
          .map(({ key }) => key.split('|').slice(0, 2).join('|')),
      );
    await fc.assert(
      fc.asyncProperty(step, step, async (first, second) => {
        const { publish } = open();
        const naive = new NaiveHistory();
        naive.publish((await publish('first', { ...first, portal: 0 }, 1_000)).listing);
        const { listing, comparison } = await publish('second', { ...second, portal: 0 }, 2_000);
        const before = holds(naive, listing.licences);
        naive.publish(listing);
        const after = holds(naive, listing.licences);
        expect(comparison).toMatchObject({
          before: before.size,
          opened: [...after].filter((pair) => !before.has(pair)).length,
          ended: [...before].filter((pair) => !after.has(pair)).length,
        });
      }),
      runs,
    );
  });
});
