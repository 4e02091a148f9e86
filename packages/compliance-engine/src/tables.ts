import { bigint, defineTable, guid, integer, json, nullable, type RowOf, text, time } from '@itsm-m365/database';
import type { Explanation } from './engine/explain.ts';
import type { EntitlementRule } from './engine/facts.ts';

/**
 * The published status of each product and licence, as intervals; the open one ends at `openEnd`. Figures are those the
 * status was computed from, so that a row of the list never shows figures of another time than its status.
 */
export const statusIntervals = defineTable('lic_status', {
  /** Id of the product or licence. */
  subject: guid(),
  kind: text(8),
  valid_from: time(),
  valid_to: time(),
  status: text(24),
  /** `''` unless the status is `cannot-be-synchronised`. */
  reason: text(24),
  /** Why there are no figures: `negative-number:enabled`; `''` where there are. */
  cause: text(60),
  /** The figures are null where they could not be computed: a 0 would be read as a figure. */
  required: nullable(bigint()),
  available: nullable(bigint()),
  balance: nullable(bigint()),
  consumers: nullable(bigint()),
  waiting: nullable(bigint()),
  consumed_reported: nullable(bigint()),
  enabled: nullable(bigint()),
  warning: nullable(bigint()),
  suspended: nullable(bigint()),
  trial: nullable(bigint()),
  /** `''`, or kinds of seats with a comma between: `grace,trial`. */
  rests_on: text(24),
  rests_until: nullable(time()),
  explanation: json<readonly Explanation[]>(),
  print: text(64),
  /** The time of the imported data when this interval began; the present one is in the last recalculation. */
  data_as_of: nullable(time()),
  run: text(40),
});
export type StatusRow = RowOf<typeof statusIntervals>;

/** The time of a portal's data that a recalculation rested on. */
export interface PortalInput {
  readonly portal: string;
  readonly dataAsOf: number;
}

/** One row per recalculation, also where it changed nothing. */
export const recalculations = defineTable('lic_recalculation', {
  /** Grows by one; a time could repeat. */
  number: integer(),
  run: text(40),
  started_at: time(),
  finished_at: time(),
  actor: text(100),
  trigger: text(12),
  rule: json<EntitlementRule>(),
  inputs: json<readonly PortalInput[]>(),
  counts: json<Readonly<Record<string, number>>>(),
});
export type RecalculationRow = RowOf<typeof recalculations>;
