import { m365ImportPlugin } from '@itsm-m365/m365-import';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Place, Prepared } from './roles.ts';
import { openStore } from './store.ts';
import { countRows, openRaw } from './store-file.ts';
import { runTask, servicesOf, systemClock, taskOf } from './surroundings.ts';

const portalId = '5b0f2f0e-64f7-4d4b-9d0a-0f5a52b1c0de';

/**
 * The product's own task, on the file as it is: a first import, an unchanged cycle, or one with changes. `warm`: after two
 * cycles of the same process, as in a server that has been up for a while.
 */
export const prepareImport = async (file: string, place: Place, warm: boolean): Promise<Prepared> => {
  const { tenantId, clientId, secret, url } = place;
  const db = await openStore(file, systemClock);
  const http = simulatorDispatcher(url);
  const credential = { type: 'secret', secretId: 'bench', value: 'stored', validUntil: '2099-12-31' };
  const portal = { name: 'Bench', tenantId, clientId, credential };
  const services = servicesOf({ db, http, secret, items: [{ id: portalId, value: portal }] });
  const task = taskOf(m365ImportPlugin, 'm365-import.import-licences');
  const cycle = () => runTask(task, services, portalId);
  return {
    async warmUp() {
      if (!warm) return;
      await cycle();
      await cycle();
    },
    work: async () => (await cycle()).counts,
    rows() {
      const raw = openRaw(file);
      const rows = countRows(raw);
      raw.close();
      return rows;
    },
    async close() {
      await db.close();
      await http.close();
    },
  };
};
