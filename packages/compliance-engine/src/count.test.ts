import { eachDatabase } from '@itsm-m365/database/testing';
import { assignments, countConsumers, licences } from '@itsm-m365/licence-catalog';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countHolders } from './count.ts';
import { evaluateProduct } from './engine/evaluate.ts';
import { defaultEntitlementRule } from './engine/facts.ts';
import { recalculate } from './testing/host.ts';
import { aPortal, type Scenario } from './testing/scenario.ts';
import { type ComplianceTest, guidOf, importPortal, openCompliance } from './testing/store.ts';
import { listCompliance } from './view/list.ts';

const people = fc.subarray(['ann', 'bob', 'cem', 'dana', 'eli']);
const sku = fc.record({
  enabled: fc.nat(4),
  grace: fc.nat(2),
  consumed: fc.nat(5),
  direct: people,
  sales: people,
  support: people,
  waiting: people,
  company: fc.boolean(),
});
const portal = fc.array(sku, { minLength: 1, maxLength: 4 });

const scenarioOf = (name: string, skus: typeof portal extends fc.Arbitrary<infer T> ? T : never): Scenario =>
  skus.reduce((scenario, one, index) => {
    const { enabled, consumed } = one;
    const next = scenario.withSku(`SKU${index}`, { enabled, consumed }).inGrace(one.grace);
    if (one.company) return next.forTheCompany(consumed);
    return next
      .assignedTo(...one.direct)
      .assignedByGroup('sales', ...one.sales)
      .assignedByGroup('support', ...one.support)
      .waitingFor(...one.waiting);
  }, aPortal(name));

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`counting consumers on ${engine.name}`, () => {
    let test: ComplianceTest;
    beforeAll(async () => {
      test = await openCompliance(engine);
    });
    afterAll(() => test.close());

    it('COMP-01: what is published equals what the engine says of the scenario, for any scenario', async () => {
      const scenarios = fc
        .sample(portal, { seed: 7, numRuns: 12 })
        .map((skus, index) => scenarioOf(`Portal ${index}`, skus));
      for (const scenario of scenarios) await importPortal(test, scenario);
      await recalculate(test);
      const { items } = await test.db.read((trx) =>
        listCompliance(trx, { kind: 'product', sort: 'name', descending: false, limit: 500 }),
      );
      const published = new Map(items.map((item) => [`${item.portal} ${item.partNumber}`, item]));
      let compared = 0;
      for (const scenario of scenarios) {
        for (const { name } of scenario.skus) {
          const { status, figures, restsOn } = evaluateProduct(
            scenario.facts(name),
            defaultEntitlementRule,
            test.clock.now(),
          );
          const { required, available, consumers, waiting, consumedReported } = figures ?? {};
          expect(published.get(`${guidOf(scenario.portal)} ${name}`), JSON.stringify(scenario.skus)).toMatchObject({
            ...{ status, restsOn, required, available, consumers, waiting, consumedReported },
          });
          compared++;
        }
      }
      expect(items.length).toBe(compared);
    });

    it('COMP-01: consumers are counted as the licence catalogue defines them', async () => {
      const { signal } = new AbortController();
      await test.db.read(async (trx) => {
        const numbers = (await trx.rows(licences)).map(({ number }) => number);
        const { each } = await countHolders(trx, assignments, numbers, { signal, counted: () => undefined });
        // Walks of one row have an end after each person, and in the midst of a person's paths.
        const short = { signal, counted: () => undefined, rowsPerWalk: 1 };
        const inParts = await countHolders(trx, assignments, numbers, short);
        for (const [number, { holders, waiting }] of await countConsumers(trx, numbers)) {
          expect(each.get(number) ?? { holders: 0, waiting: 0 }).toEqual({ holders, waiting });
          expect(inParts.each.get(number) ?? { holders: 0, waiting: 0 }).toEqual({ holders, waiting });
        }
      });
    });

    it('COMP-01: a person who holds two licences of one product is one consumer, and waits for neither', async () => {
      const scenario = aPortal('Two licences')
        .withSku('ONE', { enabled: 9 })
        .assignedTo('ann', 'bob')
        .waitingFor('cem', 'dana')
        .withSku('TWO', { enabled: 9 })
        .assignedTo('ann', 'cem');
      await importPortal(test, scenario);
      const held = await test.db.read(async (trx) => {
        const rows = await trx.rows(licences, (query) => query.where('portal', guidOf('Two licences')));
        const numbers = rows.map(({ number }) => number);
        const { signal } = new AbortController();
        const options = { signal, counted: () => undefined };
        const whole = await countHolders(trx, assignments, numbers, options);
        const inParts = await countHolders(trx, assignments, numbers, { ...options, rowsPerWalk: 2 });
        expect(await inParts.together(numbers)).toEqual(await whole.together(numbers));
        return whole.together(numbers);
      });
      expect(held).toEqual({ holders: 3, waiting: 1 });
    });
  });
}
