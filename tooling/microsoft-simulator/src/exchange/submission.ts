import type { World } from '../world.ts';
import { type Actor, maySendAs } from './access.ts';
import type { Mailbox } from './mailbox.ts';
import { addressesIn, headerText, headerValue } from './message.ts';

export interface Submitted {
  readonly actor: Actor;
  /** The mailbox that was signed in to; its Sent Items get the copy. */
  readonly login: Mailbox;
  readonly envelopeFrom: string;
  readonly recipients: readonly string[];
  readonly raw: Buffer;
  /** Default true. */
  readonly saveToSentItems?: boolean;
}

export interface SubmissionRefusal {
  readonly kind: 'no-sender' | 'send-as-denied' | 'unknown-sender';
  /** The address that may not be used; `''` without one. */
  readonly from: string;
}

const newMessageId = (world: World, login: Mailbox): string =>
  `<${Math.floor(world.random() * 1e15)
    .toString(36)
    .toUpperCase()}@${login.address.split('@')[1] ?? 'example.org'}>`;

/** Exchange adds a Message-ID where there is none; by the fault it replaces the sender's, keeping it in a header of its own. */
const withMessageId = (world: World, { raw, login }: Submitted): Buffer => {
  const given = headerValue(raw, 'message-id');
  const site = { endpoint: 'smtp', tenantId: login.tenantId } as const;
  const replaces = world.faults.strike('message-id-replaced', site) !== undefined;
  if (given !== undefined && !replaces) return raw;
  const header = headerText(raw);
  const kept = header.replace(/^message-id:/im, 'X-Microsoft-Original-Message-ID:');
  return Buffer.concat([
    Buffer.from(`Message-ID: ${newMessageId(world, login)}\r\n${kept}`, 'latin1'),
    raw.subarray(Buffer.byteLength(header, 'latin1')),
  ]);
};

/** Why the message may not go, judged when it is there as a whole, as Exchange does; undefined: it may. */
export const refusedSubmission = (world: World, submitted: Submitted): SubmissionRefusal | undefined => {
  const { actor, login, envelopeFrom, raw } = submitted;
  const header = addressesIn(headerValue(raw, 'from')).map(({ address }) => address);
  const senders = [...(envelopeFrom === '' ? [] : [envelopeFrom]), ...header];
  if (senders.length === 0) return { kind: 'no-sender', from: '' };
  const refused = senders.find((from) => !maySendAs(world, actor, login, from));
  if (refused === undefined) return undefined;
  // Which of the two answers Exchange gives when is a guess; both were seen (mail logs, Microsoft Q&A).
  return { kind: world.exchange.find(refused) === undefined ? 'unknown-sender' : 'send-as-denied', from: refused };
};

/** Delivers a permitted message: to mailboxes here, to the record of outgoing mail, and to Sent Items. */
export const distribute = (world: World, submitted: Submitted): void => {
  const { login, recipients, envelopeFrom } = submitted;
  const raw = withMessageId(world, submitted);
  const elsewhere: string[] = [];
  for (const recipient of new Set(recipients.map((address) => address.toLowerCase()))) {
    const mailbox = world.exchange.find(recipient);
    if (mailbox === undefined) elsewhere.push(recipient);
    else mailbox.append('INBOX', raw);
  }
  if (elsewhere.length > 0) {
    world.exchange.sendOut({ tenantId: login.tenantId, from: envelopeFrom, to: elsewhere, raw });
  }
  if (submitted.saveToSentItems === false) return;
  login.append('Sent Items', raw, { flags: ['\\Seen'] });
  const author = world.exchange.find(addressesIn(headerValue(raw, 'from'))[0]?.address ?? envelopeFrom);
  // Exchange page: Set-Mailbox -MessageCopyForSentAsEnabled. The delegate's copy stays.
  if (author !== undefined && author !== login && author.settings.current.messageCopyForSentAs) {
    author.append('Sent Items', raw, { flags: ['\\Seen'] });
  }
};
