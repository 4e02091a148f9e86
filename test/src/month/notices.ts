import type { Instant } from '@itsm-m365/plugin-api';
import { day, type MonthPortal } from './portals.ts';

const hour = 3_600_000;
const thresholds = [1, 7, 14, 30, 60];

/** The key under which people are to be told of a credential at an instant; undefined: of nothing yet. */
export const credentialKey = ({ credential: { key, end } }: MonthPortal, now: Instant): string | undefined => {
  if (now >= end) return `${key}/expired`;
  const threshold = thresholds.find((days) => end - now <= days * day);
  return threshold === undefined ? undefined : `${key}/${threshold}`;
};

/** The key of a portal without a complete import for a day. */
export const staleKey = ({ id, lastComplete }: MonthPortal, now: Instant): string | undefined =>
  lastComplete !== null && now - lastComplete >= 24 * hour ? `m365-import.stale/${id}/${lastComplete}` : undefined;
