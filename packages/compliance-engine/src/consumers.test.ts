import { eachDatabase } from '@itsm-m365/database/testing';
import { seePersonsPermission } from '@itsm-m365/licence-catalog';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPermission } from './permissions.ts';
import { consumersRoute } from './routes/consumers-route.ts';
import { recalculate, requestBy, servicesOf } from './testing/host.ts';
import { aPortal } from './testing/scenario.ts';
import { type ComplianceTest, guidOf, importPortal, openCompliance, productId } from './testing/store.ts';

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`the consumers of a product on ${engine.name}`, () => {
    let test: ComplianceTest;
    let id = '';
    beforeAll(async () => {
      test = await openCompliance(engine);
      await importPortal(
        test,
        aPortal()
          .withSku('E3', { enabled: 3 })
          .assignedTo('ann', 'bob')
          .assignedByGroup('sales', 'ann')
          .waitingFor('cem')
          .withSku('E5', { enabled: 1 })
          .assignedTo('dana'),
      );
      await recalculate(test);
      id = await productId(test, 'E3');
    });
    afterAll(() => test.close());

    const persons = { permission: seePersonsPermission };
    const ask = async (query: object, grants: { permission: typeof readPermission }[]) => {
      const audited: string[] = [];
      const request = requestBy(grants, { params: { id }, query });
      const audit = async ({ action }: { action: string }) => {
        audited.push(action);
      };
      const answer = await consumersRoute.handle({ ...request, audit } as never, servicesOf(test));
      expect([...Value.Errors(consumersRoute.response, answer)]).toEqual([]);
      return { ...answer, audited };
    };
    const both = [{ permission: readPermission }, persons];

    it('M365-36: the persons behind the figures are named with their paths, to those who may see persons', async () => {
      const { persons: found, licences, audited } = await ask({}, both);
      expect(found.map(({ displayName, paths }) => [displayName, paths.map(({ path }) => path)]).toSorted()).toEqual([
        ['ann', ['', guidOf('sales')]],
        ['bob', ['']],
      ]);
      expect(licences).toMatchObject([{ holders: 2, waiting: 1 }]);
      expect(audited).toEqual(['compliance-engine.consumers-seen']);
    });

    it('COMP-01: who waits for a seat is listed apart', async () => {
      const { persons: found } = await ask({ who: 'waiting' }, both);
      expect(found.map(({ displayName, paths }) => [displayName, paths[0]?.error])).toEqual([
        ['cem', 'CountViolation'],
      ]);
    });

    it('COMP-01: without the right to see persons there are counts and nobody is named', async () => {
      const answer = await ask({}, [{ permission: readPermission }]);
      expect(answer).toMatchObject({
        personsHidden: true,
        persons: [],
        licences: [{ holders: 2, waiting: 1 }],
        audited: [],
      });
      expect(JSON.stringify(answer)).not.toMatch(/ann|bob/);
    });

    it('COMP-01: consumers are read in pages, each person once', async () => {
      const first = await ask({ limit: 1 }, both);
      const second = await ask({ limit: 1, ...first.next }, both);
      expect([...first.persons, ...second.persons].map(({ displayName }) => displayName).toSorted()).toEqual([
        'ann',
        'bob',
      ]);
    });
  });
}
