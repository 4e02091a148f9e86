import {
  bigint,
  defineTable,
  flag,
  guid,
  integer,
  json,
  longText,
  nullable,
  type RowOf,
  text,
  time,
  words,
} from '@itsm-m365/database';
import type { Position } from './channels/channel.ts';

/** How far which mailbox was read: its address, since one mailbox may name its messages as another one does. */
export type StoredPosition = Position & { readonly mailbox?: string };

/** One row per account that was ever fetched from; outlives the account, so that its name stays readable. */
export const mailStates = defineTable('mail_state', {
  account: guid(),
  name: words(100),
  /** Null: nothing was dealt with yet. */
  position: nullable(json<StoredPosition>()),
  /** When the position was noted. */
  position_at: nullable(time()),
  /** `''`; `moved`: the mailbox is another one than it was, and a person decides from where to go on. */
  cursor_state: text(16),
  /** What was found instead, for the person: UIDVALIDITY and UIDNEXT of the server. */
  cursor_detail: text(400),
  last_attempt_at: nullable(time()),
  last_complete_at: nullable(time()),
  last_run: text(64),
  /** Code of the error of the last attempt; `''` where it did not fail. */
  failed_code: text(80),
  failed_at: nullable(time()),
  checked_at: nullable(time()),
  check_code: text(80),
  removed_at: nullable(time()),
});
export type MailStateRow = RowOf<typeof mailStates>;

/** A person's sign-in for an account (delegated): where its refresh token lies, and how it is doing. */
export const grants = defineTable('mail_grant', {
  account: guid(),
  /** Reference into the host's secrets; `''`: none. */
  refresh_token: text(200),
  /** Tenant, client and cloud that it was given for; another one asks for a new sign-in. */
  tenant: text(100),
  client: guid(),
  /** Whose it is, by Entra: object id and user principal name in lower case. */
  user_id: guid(),
  user_name: text(320),
  scopes: text(1000),
  signed_in_at: time(),
  signed_in_by: text(100),
  renewed_at: time(),
  /** `ok`; `dead`: only a new sign-in helps; `removed`: the account is gone, and its token goes next. */
  state: text(8),
  failed_code: text(80),
  /** Microsoft's number, 0 where there is none. */
  failed_number: integer(),
  failed_at: nullable(time()),
  /** Ticket of the node that renews it now; `''`: nobody. Taken over by guard, never by comparing clocks. */
  claim: text(64),
  /** Grows with each change of the token. */
  version: integer(),
});
export type GrantRow = RowOf<typeof grants>;

/** A sign-in that was begun. Single-use, ten minutes. */
export const signIns = defineTable('mail_sign_in', {
  /** SHA-256 of `state`; of the device code's handle for device sign-ins. */
  id: text(64),
  account: guid(),
  kind: text(8),
  /** Who began it; nobody else may end it. */
  actor: text(100),
  /** SHA-256 of the value that the browser keeps for itself. */
  binding: text(64),
  redirect: text(1000),
  /** Reference into the host's secrets: PKCE verifier, or device code. */
  proof: text(200),
  created_at: time(),
  expires_at: time(),
  used_at: nullable(time()),
});
export type SignInRow = RowOf<typeof signIns>;

/** Every message that was seen: what was handed over is never handed over again as if it were new. */
export const messages = defineTable('mail_message', {
  account: guid(),
  /** `Listed.key`. */
  message_key: text(400),
  /** `ReceivedMail.id`. */
  id: guid(),
  /**
   * `handing`: given to the host, not confirmed. `taken`: the host's. `failed`: comes again. `aside`: failed too often,
   * `large`, `unreadable`: stays in the mailbox and is listed. `suspect`: probably taken before the cursor was reset.
   * `skipped`: a person said so.
   */
  state: text(12),
  attempts: integer(),
  class: text(20),
  /** Sender's words, for the list; longer ones are cut. */
  message_id: text(998),
  subject: words(500),
  sender: text(320),
  /** SHA-256 of the whole message; `''` before it was read. */
  content: text(64),
  size: bigint(),
  seen_at: time(),
  changed_at: time(),
  failed_code: text(80),
  /** The acknowledgement in the mailbox is done, or not wanted. */
  acknowledged: flag(),
});
export type MessageRow = RowOf<typeof messages>;

/** Mail to be sent. A row is never deleted by sending. */
export const outbox = defineTable('mail_outbox', {
  id: guid(),
  account: guid(),
  /** The host's name for the event; the same key again is the same mail. */
  event_key: text(200),
  message_id: text(200),
  from_address: text(320),
  recipients: json<readonly string[]>(),
  subject: words(500),
  /** The whole message as it is sent, each time the same; `''` once it was. */
  mime: longText(),
  size: bigint(),
  automatic: flag(),
  /** `queued`, `sending`, `sent`, `uncertain`, `refused`, `held`, `cancelled`. */
  state: text(12),
  attempts: integer(),
  /** Not before. */
  next_at: time(),
  created_at: time(),
  changed_at: time(),
  sent_at: nullable(time()),
  failed_code: text(80),
  /** The server's words, without anything of the message. */
  reply: text(1000),
  /** Ticket of the hold that sends it. */
  claim: text(64),
});
export type OutboxRow = RowOf<typeof outbox>;

/** Automatic mails by recipient and hour. The recipient is a hash: who was written to is no business of a counter. */
export const recipientHours = defineTable('mail_recipient_hour', {
  account: guid(),
  recipient: text(64),
  hour: time(),
  count: integer(),
});

export const mailTables = [mailStates, grants, signIns, messages, outbox, recipientHours] as const;
