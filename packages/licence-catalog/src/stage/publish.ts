import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import type { PublishCounts, StageOptions } from '../model.ts';
import { exists, sql } from '../sql.ts';
import { contacts, publications, stageKeys } from '../tables.ts';
import { hasOpen } from './compare.ts';
import { publishAssignments } from './publish-assignments.ts';
import { closeFacts, createContacts, linkContacts, openFacts, updateContacts } from './publish-persons.ts';
import { personRanges } from './ranges.ts';
import type { Resolved } from './resolve.ts';
import { scopeOf } from './scope.ts';

/**
 * Locks the tenant, so that publications of two of its portals come one after the other, and counts its version up.
 * Time never goes back: an interval that ended before it began would have no as-of answer.
 */
export const enterTenant = async (trx: Transaction, tenant: string, at: Instant) => {
  await trx.sql(trx.name(publications)).where({ tenant }).increment('version', 1);
  const [row] = await trx.rows(publications, (query) => query.where({ tenant }));
  const before = row?.published_at ?? 0;
  const instant = Math.max(at, before);
  if (row === undefined) await trx.insert(publications, [{ tenant, published_at: at, version: 1 }]);
  else await trx.update(publications, { published_at: instant }, (query) => query.where({ tenant }));
  return { at: instant, again: before >= at, versionBefore: (row?.version ?? 1) - 1 };
};

export const publishStage = async (
  trx: Transaction,
  stage: number,
  options: StageOptions,
  at: Instant,
  resolve: (trx: Transaction, version: number) => Promise<Resolved>,
): Promise<PublishCounts> => {
  const entered = await enterTenant(trx, options.tenant, at);
  const { ambiguous } = await resolve(trx, entered.versionBefore);
  const counts = {
    contactsCreated: 0,
    contactsLinked: 0,
    contactsUpdated: 0,
    contactsAmbiguous: ambiguous,
    factsChanged: 0,
    assignmentsOpened: 0,
    assignmentsChanged: 0,
    assignmentsEnded: 0,
  };
  // Looked up here, not when compared: finding the persons again may have found some.
  if (options.mode === 'changes' && !(await exists(trx, stageKeys, sql`stage = ${stage}`))) return counts;
  const scope = scopeOf(trx, stage, options);
  const first = !(await hasOpen(trx, scope, options.licences));
  counts.contactsLinked = await linkContacts(trx, scope, options.tenant);
  const settled = await exists(trx, contacts, sql`tenant = ${options.tenant}`);
  const when = { at: entered.at, again: entered.again, first, tenant: options.tenant };
  for await (const range of personRanges(trx, stage, options.mode === 'full' && !first)) {
    if (settled) {
      // Changed before created, so that what is new is not looked at twice.
      counts.contactsUpdated += await updateContacts(trx, scope, range, when.at);
      await closeFacts(trx, scope, range, when);
    }
    counts.contactsCreated += await createContacts(trx, scope, range, when);
    counts.factsChanged += await openFacts(trx, scope, range, when.at);
    await trx.breathe();
    const changes = await publishAssignments(trx, scope, range, when);
    counts.assignmentsOpened += changes.opened;
    counts.assignmentsChanged += changes.changed;
    counts.assignmentsEnded += changes.ended;
  }
  return counts;
};
