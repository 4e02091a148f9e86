import { eachDatabase } from '@itsm-m365/database/testing';
import { deleteUnsynced } from '@itsm-m365/licence-catalog';
import { openEnd } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubjectKind } from './engine/plan.ts';
import { recalculations, statusIntervals } from './tables.ts';
import { recalculate } from './testing/host.ts';
import { aPortal } from './testing/scenario.ts';
import { type ComplianceTest, deletePortal, importPortal, openCompliance, productId } from './testing/store.ts';
import { listCompliance } from './view/list.ts';

const view = async ({ db }: ComplianceTest, kind: SubjectKind = 'product') => {
  const { items } = await db.read((trx) =>
    listCompliance(trx, { kind, sort: 'partNumber', descending: false, limit: 100 }),
  );
  return items;
};

/** The view in lines: `E3 fully-licensed 1`. */
const lines = async (test: ComplianceTest, kind: SubjectKind = 'product'): Promise<string[]> =>
  (await view(test, kind)).map(({ partNumber, status, reason, balance }) =>
    [partNumber, status, reason, balance].filter((part) => part !== '').join(' '),
  );

const intervals = ({ db }: ComplianceTest) =>
  db.read((trx) => trx.rows(statusIntervals, (query) => query.orderBy(['subject', 'valid_from'])));

