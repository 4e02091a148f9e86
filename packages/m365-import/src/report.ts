import { catalogueNotices } from '@itsm-m365/licence-catalog';
import type { Notice, RunReport } from '@itsm-m365/plugin-api';
import type { Published } from './apply.ts';
import { subjectOf } from './connect.ts';
import { type Held, heldNotice } from './held-notice.ts';
import { importNotices } from './notices.ts';
import { fullReasons, type Reading, remarkable } from './plan-reading.ts';
import type { Staged } from './read-portal.ts';
import type { PortalImport, Prepared } from './start.ts';

/** How a complete reading ended: published or held. */
export interface Ending {
  readonly staged: Staged;
  readonly prepared: Prepared;
  readonly reading: Reading;
  readonly published?: Published;
  readonly confirmed?: boolean;
  readonly held?: Held;
}

/** Notices of one kind: an administrator reads ten, not a thousand. */
const most = 10;

const readingNotices = (run: PortalImport, { staged, reading }: Ending): Notice[] => {
  const portal = run.portal.value.name;
  const subject = subjectOf(run.portal);
  const notices: Notice[] = [];
  if (reading.mode === 'full' && remarkable.has(reading.reason)) {
    const { en, de } = fullReasons[reading.reason];
    const notice = importNotices.FULL_LISTING({ portal, reason: en }, subject);
    // The reason is a text of its own and has to follow the language.
    notices.push({ ...notice, message: { en: notice.message.en, de: notice.message.de.replace(en, de) } });
  }
  if (staged.restarts > 0)
    notices.push(importNotices.LISTING_RESTARTED({ portal, restarts: staged.restarts }, subject));
  if (staged.mode === 'full' && staged.deltaLink === '')
    notices.push(importNotices.DELTA_NOT_SUPPORTED({ portal }, subject));
  if (staged.decoder.unlisted.size > 0) {
    const skus = [...staged.decoder.unlisted].slice(0, most).map(([sku, count]) => `${sku} (${count})`);
    notices.push(importNotices.SKUS_NOT_LISTED({ portal, skus: skus.join(', ') }, subject));
  }
  return notices;
};

const licenceNotices = (run: PortalImport): Notice[] => {
  const portal = run.portal.value.name;
  const subject = subjectOf(run.portal);
  if (run.answers.subscriptions === undefined) return [importNotices.SUBSCRIPTIONS_NOT_READABLE({ portal }, subject)];
  return run.skuPlan.differences
    .slice(0, most)
    .map(({ partNumber: sku, units, subscriptions }) =>
      importNotices.SEATS_DIFFER({ portal, sku, units, subscriptions }, subject),
    );
};

const publishedNotices = (run: PortalImport, { staged, published, confirmed }: Ending): Notice[] => {
  if (published === undefined) return [];
  const portal = run.portal.value.name;
  const subject = subjectOf(run.portal);
  const notices: Notice[] = [];
  const word = run.confirmations.at(-1);
  if (confirmed === true && word !== undefined) {
    notices.push(importNotices.REMOVAL_CONFIRMED({ portal, actor: word.actor_name, count: word.removals }, subject));
  }
  if (staged.mode === 'full') {
    for (const { partNumber: sku, consumed, counted } of published.moved
      .filter((one) => one.consumed !== one.counted)
      .slice(0, most)) {
      notices.push(importNotices.CONSUMED_DIFFERS({ portal, sku, consumed, counted }, subject));
    }
  }
  const { contactsAmbiguous } = published.counts;
  if (contactsAmbiguous > 0) notices.push(catalogueNotices.CONTACT_AMBIGUOUS({ count: contactsAmbiguous }, subject));
  return notices;
};

const defectNotices = (run: PortalImport): Notice[] => {
  if (run.defects.counts.size === 0) return [];
  const fields = [...run.defects.counts].slice(0, most).map(([field, count]) => `${field} (${count})`);
  return [
    importNotices.FIELDS_UNREADABLE(
      { portal: run.portal.value.name, fields: fields.join(', ') },
      subjectOf(run.portal),
    ),
  ];
};

/** Licences by what this import did to them (C6). */
const licenceCounts = (run: PortalImport, { plan }: Prepared): Record<string, number> => {
  const { created, changed, resynced, unsynced, unchanged } = plan.counts;
  const excluded = new Set(run.portal.value.exclusions);
  const skipped = run.skuPlan.readings.filter((sku) => excluded.has(sku.skuId)).length;
  return { created, updated: changed + resynced, unchanged, missing: unsynced, skipped };
};

const countsOf = (run: PortalImport, { staged, prepared, published, held }: Ending): Record<string, number> => {
  const { requests, retries, waitedMs, bytes } = run.graph.statistics();
  return {
    ...(held === undefined ? licenceCounts(run, prepared) : {}),
    users: staged.users,
    pages: staged.pages,
    requests,
    retries,
    waitedSeconds: Math.round(waitedMs / 1000),
    bytes,
    ...(published === undefined ? {} : { ...published.counts }),
  };
};

/** The report of a run, in the words of the administrator. */
export const reportOf = (run: PortalImport, ending: Ending): RunReport => ({
  counts: countsOf(run, ending),
  outcome: ending.held === undefined ? 'succeeded' : 'held',
  notices: [
    ...(ending.held === undefined ? [] : [heldNotice(run.portal, ending.held)]),
    ...readingNotices(run, ending),
    ...licenceNotices(run),
    ...publishedNotices(run, ending),
    ...defectNotices(run),
  ],
});
