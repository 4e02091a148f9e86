import {
  bigint,
  bytes,
  defineTable,
  flag,
  guid,
  integer,
  nullable,
  type RowOf,
  text,
  time,
  words,
} from '@itsm-m365/database';

/*
 * All matching keys are lower case, no nullable column stands in a key, an open end is `openEnd`. A person is a random
 * number everywhere; whatever names the person stands in `contacts` and, while a listing runs, in `stagePersons`.
 */

export const folders = defineTable('lic_folder', {
  id: guid(),
  /** `''` at the top. */
  parent: guid(),
  name: words(200),
  name_key: text(200),
  /** `m365`, `m365:<portal id>`; folders made by users carry their own id, so that the column is unique. */
  system_key: text(80),
  /** The name we gave last. As long as `name` equals it, the folder follows its portal's name (D2, rule 8). */
  system_name: words(200),
});
export type FolderRow = RowOf<typeof folders>;

export const products = defineTable('lic_product', {
  id: guid(),
  source: text(8),
  /** `''` for products made by hand; their `sku` is their own id. */
  portal: guid(),
  sku: guid(),
  folder: guid(),
  name: words(400),
  title: words(300),
  part_number: text(120),
  applies_to: text(16),
  metric: text(16),
  /** `m365` is set by the import only (M365-43). */
  consumer_type: text(16),
  sync_state: text(10),
  sync_reason: text(24),
  created_at: time(),
  changed_at: time(),
  deleted_at: time(),
  /** Id of the actor; `''` while alive. */
  deleted_by: text(100),
});
export type ProductRow = RowOf<typeof products>;

export const licences = defineTable('lic_licence', {
  number: integer(),
  id: guid(),
  product: guid(),
  portal: guid(),
  sku: guid(),
  name: words(400),
  title: words(300),
  part_number: text(120),
  channel: text(16),
  licence_type: text(16),
  metric: text(16),
  sync_state: text(10),
  sync_reason: text(24),
  created_at: time(),
  changed_at: time(),
  deleted_at: time(),
});
export type LicenceRow = RowOf<typeof licences>;

export const positions = defineTable('lic_position', {
  licence: integer(),
  valid_from: time(),
  valid_to: time(),
  enabled: integer(),
  warning: integer(),
  suspended: integer(),
  locked_out: integer(),
  consumed: integer(),
  paid: integer(),
  grace: integer(),
  trial: integer(),
  /** `openEnd` where no grace or trial seat ends. */
  seats_end_at: time(),
  capability_status: text(24),
  applies_to: text(16),
});
export type PositionRow = RowOf<typeof positions>;

export const subscriptions = defineTable('lic_subscription', {
  portal: guid(),
  subscription_id: text(80),
  valid_from: time(),
  valid_to: time(),
  sku: guid(),
  status: text(24),
  is_trial: flag(),
  total: integer(),
  created: nullable(time()),
  next_lifecycle: nullable(time()),
  owner_tenant: guid(),
});
export type SubscriptionRow = RowOf<typeof subscriptions>;

export const contacts = defineTable('lic_contact', {
  person: bigint(),
  /** `''` while the contact is linked to no directory; `object_id` is then a random GUID. */
  tenant: guid(),
  object_id: guid(),
  source: text(8),
  display_name: words(256),
  upn: text(320),
  upn_key: text(320),
  mail: text(320),
  mail_key: text(320),
  given_name: text(128),
  surname: text(128),
  /** Of the personal fields, so that one comparison, exact in case, finds a change. 0 after erasure. */
  fingerprint: bigint(),
  created_at: time(),
  changed_at: time(),
});
export type ContactRow = RowOf<typeof contacts>;

export const personFacts = defineTable('lic_person_fact', {
  person: bigint(),
  valid_from: time(),
  valid_to: time(),
  enabled: flag(),
  person_type: text(8),
  department: text(128),
  company: text(128),
  cost_centre: text(128),
  country: text(128),
  usage_location: text(8),
  fingerprint: bigint(),
});
export type PersonFactRow = RowOf<typeof personFacts>;

export const assignments = defineTable('lic_assignment', {
  licence: integer(),
  person: bigint(),
  path: text(36),
  valid_from: time(),
  valid_to: time(),
  holds: flag(),
  state: text(32),
  error: text(64),
  /** When the listing that brought this interval was published. */
  observed_at: time(),
});
export type AssignmentRow = RowOf<typeof assignments>;

/** Allocates numbers: licences and stages. */
export const counters = defineTable('lic_counter', {
  id: text(40),
  next_value: bigint(),
});

/** One row per tenant: its lock puts publications of one tenant in order, its time never goes back. */
export const publications = defineTable('lic_publication', {
  tenant: guid(),
  published_at: time(),
  /** Grows with each change of the tenant's contacts, so that a stage knows whether its keys are still right. */
  version: bigint(),
});

/** A listing on its way in. Closed ones are cleaned once more by the next run, in case a dead node still added to them. */
export const stages = defineTable('lic_stage', {
  stage: integer(),
  ticket: text(80),
  portal: guid(),
  closed: flag(),
});

/** Appended in the order of arrival, so that a commit touches the last pages only. */
export const stagePersons = defineTable('lic_stage_person', {
  stage: integer(),
  seq: integer(),
  /** The key the person gets if it proves to be new. */
  person: bigint(),
  object_id: guid(),
  removed: flag(),
  assignments: integer(),
  display_name: words(256),
  upn: text(320),
  upn_key: text(320),
  mail: text(320),
  mail_key: text(320),
  given_name: text(128),
  surname: text(128),
  contact_print: bigint(),
  enabled: flag(),
  person_type: text(8),
  department: text(128),
  company: text(128),
  cost_centre: text(128),
  country: text(128),
  usage_location: text(8),
  fact_print: bigint(),
});
export type StagePersonRow = RowOf<typeof stagePersons>;

/** `seq` is the person's row in `stagePersons`. */
export const stageAssignments = defineTable('lic_stage_assignment', {
  stage: integer(),
  seq: integer(),
  licence: integer(),
  path: text(36),
  holds: flag(),
  state: text(32),
  error: text(64),
});
export type StageAssignmentRow = RowOf<typeof stageAssignments>;

/** Staged persons by their key in history; made from `stagePersons` when a stage is compared. */
export const stageKeys = defineTable('lic_stage_key', {
  stage: integer(),
  person: bigint(),
  seq: integer(),
  /** There is a contact with that key. */
  known: flag(),
});

/** Contacts without a directory that fit a new person by mail or UPN. */
export const stageLinks = defineTable('lic_stage_link', {
  stage: integer(),
  person: bigint(),
  contact: bigint(),
});

export const skus = defineTable('lic_sku', {
  sku: guid(),
  part_number: text(120),
  title: words(300),
  class: text(8),
  class_source: text(8),
  title_source: text(10),
  changed_at: time(),
});
export type SkuRow = RowOf<typeof skus>;

export const evidence = defineTable('lic_evidence', {
  run: text(40),
  portal: guid(),
  kind: text(40),
  sha256: text(64),
  observed_at: time(),
});

/** Kept once for all the runs that saw the same answer. */
export const evidenceContents = defineTable('lic_evidence_content', {
  sha256: text(64),
  gzip: bytes(),
});

export const catalogueTables = [
  folders,
  products,
  licences,
  positions,
  subscriptions,
  contacts,
  personFacts,
  assignments,
  counters,
  publications,
  stages,
  stagePersons,
  stageAssignments,
  stageKeys,
  stageLinks,
  skus,
  evidence,
  evidenceContents,
] as const;
