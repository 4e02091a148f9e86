import { createHash } from 'node:crypto';
import { watchedFields } from './decode/users.ts';

/** Raise it when the reading changes in a way that stored data does not have yet: the next import lists everything. */
export const readingVersion = 1;

export interface FingerprintFacts {
  readonly tenantId: string;
  readonly cloud: string;
  readonly exclusions: readonly string[];
}

/**
 * What a delta link depends on. Delta does not resend unchanged users, so a link that was taken under other conditions
 * would leave holes; with another fingerprint it is dropped and everything is listed.
 */
export const fingerprintOf = ({ tenantId, cloud, exclusions }: FingerprintFacts): string =>
  createHash('sha256')
    .update(JSON.stringify([readingVersion, watchedFields, tenantId, cloud, [...new Set(exclusions)].sort()]))
    .digest('hex');
