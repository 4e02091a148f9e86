import type { RunReport, TaskContext } from '@itsm-m365/plugin-api';
import { hold, publish } from './apply.ts';
import type { Portal } from './connect.ts';
import { importErrors } from './errors.ts';
import { countsOf, gapsBefore } from './gaps.ts';
import { type Confirmation, isHeldKind, judge } from './guard.ts';
import { countUsers } from './load-users.ts';
import { nameGroups } from './name-groups.ts';
import { phases } from './phases.ts';
import { planReading, type Reading } from './plan-reading.ts';
import { clearStage, type Escalation, readPortal, type Staged } from './read-portal.ts';
import { fewHolders, missesUsers } from './reconcile.ts';
import { type Ending, reportOf } from './report.ts';
import { type PortalImport, type Prepared, prepare, start } from './start.ts';
import type { ConfirmationRow } from './tables.ts';
import { missesSomebody } from './vanished.ts';

const firstReading = (run: PortalImport, prepared: Prepared): Reading => {
  const { context, portal, memory } = run;
  const imported = new Set(memory.skus.filter((row) => row.imported).map((row) => row.sku));
  return planReading({
    deltaLink: memory.state?.delta_link ?? '',
    fingerprint: run.fingerprint,
    storedFingerprint: memory.state?.fingerprint ?? '',
    lastFullAt: memory.state?.last_full_at ?? null,
    held: (memory.state?.held_kind ?? '') !== '',
    newSkus: [...prepared.licenceOf.keys()].filter((sku) => !imported.has(sku)).length,
    fullListingHours: portal.value.fullListingHours,
    now: context.clock.now(),
  });
};

const stage = (run: PortalImport, prepared: Prepared, reading: Reading) =>
  readPortal(
    {
      task: run.context,
      graph: run.graph,
      portal: { id: run.portal.id, name: run.portal.value.name, tenant: run.portal.value.tenantId },
      licenceOf: prepared.licenceOf,
      numbers: prepared.numbers,
      ignored: new Set(run.answers.skus.map((sku) => sku.skuId).filter((sku) => !prepared.licenceOf.has(sku))),
      usersBefore: run.memory.state?.users ?? 0,
      defects: run.defects,
    },
    reading,
  );

/**
 * A listing that ended early looks complete: no link to a next page. Where fewer holders were found than Microsoft counts,
 * it is asked how many users there are; only then, because it costs a request. Answers that number where the listing has
 * fewer, though not so few that the index behind the number could not lag.
 */
const checkComplete = async (run: PortalImport, prepared: Prepared, staged: Staged): Promise<number | undefined> => {
  const { portal, graph, context } = run;
  const holdersOf = (skuId: string) => {
    const number = prepared.licenceOf.get(skuId);
    return number === undefined ? undefined : (staged.decoder.holders.get(number) ?? 0);
  };
  if (!fewHolders(countsOf(run, holdersOf), gapsBefore(run))) return undefined;
  const count = await countUsers(graph, context.signal);
  if (count !== undefined && missesUsers(staged.users, count)) {
    throw importErrors.IMPORT_LISTING_INCOMPLETE({ portal: portal.value.name, listed: staged.users, count });
  }
  return count !== undefined && count > staged.users ? count : undefined;
};

/** The few who are missing decide whether the listing or the index behind the count is right: they are asked for by id. */
const checkVanished = async (run: PortalImport, prepared: Prepared, staged: Staged, count: number): Promise<void> => {
  const { context, portal, graph } = run;
  const { db, ticket, signal } = context;
  if (await missesSomebody({ db, graph, portal: portal.id, ticket, licences: prepared.numbers, signal })) {
    throw importErrors.IMPORT_LISTING_INCOMPLETE({ portal: portal.value.name, listed: staged.users, count });
  }
};

const confirmationOf = (rows: readonly ConfirmationRow[]): Confirmation | undefined => {
  const last = rows.at(-1);
  return last !== undefined && isHeldKind(last.kind) ? { kind: last.kind, count: last.removals } : undefined;
};

/** Where no change was read nothing can end, and counting every holder would be the dearest part of the whole cycle. */
const compare = async ({ mode, users, stage: listing }: Staged): Promise<{ before: number; ended: number }> => {
  if (mode === 'full' || users > 0) return listing.compare();
  // Opens the stage, so that it can be published like any other.
  await listing.add([]);
  return { before: 0, ended: 0 };
};

const decide = async (run: PortalImport, staged: Staged) => {
  const { context, portal, memory, confirmations, skuPlan } = run;
  context.progress.report({ phase: phases.comparing, done: staged.users });
  const comparison = await compare(staged);
  return judge(
    {
      mode: staged.mode,
      skusBefore: memory.skus.filter((row) => row.listed).length,
      skus: skuPlan.readings.length,
      usersBefore: memory.state?.users ?? 0,
      users: staged.users,
      assignmentsBefore: comparison.before,
      ended: comparison.ended,
    },
    { maxSharePercent: portal.value.guardMaxSharePercent, minCount: portal.value.guardMinCount },
    confirmationOf(confirmations),
  );
};

/** Reads, checks, publishes. An answer `listAll` says that a full listing has to follow in the same run. */
const importOnce = async (run: PortalImport, prepared: Prepared, reading: Reading): Promise<Ending | Escalation> => {
  const staged = await stage(run, prepared, reading);
  if ('listAll' in staged) return staged;
  const { context } = run;
  try {
    // An empty listing is the guard's: a person looks at it first. Confirmed, it has to stand this check as well.
    const empty = staged.mode === 'full' && staged.users === 0;
    const count = staged.mode === 'full' && !empty ? await checkComplete(run, prepared, staged) : undefined;
    const verdict = await decide(run, staged);
    if (verdict.pass && count !== undefined) await checkVanished(run, prepared, staged, count);
    if (verdict.pass && empty) await checkComplete(run, prepared, staged);
    if (!verdict.pass) {
      // Removals that delta tells of are checked against the whole before anyone is asked.
      if (staged.mode === 'changes') return { listAll: 'guard' };
      await hold(run, verdict);
      return { staged, prepared, reading, held: verdict };
    }
    context.progress.report({ phase: phases.publishing, done: staged.users });
    const published = await publish(run, prepared, staged);
    if (published === undefined) return { listAll: 'consumed' };
    return { staged, prepared, reading, published, confirmed: verdict.confirmed };
  } finally {
    await clearStage(context, staged.stage);
  }
};

/**
 * Imports one portal. Either all of it is published or nothing: what fails, is incomplete or is held leaves the data as it
 * was. Throws known errors for what the administrator or Microsoft has to mend, and the signal's reason when cancelled.
 * May run twice, also at the same time on two nodes: the fence lets only one of them publish.
 */
export const importPortal = async (context: TaskContext, portal: Portal): Promise<RunReport> => {
  const run = await start(context, portal);
  const prepared = await prepare(run);
  let reading = firstReading(run, prepared);
  let ending = await importOnce(run, prepared, reading);
  if ('listAll' in ending) {
    reading = { mode: 'full', reason: ending.listAll };
    ending = await importOnce(run, prepared, reading);
  }
  // A full listing never asks for another.
  if ('listAll' in ending) throw new Error('a full listing asked for a full listing');
  if (ending.published !== undefined && ending.staged.mode === 'full')
    await nameGroups(run, ending.staged.decoder.groups);
  return reportOf(run, ending);
};
