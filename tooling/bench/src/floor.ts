import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { openBare } from './bare.ts';
import { keysOf, rowMaker } from './floor-rows.ts';
import { readTenant } from './graph-pages.ts';
import type { FloorKeys, Place, Prepared } from './roles.ts';

/*
 * The floor: reads the same pages and writes the same final rows in one transaction, as they come: by prepared statements
 * on SQLite, by TDS bulk load on SQL Server. No staging, no comparison, no checks, no history, and nothing to fall back on
 * when it breaks off.
 */

export const prepareFloor = async (store: DatabaseConnection, place: Place, keys: FloorKeys): Promise<Prepared> => {
  const reader = readTenant(place);
  const bare = await openBare(store);
  return {
    async work() {
      let users = 0;
      const sink = await bare.begin();
      const rows = rowMaker(place.tenantId, keysOf(keys), sink.put);
      for (const sku of await reader.skus()) rows.sku(sku);
      for await (const page of reader.users()) {
        for (const user of page) rows.user(user);
        users += page.length;
        await sink.pageEnded();
      }
      await sink.commit();
      return { users };
    },
    rows: () => bare.counts(),
    async close() {
      await bare.close();
      await reader.close();
    },
  };
};
