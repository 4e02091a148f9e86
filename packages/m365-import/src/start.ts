import type { GraphClient } from '@itsm-m365/graph-auth';
import { type CataloguePlan, prepareCatalogue } from '@itsm-m365/licence-catalog';
import type { TaskContext } from '@itsm-m365/plugin-api';
import { openConfirmations } from './confirmations.ts';
import { connect, type Portal } from './connect.ts';
import { createDefects, type Defects } from './decode/values.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type LicenceAnswers, loadLicences } from './load-licences.ts';
import { firstTime } from './notices-sent.ts';
import { phases } from './phases.ts';
import { planSkus, type SkuPlan } from './plan-skus.ts';
import { type PortalMemory, readMemory, writeState } from './state.ts';
import type { ConfirmationRow } from './tables.ts';

/** One import of one portal, from its start on. */
export interface PortalImport {
  readonly context: TaskContext;
  readonly portal: Portal;
  readonly graph: GraphClient;
  readonly memory: PortalMemory;
  readonly confirmations: readonly ConfirmationRow[];
  readonly answers: LicenceAnswers;
  readonly skuPlan: SkuPlan;
  readonly fingerprint: string;
  readonly defects: Defects;
}

/** Products and licences as they are to be; licence numbers are reserved, nothing is changed. */
export interface Prepared {
  readonly plan: CataloguePlan;
  readonly licenceOf: ReadonlyMap<string, number>;
  readonly numbers: readonly number[];
}

const isDeleted = (status: string): boolean => status.toLowerCase() === 'deleted';

export const start = async (context: TaskContext, portal: Portal): Promise<PortalImport> => {
  const { db, clock, progress, signal } = context;
  const memory = await readMemory(db, portal.id);
  // The row is there before anything is asked, so that a deletion meanwhile has something to mark.
  if (memory.state === undefined) {
    await db.write((trx) => writeState(trx, portal.id, { name: portal.value.name }, clock.now()));
  }
  const { graph, expiry } = await connect(context, portal);
  if (expiry !== undefined && (await firstTime(db, portal.id, expiry.key, clock.now()))) context.notice(expiry.notice);
  progress.report({ phase: phases.licences, done: 0 });
  const defects = createDefects();
  const answers = await loadLicences(graph, defects, signal);
  // What Microsoft has deleted is missing, although it is still listed for a while.
  const skus = answers.skus.filter((sku) => !isDeleted(sku.capabilityStatus));
  return {
    context,
    portal,
    graph,
    memory,
    confirmations: await openConfirmations(db, portal.id),
    answers,
    skuPlan: planSkus(skus, answers.subscriptions),
    fingerprint: fingerprintOf(portal.value),
    defects,
  };
};

export const prepare = async (run: PortalImport): Promise<Prepared> => {
  const { context, portal, skuPlan, answers } = run;
  const plan = await prepareCatalogue(context.db, {
    portal: { id: portal.id, name: portal.value.name, tenant: portal.value.tenantId },
    readings: skuPlan.readings,
    subscriptions: answers.subscriptions,
    exclusions: new Set(portal.value.exclusions),
    random: context.random,
  });
  return { plan, licenceOf: plan.licenceOf, numbers: plan.numbers };
};
