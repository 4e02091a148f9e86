import { defineTable, flag, guid, integer, longText, nullable, type RowOf, text, time } from '@itsm-m365/database';

/** One row per portal that an import was ever tried for. It outlives the portal, so that its name stays readable. */
export const portalStates = defineTable('m365_portal_state', {
  portal: guid(),
  name: text(100),
  /** Tenant and cloud of the imported data; `''` before the first complete import. */
  tenant: guid(),
  cloud: text(16),
  first_seen_at: time(),
  last_attempt_at: time(),
  last_run: text(64),
  last_complete_at: nullable(time()),
  last_full_at: nullable(time()),
  /** Where later changes start; `''`: list everything. Written only with the data it follows (PnP #423). */
  delta_link: longText(),
  /** What the delta link depends on: exclusions, fields, cloud, tenant, version of the reading. */
  fingerprint: text(64),
  users: integer(),
  /** Code of the error of the last attempt; `''` where it did not fail. */
  failed_code: text(80),
  failed_at: nullable(time()),
  /** `''`: not held. Otherwise skus, users or assignments, with what would go. */
  held_kind: text(16),
  held_count: integer(),
  held_of: integer(),
  held_at: nullable(time()),
  removed_at: nullable(time()),
});
export type PortalStateRow = RowOf<typeof portalStates>;

/** All SKUs the tenant lists or listed, excluded ones too: the exclusions page shows them (M365-25). */
export const portalSkus = defineTable('m365_sku', {
  portal: guid(),
  sku: guid(),
  part_number: text(120),
  applies_to: text(16),
  /** In the last answer. */
  listed: flag(),
  /** Its assignments were read by the last published import. */
  imported: flag(),
  consumed: integer(),
  /** Distinct persons we have as holders, beside Microsoft's own `consumed`. */
  counted: integer(),
  seen_at: time(),
});
export type PortalSkuRow = RowOf<typeof portalSkus>;

/** A person's word that a held import may be published. Never deleted; `used_run` `''` while it waits. */
export const confirmations = defineTable('m365_confirmation', {
  id: guid(),
  portal: guid(),
  kind: text(16),
  removals: integer(),
  actor: text(100),
  actor_name: text(200),
  created_at: time(),
  used_run: text(64),
});
export type ConfirmationRow = RowOf<typeof confirmations>;

/** Notices that are said once per event, not once per run. */
export const noticesSent = defineTable('m365_notice_sent', {
  portal: guid(),
  key_name: text(200),
  sent_at: time(),
});

/** Names of groups, where the application may read them. */
export const groupNames = defineTable('m365_group', {
  tenant: guid(),
  group_id: guid(),
  name: text(256),
  read_at: time(),
});
export type GroupNameRow = RowOf<typeof groupNames>;

export const importTables = [portalStates, portalSkus, confirmations, noticesSent, groupNames] as const;