const five = aPortal().withSku('E3', { enabled: 5 });
const full = five.assignedTo('ann', 'bob', 'cem', 'dana', 'eli');

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`the recalculation on ${engine.name}`, () => {
    let test: ComplianceTest;
    beforeEach(async () => {
      test = await openCompliance(engine);
    });
    afterEach(() => test.close());

    it('COMP-01: the recalculation counts distinct persons and computes the status', async () => {
      const scenario = aPortal()
        .withSku('E3', { enabled: 2 })
        .assignedTo('ann', 'bob')
        .assignedByGroup('sales', 'ann')
        .waitingFor('cem')
        .withSku('E5', { enabled: 1 })
        .assignedTo('ann')
        .assignedByGroup('sales', 'bob')
        .waitingFor('ann')
        .withSku('F1')
        .withSku('TENANT', { enabled: 1 })
        .forTheCompany(2);
      await importPortal(test, scenario);
      await recalculate(test);
      expect(await lines(test)).toEqual([
        'E3 fully-licensed 0',
        'E5 not-enough -1',
        'F1 clear 0',
        'TENANT not-enough -1',
      ]);
      const items = await view(test);
      expect(items.map(({ consumers, waiting }) => [consumers, waiting])).toEqual([
        [2, 1],
        [2, 0],
        [0, 0],
        [0, 0],
      ]);
    });

    it('COMP-05: the recalculation reports its progress while it runs', async () => {
      await importPortal(test, full);
      const { phases } = await recalculate(test);
      expect([...new Set(phases)]).toEqual(['Counting consumers', 'Computing statuses', 'Publishing statuses']);
    });

    it('COMP-06: products that are there already are checked again and adjusted', async () => {
      await importPortal(test, full);
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 fully-licensed 0']);
      await importPortal(test, full.assignedTo('fay'));
      const { counts } = await recalculate(test);
      expect(await lines(test)).toEqual(['E3 not-enough -1']);
      expect(counts).toMatchObject({ products: 1, licences: 1, 'changed-to-not-enough': 1, worse: 1, changed: 2 });
    });

    it('COMP-07: between import and recalculation the view shows the old status with the old figures', async () => {
      await importPortal(test, full);
      expect(await lines(test)).toEqual([]);
      await recalculate(test);
      const before = await view(test);
      await importPortal(test, full.assignedTo('fay').cannotBeSynchronised('excluded'));
      expect(await view(test)).toEqual(before);
      await recalculate(test);
      expect(await view(test)).not.toEqual(before);
    });

    it('COMP-08: what an import cannot update any more gets its status and keeps its figures', async () => {
      await importPortal(test, full);
      await recalculate(test);
      await importPortal(test, full.cannotBeSynchronised('missing-in-portal'));
      const { counts } = await recalculate(test);
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised missing-in-portal 0']);
      expect((await view(test))[0]).toMatchObject({ enabled: 5, consumers: 5 });
      expect(counts).toMatchObject({ 'unsynced-missing-in-portal': 1, 'status-cannot-be-synchronised': 1 });
    });

    it('COMP-09: the status stands at the product and at its licence', async () => {
      await importPortal(test, full.cannotBeSynchronised());
      await importPortal(test, full.cannotBeSynchronised('excluded'));
      await recalculate(test);
      expect(await lines(test, 'product')).toEqual(['E3 cannot-be-synchronised excluded 0']);
      expect(await lines(test, 'licence')).toEqual(['E3 cannot-be-synchronised excluded 0']);
    });

    it('COMP-10: an item names one reason, the strongest of several', async () => {
      await importPortal(test, full);
      await importPortal(test, full.cannotBeSynchronised('excluded', 'missing-in-portal'));
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised excluded 0']);
      await deletePortal(test, 'Contoso');
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised portal-deleted 0']);
    });

    it('COMP-11: a SKU that no longer exists in the portal is the first reason', async () => {
      await importPortal(test, full.withSku('E5', { enabled: 1 }));
      await importPortal(test, full.withSku('E5', { enabled: 1 }).cannotBeSynchronised('missing-in-portal'));
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 fully-licensed 0', 'E5 cannot-be-synchronised missing-in-portal 1']);
    });

    it('COMP-12: a SKU that was excluded afterwards is the second reason', async () => {
      await importPortal(test, full);
      await importPortal(test, full.cannotBeSynchronised('excluded'));
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised excluded 0']);
    });

    it('M365-29: after the exclusion is removed, import and recalculation show the right status again', async () => {
      await importPortal(test, full);
      await importPortal(test, full.cannotBeSynchronised('excluded'));
      await recalculate(test);
      await importPortal(test, full.assignedTo('fay'));
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised excluded 0']);
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 not-enough -1']);
    });

    it('COMP-13: a portal deleted in the settings is the third reason, for its own products only', async () => {
      await importPortal(test, full);
      await importPortal(test, aPortal('Fabrikam').withSku('E5', { enabled: 1 }).assignedTo('gus'));
      await deletePortal(test, 'Contoso');
      await recalculate(test);
      expect(await lines(test)).toEqual(['E3 cannot-be-synchronised portal-deleted 0', 'E5 fully-licensed 0']);
    });

    it('COMP-14: several items that cannot be synchronised are deleted at once and leave the view', async () => {
      const two = full.withSku('E5', { enabled: 1 });
      await importPortal(test, two.withSku('F1', { enabled: 1 }));
      await deletePortal(test, 'Contoso');
      await recalculate(test);
      const ids = [await productId(test, 'E3'), await productId(test, 'E5')];
      test.clock.advance(1000);
      await test.db.write((trx) => deleteUnsynced(trx, ids, test.clock.now(), 'eve'));
      expect(await lines(test)).toEqual(['F1 cannot-be-synchronised portal-deleted 1']);
      const { counts } = await recalculate(test);
      expect(counts).toMatchObject({ ended: 4, changed: 0, unchanged: 2 });
      const left = (await intervals(test)).filter(({ subject }) => ids.includes(subject));
      expect(left.map(({ valid_to }) => valid_to === openEnd)).toEqual([false, false]);
    });

    it('COMP-06: a recalculation that finds nothing new adds no row of status, and is itself recorded', async () => {
      await importPortal(test, full);
      await recalculate(test);
      const before = await intervals(test);
      const { counts, notices } = await recalculate(test);
      expect(await intervals(test)).toEqual(before);
      expect(counts).toMatchObject({ changed: 0, unchanged: 2, worse: 0 });
      expect(notices).toEqual([]);
      const recorded = await test.db.read((trx) => trx.rows(recalculations));
      expect(recorded.map(({ number }) => number)).toEqual([1, 2]);
    });

    it('COMP-06: intervals of one item follow each other without gap or overlap, also when the clock was set back', async () => {
      await importPortal(test, full);
      await recalculate(test);
      await importPortal(test, full.assignedTo('fay'));
      test.clock.advance(-3_600_000 * 24);
      await recalculate(test);
      const product = await productId(test, 'E3');
      const [first, second] = (await intervals(test)).filter(({ subject }) => subject === product);
      expect(first?.valid_to).toBe(second?.valid_from);
      expect(second?.valid_from).toBeGreaterThan(first?.valid_from ?? Infinity);
      expect(second?.valid_to).toBe(openEnd);
    });

    it('COMP-06: the fence is the first statement, and a node that lost its lease publishes nothing', async () => {
      await importPortal(test, full);
      const lost = new Error('LEASE_LOST');
      const attempt = recalculate(test, {
        fence: async () => {
          throw lost;
        },
      });
      await expect(attempt).rejects.toBe(lost);
      expect(await intervals(test)).toEqual([]);
    });

    it('COMP-06: a cancelled recalculation publishes nothing', async () => {
      await importPortal(test, full);
      const cancelled = new Error('cancelled');
      await expect(recalculate(test, { signal: AbortSignal.abort(cancelled) })).rejects.toBe(cancelled);
      expect(await intervals(test)).toEqual([]);
    });

    it('COMP-06: a status that turned worse is told once, in both languages', async () => {
      await importPortal(test, full);
      await recalculate(test);
      await importPortal(test, full.assignedTo('fay'));
      const { notices, told } = await recalculate(test);
      expect(notices.map(({ code, message }) => [code, message.en, message.de])).toEqual([
        [
          'COMPLIANCE_TURNED_WORSE',
          expect.stringMatching(/E3: the status changed from "Fully licensed" to "Not enough licenses assigned"/),
          expect.stringMatching(/E3: Der Status hat sich von „Vollständig lizenziert“ zu „Nicht genügend/),
        ],
      ]);
      expect(told.map(({ notice }) => notice)).toEqual(notices);
      expect((await recalculate(test)).told).toEqual([]);
      await importPortal(test, five.assignedTo('ann'));
      expect((await recalculate(test)).told).toEqual([]);
    });

    it('COMP-13: a deleted portal with many products is told in a few messages', async () => {
      const many = Array.from({ length: 25 }, (_, index) => `SKU${index}`);
      const portal = many.reduce((scenario, name) => scenario.withSku(name, { enabled: 1 }), aPortal());
      await importPortal(test, portal);
      await recalculate(test);
      await deletePortal(test, 'Contoso');
      const { notices, told } = await recalculate(test);
      expect(notices.length).toBe(25);
      expect(told.map(({ notice }) => notice.code).slice(-2)).toEqual([
        'COMPLIANCE_TURNED_WORSE',
        'COMPLIANCE_MORE_NOTICES',
      ]);
      expect(told.at(-1)?.notice.message.en).toMatch(/^5 more notices/);
    });

    it('COMP-01: figures that contradict each other are a calculation error with its cause', async () => {
      const broken = aPortal().withSku('E3', { enabled: 1 }).onTrial(3);
      const facts = { ...broken, skus: broken.skus.map((sku) => ({ ...sku, seats: { paid: 1, trial: 2 } })) };
      await importPortal(test, facts);
      const { notices, outcome } = await recalculate(test);
      expect(await lines(test)).toEqual(['E3 calculation-error ']);
      expect(outcome).toBeUndefined();
      expect(notices.find(({ code }) => code === 'COMPLIANCE_CALCULATION_ERROR')?.message.de).toMatch(
        /Die Abonnements nennen mehr Plätze/,
      );
    });

    it('COMP-01: fully licensed on grace or trial seats says so, with the date when they end', async () => {
      const end = Date.UTC(2026, 2, 1);
      await importPortal(
        test,
        aPortal()
          .withSku('E3')
          .inGrace(1, end)
          .assignedTo('ann')
          .withSku('E5', { enabled: 1 })
          .onTrial(1, end)
          .assignedTo('ann'),
      );
      await recalculate(test);
      expect((await view(test)).map(({ status, restsOn, restsUntil }) => [status, restsOn, restsUntil])).toEqual([
        ['fully-licensed', ['grace'], end],
        ['fully-licensed', ['trial'], end],
      ]);
      await recalculate(test, { settings: { units: 'enabled', trialSeats: false } });
      expect(await lines(test)).toEqual(['E3 not-enough -1', 'E5 not-enough -1']);
    });

    it('COMP-06: a recalculation keeps the times of its inputs and says where they are old', async () => {
      await importPortal(test, full);
      const imported = test.clock.now();
      test.clock.advance(3_600_000 * 30);
      const { notices } = await recalculate(test);
      expect(notices.map(({ code, message }) => [code, message.en])).toEqual([
        ['COMPLIANCE_DATA_OLD', expect.stringMatching(/portal Contoso are as of 2026-01-15T08:01:00.000Z/)],
      ]);
      const [recorded] = await test.db.read((trx) => trx.rows(recalculations));
      expect(recorded?.inputs).toEqual([{ portal: expect.any(String), dataAsOf: imported }]);
      expect((await intervals(test))[0]?.data_as_of).toBe(imported);
      const again = await recalculate(test, { settings: { staleAfterHours: 100 } });
      expect(again.notices).toEqual([]);
    });
  });
}
