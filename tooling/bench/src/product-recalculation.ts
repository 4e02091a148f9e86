import { complianceEnginePlugin } from '@itsm-m365/compliance-engine';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { Agent } from 'undici';
import type { Prepared } from './roles.ts';
import { openStore } from './store.ts';
import { runTask, servicesOf, taskOf } from './surroundings.ts';

/** The product's own recalculation of an imported store: load, evaluate, publish. */
export const prepareRecalculation = async (store: DatabaseConnection): Promise<Prepared> => {
  const db = await openStore(store);
  // The recalculation asks nobody; the contract wants a dispatcher.
  const services = servicesOf({ db, http: new Agent(), secret: '', items: [] });
  const task = taskOf(complianceEnginePlugin, 'compliance-engine.recalculate');
  return {
    work: async (watch) => (await runTask(task, services, 'all', watch)).counts,
    close: () => db.close(),
  };
};
