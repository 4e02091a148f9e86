import { complianceEnginePlugin } from '@itsm-m365/compliance-engine';
import { Agent } from 'undici';
import type { Prepared } from './roles.ts';
import { openStore } from './store.ts';
import { runTask, servicesOf, systemClock, taskOf } from './surroundings.ts';

/** The product's own recalculation of an imported file: load, evaluate, publish. */
export const prepareRecalculation = async (file: string): Promise<Prepared> => {
  const db = await openStore(file, systemClock);
  // The recalculation asks nobody; the contract wants a dispatcher.
  const services = servicesOf({ db, http: new Agent(), secret: '', items: [] });
  const task = taskOf(complianceEnginePlugin, 'compliance-engine.recalculate');
  return {
    work: async () => (await runTask(task, services, 'all')).counts,
    close: () => db.close(),
  };
};
