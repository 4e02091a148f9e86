import { eachDatabase } from '@itsm-m365/database/testing';
import type { Route, Scope } from '@itsm-m365/plugin-api';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusIds } from './engine/statuses.ts';
import { readPermission } from './permissions.ts';
import { complianceEnginePlugin } from './plugin.ts';
import { detailRoute, historyRoute, listRoute, statusesRoute, summaryRoute } from './routes/view-routes.ts';
import { recalculate, requestBy, servicesOf } from './testing/host.ts';
import { aPortal } from './testing/scenario.ts';
import { type ComplianceTest, guidOf, importPortal, openCompliance, productId } from './testing/store.ts';
import { sortColumns } from './view/columns.ts';

const contoso = aPortal('Contoso')
  .withSku('E1', { enabled: 9 })
  .assignedTo('ann')
  .withSku('E3', { enabled: 2 })
  .assignedTo('ann', 'bob', 'cem')
  .withSku('E5')
  .withSku('F1', { enabled: 4, consumed: 3 })
  .assignedTo('dana')
  .waitingFor('eli');
const fabrikam = aPortal('Fabrikam').withSku('E3', { enabled: 1 }).assignedTo('gus').withSku('100%_ÜBER').inGrace(1);

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`the routes on ${engine.name}`, () => {
    let test: ComplianceTest;
    const all = [{ permission: readPermission }];
    const only = (portal: string): { permission: typeof readPermission; scope: Scope }[] => [
      { permission: readPermission, scope: { type: 'portal', id: guidOf(portal) } },
    ];

    beforeAll(async () => {
      test = await openCompliance(engine);
      await importPortal(test, contoso);
      await importPortal(test, fabrikam);
      await recalculate(test);
    });
    afterAll(() => test.close());

    /** Calls a route and holds its answer against the schema that the app would serialise by. */
    const call = async <R extends Pick<Route, 'response'>, A>(route: R, answer: Promise<A>): Promise<A> => {
      const value = await answer;
      expect([...Value.Errors(route.response, value)]).toEqual([]);
      return value;
    };
    const list = (query: object, grants = all) =>
      call(listRoute, listRoute.handle(requestBy(grants, { query }) as never, servicesOf(test)));
    const names = async (query: object, grants?: typeof all) =>
      (await list(query, grants)).items.map(({ partNumber, portal }) =>
        portal === guidOf('Contoso') ? partNumber : `${partNumber} of Fabrikam`,
      );

    it('COMP-06: the view shows status, figures, reason and the times of its data', async () => {
      const { items } = await list({ text: 'F1' });
      expect(items).toMatchObject([
        {
          kind: 'product',
          partNumber: 'F1',
          portalName: 'Contoso',
          folderName: 'Contoso',
          status: 'fully-licensed',
          statusTitle: { en: 'Fully licensed', de: 'Vollständig lizenziert' },
          enabled: 4,
          warning: 0,
          suspended: 0,
          consumedReported: 3,
          consumers: 1,
          difference: 2,
          waiting: 1,
          required: 1,
          available: 4,
          balance: 3,
          unused: 3,
          overAssigned: 0,
          dataAsOf: expect.any(Number),
          recalculatedAt: test.clock.now(),
        },
      ]);
    });

    it('COMP-06: the view is filtered by status, portal, folder and text', async () => {
      expect(await names({ status: 'not-enough' })).toEqual(['E3']);
      expect(await names({ portal: guidOf('Fabrikam').toUpperCase(), sort: 'partNumber' })).toEqual([
        '100%_ÜBER of Fabrikam',
        'E3 of Fabrikam',
      ]);
      const [item] = (await list({ text: 'E5' })).items;
      expect((await names({ folder: item?.folder })).toSorted()).toEqual(['E1', 'E3', 'E5', 'F1']);
      expect(await names({ text: 'e3', sort: 'balance' })).toEqual(['E3', 'E3 of Fabrikam']);
      // Not as the first sign: Babelfish finds nothing where an escaped sign follows the leading %.
      expect(await names({ text: '0%_' })).toEqual(['100%_ÜBER of Fabrikam']);
      expect(await names({ text: 'Über' })).toEqual(['100%_ÜBER of Fabrikam']);
      for (const text of ['0_', '0%Ü']) expect(await names({ text })).toEqual([]);
      expect(await names({ text: guidOf('E1') })).toEqual(['E1']);
    });

    it('COMP-09: the view lists licences in the same way as products', async () => {
      const { items } = await list({ kind: 'licence', status: 'not-enough' });
      expect(items).toMatchObject([{ kind: 'licence', partNumber: 'E3', folderName: 'Contoso', balance: -1 }]);
    });

    it.each([...sortColumns])('COMP-06: the view is sorted by %s in pages, each item once', async (sort) => {
      for (const direction of ['asc', 'desc']) {
        const whole = await list({ sort, direction });
        expect(whole.next).toBeUndefined();
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await list({ sort, direction, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== undefined);
        expect(seen).toEqual(whole.items.map(({ id }) => id));
        expect(new Set(seen).size).toBe(6);
      }
    });

    it('COMP-06: sorting by status puts the worst last', async () => {
      expect((await names({ sort: 'status' })).at(-1)).toBe('E3');
    });

    it('COMP-06: a mark of another list is refused', async () => {
      const { next } = await list({ sort: 'balance', limit: 1 });
      for (const cursor of [next, 'x', 'W10', Buffer.from('["name",false,{},"x"]').toString('base64url')]) {
        await expect(list({ sort: 'name', cursor })).rejects.toMatchObject({
          code: 'COMPLIANCE_CURSOR_INVALID',
          status: 400,
        });
      }
    });

    it('COMP-06: who may see one portal sees no other, in list, figures, detail and history', async () => {
      expect((await names({ sort: 'partNumber' }, only('Fabrikam'))).length).toBe(2);
      expect(await names({}, [])).toEqual([]);
      const summary = await summaryRoute.handle(requestBy(only('Fabrikam')) as never, servicesOf(test));
      expect(summary.statuses.reduce((sum, { products }) => sum + products, 0)).toBe(2);
      expect(summary.last?.inputs.map(({ portal }) => portal)).toEqual([guidOf('Fabrikam')]);
      const request = requestBy(only('Fabrikam'), { params: { id: await productId(test, 'E3') } }) as never;
      await expect(detailRoute.handle(request, servicesOf(test))).rejects.toMatchObject({ status: 403 });
      await expect(historyRoute.handle(request, servicesOf(test))).rejects.toMatchObject({ status: 403 });
    });

    it('COMP-06: a product is shown with the sum in words, the remedy and its licence', async () => {
      const request = requestBy(all, { params: { id: (await productId(test, 'E3')).toUpperCase() } }) as never;
      const detail = await call(detailRoute, detailRoute.handle(request, servicesOf(test)));
      expect(detail.explanation.map(({ text }) => text.de)).toEqual([
        '2 Plätze sind aktiviert.',
        'Verfügbar: 2 = 2.',
        'Benötigt: 3 verschiedene Personen haben die Lizenz.',
        'Bilanz: 2 verfügbar − 3 benötigt = -1.',
      ]);
      expect(detail.remedies[0]?.en).toMatch(/Buy seats/);
      expect(detail.linked).toMatchObject([{ kind: 'licence', partNumber: 'E3', status: 'not-enough' }]);
    });

    it('M365-38: from a licence the linked product is read', async () => {
      const [licence] = (await list({ kind: 'licence', text: 'E1' })).items;
      const request = requestBy(all, { params: { id: licence?.id } }) as never;
      const detail = await detailRoute.handle(request, servicesOf(test));
      expect(detail.linked).toMatchObject([{ kind: 'product', id: await productId(test, 'E1') }]);
    });

    it('COMP-06: what is unknown answers 404', async () => {
      const request = requestBy(all, { params: { id: guidOf('nothing') } }) as never;
      await expect(detailRoute.handle(request, servicesOf(test))).rejects.toMatchObject({ status: 404 });
      await expect(historyRoute.handle(request, servicesOf(test))).rejects.toMatchObject({ status: 404 });
    });

    it('COMP-06: the history tells what changed from what to what, when, by which run and who started it', async () => {
      const other = await openCompliance(engine);
      try {
        const portal = aPortal().withSku('E3', { enabled: 1 }).assignedTo('ann');
        await importPortal(other, portal);
        await recalculate(other);
        await importPortal(other, portal.assignedTo('bob'));
        await recalculate(other, { actor: { id: 'fay', name: 'Fay' } });
        await importPortal(other, portal.cannotBeSynchronised('excluded'));
        await recalculate(other);
        const id = await productId(other, 'E3');
        const ask = (query: object) =>
          call(
            historyRoute,
            historyRoute.handle(requestBy(all, { params: { id }, query }) as never, servicesOf(other)),
          );
        const { entries } = await ask({});
        expect(entries.map(({ from, to, actor, trigger }) => [from, to, actor, trigger])).toEqual([
          ['not-enough', 'cannot-be-synchronised', 'eve', 'manual'],
          ['fully-licensed', 'not-enough', 'fay', 'manual'],
          ['', 'fully-licensed', 'eve', 'manual'],
        ]);
        expect(new Set(entries.map(({ run }) => run)).size).toBe(3);
        const first = await ask({ limit: 2 });
        const second = await ask({ limit: 2, before: first.next });
        expect([...first.entries, ...second.entries]).toEqual(entries);
        expect(second.next).toBeUndefined();
      } finally {
        await other.close();
      }
    });

    it('COMP-06: the summary counts products per status, seats unused and missing', async () => {
      const summary = await call(summaryRoute, summaryRoute.handle(requestBy(all) as never, servicesOf(test)));
      expect(Object.fromEntries(summary.statuses.map(({ status, products }) => [status, products]))).toEqual({
        'fully-licensed': 4,
        'not-enough': 1,
        clear: 1,
        'calculation-error': 0,
        'cannot-be-synchronised': 0,
      });
      expect(summary).toMatchObject({ unused: 12, overAssigned: 1, waiting: 1, last: { counts: { products: 6 } } });
    });

    it('COMP-06: the metrics hold the products per status', async () => {
      const [gauge] = complianceEnginePlugin.gauges ?? [];
      const values = await gauge?.read(servicesOf(test));
      expect(values).toContainEqual({ labels: { status: 'fully-licensed' }, value: 4 });
    });

    it('COMP-08: each status has an icon of its own', async () => {
      const { statuses } = await statusesRoute.handle(requestBy(all) as never, servicesOf(test));
      expect(new Set(statuses.map(({ icon }) => icon)).size).toBe(statuses.length);
    });

    it('COMP-15: every status is explained under its documented name, in English and German', async () => {
      const { statuses } = await call(statusesRoute, statusesRoute.handle(requestBy(all) as never, servicesOf(test)));
      expect(statuses.map(({ id }) => id)).toEqual([...statusIds]);
      expect(statuses.map(({ title }) => title.en)).toEqual([
        'Fully licensed',
        'Not enough licenses assigned',
        'Clear',
        'A calculation error has occurred',
        'Product cannot be synchronised',
        'Licensed for concurrent use',
        'License does not have enough base licenses',
        'Can use right to new version',
      ]);
      expect(statuses[4]?.title.de).toBe('Produkt kann nicht synchronisiert werden');
      for (const { explanation } of statuses)
        expect([explanation.en, explanation.de].join()).toMatch(/\w{3}.*,.*\w{3}/);
    });

    it('COMP-12: each of the three reasons names its ways out, the exclusion both', async () => {
      const { reasons } = await statusesRoute.handle(requestBy(all) as never, servicesOf(test));
      expect(reasons.map(({ id, remedies }) => [id, remedies.length])).toEqual([
        ['portal-deleted', 1],
        ['excluded', 2],
        ['missing-in-portal', 1],
      ]);
    });
  });
}
