import { m365ImportPlugin } from '@itsm-m365/m365-import';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator/dispatcher';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { openBare } from './bare.ts';
import type { Place, Prepared } from './roles.ts';
import { openStore } from './store.ts';
import { runTask, servicesOf, taskOf } from './surroundings.ts';

const portalId = '5b0f2f0e-64f7-4d4b-9d0a-0f5a52b1c0de';

/**
 * The product's own task, on the store as it is: a first import, an unchanged cycle, or one with changes. `warm`: after two
 * cycles of the same process, as in a server that has been up for a while.
 */
export const prepareImport = async (store: DatabaseConnection, place: Place, warm: boolean): Promise<Prepared> => {
  const { tenantId, clientId, secret, url } = place;
  const db = await openStore(store);
  const http = simulatorDispatcher(url);
  const credential = { type: 'secret', secretId: 'bench', value: 'stored', validUntil: '2099-12-31' };
  const portal = { name: 'Bench', tenantId, clientId, credential };
  const services = servicesOf({ db, http, secret, items: [{ id: portalId, value: portal }] });
  const task = taskOf(m365ImportPlugin, 'm365-import.import-licences');
  return {
    async warmUp() {
      if (!warm) return;
      await runTask(task, services, portalId);
      await runTask(task, services, portalId);
    },
    work: async (watch) => (await runTask(task, services, portalId, watch)).counts,
    async rows() {
      const bare = await openBare(store);
      const counts = await bare.counts();
      await bare.close();
      return counts;
    },
    async close() {
      await db.close();
      await http.close();
    },
  };
};
