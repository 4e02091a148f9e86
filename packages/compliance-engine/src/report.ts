import type { Instant, Notice } from '@itsm-m365/plugin-api';
import { type Explanation, explanationText } from './engine/explain.ts';
import type { Evaluated, PublicationPlan, StatusChange } from './engine/plan.ts';
import { statusOf } from './engine/statuses.ts';
import type { LoadedSubject } from './load.ts';
import { complianceNotices } from './notices.ts';
import type { PortalInput } from './tables.ts';

/** Notices of one kind in a report; a report of thousands is not read. */
const most = 100;

const addTo = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** The figures of the run: statuses and reasons of products, what changed, what stayed. */
export const countsOf = (evaluated: readonly Evaluated[], plan: PublicationPlan): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = { products: 0, licences: 0 };
  for (const { kind, verdict } of evaluated) {
    addTo(counts, kind === 'product' ? 'products' : 'licences');
    if (kind !== 'product') continue;
    addTo(counts, `status-${verdict.status}`);
    if (verdict.reason !== undefined) addTo(counts, `unsynced-${verdict.reason}`);
  }
  for (const { kind, to } of plan.changes) if (kind === 'product') addTo(counts, `changed-to-${to}`);
  const { unchanged, ended, open, changes } = plan;
  const worse = changes.filter((change) => change.kind === 'product' && change.worse).length;
  return { ...counts, changed: open.length, unchanged, ended, worse };
};

const noStatus = { en: 'no status', de: 'kein Status' };

/** One event: told to people once, since the key carries the moment of the change. */
export interface Turn {
  readonly key: string;
  readonly notice: Notice;
}

const turnOf = (change: StatusChange, name: string, at: Instant): Turn => {
  const from = change.from === undefined ? noStatus : statusOf(change.from).title;
  const to = statusOf(change.to).title;
  const notice = complianceNotices.COMPLIANCE_TURNED_WORSE(
    { product: name, fromEn: from.en, fromDe: from.de, toEn: to.en, toDe: to.de },
    { type: 'product', id: change.subject, name },
  );
  return { key: `compliance-engine.turned-worse/${change.subject}/${at}`, notice };
};

/** Products whose status turned worse; a licence goes with its product and is not told apart. */
export const turnsOf = (plan: PublicationPlan, names: ReadonlyMap<string, string>, at: Instant): readonly Turn[] =>
  plan.changes
    .filter(({ kind, worse }) => kind === 'product' && worse)
    .map((change) => turnOf(change, names.get(change.subject) ?? change.subject, at));

/** Events told one by one; a deleted portal turns hundreds of products at once, and nobody wants hundreds of mails. */
const mostTold = 20;

/** The events that people are told of: each one, or the first ones and how many more there were. */
export const toldOf = (turns: readonly Turn[], at: Instant): readonly Turn[] => {
  if (turns.length <= mostTold) return turns;
  const notice = complianceNotices.COMPLIANCE_MORE_NOTICES({ count: turns.length - mostTold });
  return [...turns.slice(0, mostTold), { key: `compliance-engine.turned-worse/more/${at}`, notice }];
};

const causeText = (explanation: readonly Explanation[]) => {
  const cause = explanation.find(({ id }) => id.startsWith('cause-'));
  return cause === undefined ? { en: '', de: '' } : explanationText(cause);
};

export const calculationErrors = (
  evaluated: readonly Evaluated[],
  names: ReadonlyMap<string, string>,
): readonly Notice[] =>
  evaluated
    .filter(({ kind, verdict }) => kind === 'product' && verdict.status === 'calculation-error')
    .map(({ subject, verdict }) => {
      const cause = causeText(verdict.explanation);
      const name = names.get(subject) ?? subject;
      return complianceNotices.COMPLIANCE_CALCULATION_ERROR(
        { product: name, causeEn: cause.en, causeDe: cause.de },
        { type: 'product', id: subject, name },
      );
    });

/** Portals whose data is old, as long as something of them still takes part. */
export const oldData = (
  subjects: readonly LoadedSubject[],
  inputs: readonly PortalInput[],
  {
    now,
    hours,
    portalNames,
  }: { readonly now: Instant; readonly hours: number; readonly portalNames: ReadonlyMap<string, string> },
): readonly Notice[] => {
  const live = new Set(subjects.filter(({ facts }) => facts.reasons.length === 0).map(({ portal }) => portal));
  return inputs
    .filter(({ portal, dataAsOf }) => live.has(portal) && now - dataAsOf > hours * 3_600_000)
    .map(({ portal, dataAsOf }) => {
      const name = portalNames.get(portal) ?? portal;
      return complianceNotices.COMPLIANCE_DATA_OLD(
        { portal: name, asOf: new Date(dataAsOf).toISOString(), hours },
        { type: 'portal', id: portal, name },
      );
    });
};

export const bounded = (notices: readonly Notice[]): readonly Notice[] =>
  notices.length <= most
    ? notices
    : [...notices.slice(0, most), complianceNotices.COMPLIANCE_MORE_NOTICES({ count: notices.length - most })];
