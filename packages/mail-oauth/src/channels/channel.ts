import type { Readable } from 'node:stream';
import type { Clock, Logger, OutboundTcp } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';

/** A mail server as an account names it, defaults filled in. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte. `starttls`: asked for before anything else, and without it nothing is sent. */
  readonly encryption: 'tls' | 'starttls';
  /** PEM of a private certification authority that is trusted besides the public ones; `''`: none. */
  readonly authority: string;
  /** A certificate error is let pass. Never true with OAuth, nor for Microsoft's hosts: see `identity.ts`. */
  readonly acceptUntrusted: boolean;
}

/** How a channel signs in. */
export type Login =
  | {
      readonly kind: 'oauth';
      /** XOAUTH2's `user=`: the mailbox for receiving, the SMTP login for sending. */
      readonly user: string;
      /**
       * An access token, valid for a while. With `refused`, another one than that: the server did not take it. Throws the
       * known errors of the token vault; a channel asks for a second token at most once.
       */
      token(options?: { readonly refused?: string; readonly signal?: AbortSignal }): Promise<string>;
    }
  | { readonly kind: 'password'; readonly user: string; readonly password: string };

/** What every channel is lent. All of them stop at `signal`, close their connection then, and reject with its reason. */
export interface ChannelContext {
  readonly tcp: OutboundTcp;
  readonly http: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** For connecting with TLS and greeting, and for each answer. Defaults 20 s and 60 s. */
  readonly connectMs?: number;
  readonly answerMs?: number;
}

/** How far a mailbox was read. Belongs to one account and folder; stored as JSON. */
export type Position =
  /** RFC 9051, 2.3.1.1: UIDs mean something within one UIDVALIDITY only. `uid`: the last one dealt with. */
  | { readonly kind: 'imap'; readonly folder: string; readonly uidValidity: string; readonly uid: number }
  /** POP knows no order: what was dealt with is known by its UIDL. */
  | { readonly kind: 'pop' }
  /** The delta link of the folder's messages. */
  | { readonly kind: 'graph'; readonly folder: string; readonly link: string };

/** What a mailbox says of itself when it is opened. */
export interface MailboxFacts {
  readonly protocol: 'imap' | 'pop' | 'graph';
  readonly folder: string;
  readonly messages: number;
  /** IMAP only. */
  readonly uidValidity?: string;
  readonly uidNext?: number;
  readonly capabilities: readonly string[];
}

/** A message as a listing names it. */
export interface Listed {
  /**
   * Names the message within its account for good: `folder;uidvalidity;uid`, POP's UIDL, Graph's immutable id. Never the
   * Message-ID, which the sender controls. At most 400 characters.
   */
  readonly key: string;
  /** Bytes; undefined where the server does not tell before the message is read. */
  readonly size: number | undefined;
}

/** Some messages in the mailbox's order, and how far the mailbox is read once they are dealt with. */
export interface Page {
  readonly messages: readonly Listed[];
  readonly position: Position;
}

/** What is done with a message that the host has taken. `move` creates nothing: the folder has to be there. */
export type Acknowledgement =
  | { readonly kind: 'mark' }
  | { readonly kind: 'move'; readonly folder: string }
  | { readonly kind: 'delete' };

/** An open mailbox: signed in, the folder chosen. One connection; calls follow one another. Throws `ChannelFault`. */
export interface Mailbox {
  readonly facts: MailboxFacts;
  /** The position behind everything that is in the folder now: what comes later follows it. */
  now(): Promise<Position>;
  /**
   * Messages after the position, oldest first, in pages of at most 100; from the beginning without a position. The caller
   * has made sure by `facts` that an IMAP position still means something. Graph: throws a fault with reason
   * `SyncStateNotFound` where the link is no longer known.
   */
  list(position: Position | undefined): AsyncIterable<Page>;
  /**
   * The message as it is stored, streamed. Ends with a fault of code `MESSAGE_GONE` where it is no longer there. The caller
   * reads it to its end or destroys it before the next call.
   */
  read(key: string): Promise<Readable>;
  /** Harmless for messages that are gone. */
  acknowledge(keys: readonly string[], how: Acknowledgement): Promise<void>;
  /** Whether a message with this Message-ID lies in Sent Items of this mailbox. Absent where the protocol knows no folders. */
  findSent?(messageId: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** A signed-in way to send. Throws `ChannelFault`. */
export interface Submission {
  readonly facts: {
    readonly protocol: 'smtp' | 'graph';
    readonly capabilities: readonly string[];
    readonly maxBytes?: number;
  };
  /** MAIL FROM, RCPT TO, then RSET: nothing is sent. Graph cannot be asked without sending, and does nothing here. */
  verify(envelope: Envelope): Promise<void>;
  /**
   * Sends one message. Rejects with a fault whose `outcomeUnknown` tells whether it may have gone. Answers with the
   * server's words and the recipients that were refused while others were accepted.
   */
  send(
    envelope: Envelope,
    mime: Buffer,
  ): Promise<{ readonly reply: string; readonly refused: readonly { readonly to: string; readonly reply: string }[] }>;
  close(): Promise<void>;
}

/** Whether a message with this Message-ID lies in the sender's Sent Items. Throws `ChannelFault`. */
export type FindSent = (messageId: string) => Promise<boolean>;
