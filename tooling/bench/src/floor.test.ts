import { openDatabase } from '@itsm-m365/database';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { assignments, contacts, personFacts, positions } from '@itsm-m365/licence-catalog';
import { startSimulator } from '@itsm-m365/microsoft-simulator';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareFloor } from './floor.ts';
import { prepareImport } from './product-import.ts';
import { prepareRival } from './rival.ts';
import type { Place, Prepared } from './roles.ts';
import { prepareStore } from './store.ts';
import { systemClock } from './surroundings.ts';
import { watchProcess } from './watch.ts';

const run = async (prepared: Prepared) => {
  const watch = watchProcess();
  await prepared.work(watch);
  const rows = await prepared.rows?.();
  await prepared.close();
  return { rows, seen: await watch.stop() };
};

/** Everything that does not depend on a random key or on the clock. */
const contentOf = async (store: DatabaseConnection): Promise<object> => {
  const db = await openDatabase(store, { clock: systemClock });
  const content = await db.read(async (trx) => {
    const people = await trx.rows(contacts);
    const objectId = new Map(people.map((row) => [row.person, row.object_id]));
    const held = await trx.rows(assignments);
    const count = (licence: number, holds: boolean) =>
      held.filter((row) => row.licence === licence && row.holds === holds).length;
    return {
      contacts: people.map(({ person, fingerprint, created_at, changed_at, ...row }) => row),
      facts: (await trx.rows(personFacts)).map(({ person, valid_from, fingerprint, ...row }) => ({
        person: objectId.get(person),
        ...row,
      })),
      // Licences are numbered in another order; how many hold each tells them apart well enough.
      assignments: held.map(({ person, licence, valid_from, observed_at, ...row }) => ({
        person: objectId.get(person),
        ...row,
      })),
      holders: [...new Set(held.map(({ licence }) => licence))].map((licence) => [
        count(licence, true),
        count(licence, false),
      ]),
      positions: (await trx.rows(positions)).map(
        ({ enabled, warning, suspended, locked_out, consumed, applies_to }) => ({
          enabled,
          warning,
          suspended,
          locked_out,
          consumed,
          applies_to,
        }),
      ),
    };
  });
  await db.close();
  return Object.fromEntries(
    Object.entries(content).map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).sort()]),
  );
};

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`on ${engine.name}`, () => {
    const open: TestDatabase[] = [];
    afterEach(async () => {
      for (const test of open.splice(0)) await test.close();
    });

    const filledBy = async (prepare: (store: DatabaseConnection) => Promise<Prepared>) => {
      const test = await engine.open();
      open.push(test);
      // The file belongs to one process and one opener.
      await test.db.close();
      await prepareStore(test.connection);
      const { rows, seen } = await run(await prepare(test.connection));
      return { rows, seen, content: await contentOf(test.connection) };
    };

    it('floor and rival write the same rows as the product, in their own ways', async () => {
      const secret = 'bench~secret';
      const running = await startSimulator({ users: 1100, secret, throttle: false });
      const { tenantId, clientId } = running.simulator.tenant;
      const place: Place = { url: running.url, tenantId, clientId, secret };
      const product = await filledBy((store) => prepareImport(store, place, false));
      const floor = await filledBy((store) => prepareFloor(store, place, 'random'));
      const rival = await filledBy((store) => prepareRival(store, place));
      await running.close();
      expect(floor.content).toEqual(product.content);
      expect(rival.content).toEqual(product.content);
      expect(product.rows).toEqual(floor.rows);
      expect(rival.rows).toEqual(floor.rows);
      // Pauses while publishing are told apart where there is a publication, and nowhere else.
      expect(product.seen.publicationPauseMs).toBeLessThanOrEqual(product.seen.pauseMs);
      expect(floor.seen).not.toHaveProperty('publicationPauseMs');
    }, 60_000);
  });
