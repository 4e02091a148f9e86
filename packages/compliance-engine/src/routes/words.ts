import type { SyncReason } from '../engine/facts.ts';
import { reasonOf, reasons } from '../engine/reasons.ts';
import { isStatusId, statusOf } from '../engine/statuses.ts';
import type { ComplianceItem } from '../view/item.ts';
import type { LastRecalculation } from '../view/summary.ts';

const isReason = (value: string): value is SyncReason => reasons.some(({ id }) => id === value);

/** A row of the view with the words and times that its reader needs. */
export const withWords = (item: ComplianceItem, last: LastRecalculation | undefined) => {
  const status = isStatusId(item.status) ? statusOf(item.status) : undefined;
  return {
    ...item,
    restsOn: [...item.restsOn],
    // A status stored by a newer version shows its id.
    statusTitle: status?.title ?? { en: item.status, de: item.status },
    icon: status?.icon ?? 'compliance-unknown',
    ...(isReason(item.reason) ? { reasonTitle: reasonOf(item.reason).title } : {}),
    dataAsOf: last?.inputs.find(({ portal }) => portal === item.portal)?.dataAsOf ?? null,
    recalculatedAt: last?.finishedAt ?? null,
  };
};

/** What can be done about it: the ways out of the reason, or the remedy of the status. */
export const remediesOf = (item: ComplianceItem) => {
  if (isReason(item.reason)) return [...reasonOf(item.reason).remedies];
  const remedy = isStatusId(item.status) ? statusOf(item.status).remedy : undefined;
  return remedy === undefined ? [] : [remedy];
};
