import type { StoredMessage } from './message.ts';

export interface FolderChange {
  /** Rises over the whole mailbox. */
  readonly at: number;
  readonly id: string;
  readonly kind: 'created' | 'updated' | 'removed';
}

/** A folder as clients see it. UIDs only rise, and mean something within one UIDVALIDITY (RFC 9051 2.3.1.1). */
export interface Folder {
  readonly id: string;
  readonly path: string;
  /** Graph's name of a default folder, `inbox` or `sentitems`; undefined for others. */
  readonly wellKnown: string | undefined;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messages: readonly StoredMessage[];
  /** What happened, in its order: the ground of Graph's delta. */
  readonly changes: readonly FolderChange[];
}

/** Default folders, by Exchange's IMAP names and Graph's well-known ones. Graph page: mailFolder resource type. */
export const defaultFolders: readonly { readonly path: string; readonly wellKnown: string; readonly use: string }[] = [
  { path: 'INBOX', wellKnown: 'inbox', use: '' },
  { path: 'Archive', wellKnown: 'archive', use: '\\Archive' },
  { path: 'Deleted Items', wellKnown: 'deleteditems', use: '\\Trash' },
  { path: 'Drafts', wellKnown: 'drafts', use: '\\Drafts' },
  { path: 'Junk Email', wellKnown: 'junkemail', use: '\\Junk' },
  { path: 'Outbox', wellKnown: 'outbox', use: '' },
  { path: 'Sent Items', wellKnown: 'sentitems', use: '\\Sent' },
];

/** INBOX is one name however it is written; other names are told apart by case (RFC 9051 5.1). */
export const samePath = (left: string, right: string): boolean =>
  left === right || (left.toUpperCase() === 'INBOX' && right.toUpperCase() === 'INBOX');
