export { type Evaluate, evaluateProduct, type Verdict } from './engine/evaluate.ts';
export { type Explanation, explanationText } from './engine/explain.ts';
export {
  defaultEntitlementRule,
  type EntitlementRule,
  type LicenceFacts,
  type ProductFacts,
  type SyncReason,
} from './engine/facts.ts';
export type { Cause, Figures } from './engine/figures.ts';
export { type ReasonEntry, reasons } from './engine/reasons.ts';
export type { RestKind } from './engine/rests.ts';
export { type StatusEntry, type StatusId, statuses, statusOf } from './engine/statuses.ts';
export { complianceErrors } from './errors.ts';
export { complianceNotices } from './notices.ts';
export { readPermission, recalculatePermission } from './permissions.ts';
export { complianceEnginePlugin } from './plugin.ts';
export { type EntitlementSettings, entitlementSection } from './settings.ts';
export { recalculateCompletelyTask, recalculateTask } from './task.ts';
export { type ComplianceDetail, complianceDetail } from './view/detail.ts';
export { complianceHistory, type HistoryEntry } from './view/history.ts';
export type { ComplianceItem } from './view/item.ts';
export { type ListPage, type ListRequest, listCompliance } from './view/list.ts';
export { type ComplianceSummary, complianceSummary } from './view/summary.ts';
