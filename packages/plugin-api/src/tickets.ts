import type { Readable } from 'node:stream';
import type { Instant } from './clock.ts';

/** What a message is, by its headers and parts and never by its subject; an automatic one must not be answered. */
export type MailClass =
  | 'personal'
  | 'auto-reply'
  | 'bounce'
  | 'read-receipt'
  | 'list'
  | 'journal-report'
  | 'calendar'
  | 'from-ourselves'
  | 'automatic';

/** A message as it is handed to the host. Texts come from strangers: `html` is untrusted, escape every one of them. */
export interface ReceivedMail {
  /** Names this message for good: the same id again is the same message. */
  readonly id: string;
  /** Grows where a hand-over was not confirmed: from 2 on the host may have the message already. */
  readonly attempt: number;
  readonly account: { readonly id: string; readonly name: string; readonly mailbox: string };
  readonly class: MailClass;
  /** Cannot be read without a key: S/MIME or rights management. The parts are in `raw`. */
  readonly protected: boolean;
  readonly messageId: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly from: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly subject: string;
  /** As the sender's clock has it; undefined where it is missing or unreadable. */
  readonly date: Instant | undefined;
  readonly text: string;
  /** Untrusted, unchanged. `''` where there is none. */
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
  /** Bytes of the whole message. */
  readonly size: number;
  /** The message as it was received, once; closed when the hand-over ends. */
  raw(): Promise<Readable>;
}

export interface MailAddress {
  /** In lower case where it is a mail address; what it is where it is none. */
  readonly address: string;
  readonly name: string;
}

export interface MailAttachment {
  /** Never a path: separators and control characters are replaced. */
  readonly fileName: string;
  readonly contentType: string;
  readonly contentId: string;
  readonly inline: boolean;
  readonly content: Uint8Array;
}

/** Takes what a mailbox receives: the host's tickets. */
export interface Tickets {
  /**
   * Takes one message; resolved, it is the host's and may leave the mailbox. Rejected, it stays there and comes again.
   * May be called twice for one message, with the same `id` and a higher `attempt`.
   */
  receive(message: ReceivedMail, signal: AbortSignal): Promise<void>;
}
