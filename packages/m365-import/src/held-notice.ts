import type { Notice } from '@itsm-m365/plugin-api';
import { type Portal, subjectOf } from './connect.ts';
import type { HeldKind } from './guard.ts';
import { importNotices } from './notices.ts';

/** A removal that waits for a person. */
export interface Held {
  readonly kind: HeldKind;
  readonly count: number;
  readonly of: number;
}

/** What would go, and what to do about it. */
export const heldNotice = (portal: Portal, { kind, count, of }: Held): Notice => {
  const details = { portal: portal.value.name, count, of };
  const subject = subjectOf(portal);
  if (kind === 'skus') return importNotices.IMPORT_HELD_EMPTY_SKUS(details, subject);
  if (kind === 'users') return importNotices.IMPORT_HELD_EMPTY_USERS(details, subject);
  return importNotices.IMPORT_HELD(details, subject);
};
