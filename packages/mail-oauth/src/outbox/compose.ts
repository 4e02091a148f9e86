import { createHash } from 'node:crypto';
import type { Instant } from '@itsm-m365/plugin-api';
import MailComposer from 'nodemailer/lib/mail-composer';
import { checkedAddress, distinctAddresses } from './addresses.ts';
import { outboxErrors } from './errors.ts';

export interface MailContent {
  readonly from: string;
  readonly fromName: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Message-IDs with their angle brackets, as they were received; what is none is left out. */
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Written by a rule and not by a person. */
  readonly automatic: boolean;
}

const limits = { subject: 400, name: 200, references: 30 };
// RFC 5322, 3.6.4, without its quoted forms. Strangers' ones come back in In-Reply-To, so nothing else may pass.
const messageIdForm = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,196}>$/;

export const isMessageId = (value: string): boolean => messageIdForm.test(value);

/** One line of a header: no control character, no line separator, nothing that reverses the reading direction. */
const oneLine = (value: string, length: number): string =>
  value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, length)
    .replace(/\p{Surrogate}/gu, '\ufffd');

/** NUL and its like end a message early in some readers; line breaks and tabs stay. */
const bodyText = (value: string): string =>
  value.replace(/[^\P{Cc}\r\n\t]+/gu, '').replace(/\p{Surrogate}/gu, '\ufffd');

/**
 * The message as it is sent, the same bytes for the same input, lines ended by CR LF. Bcc stands nowhere in it: who is not
 * named in To or Cc is in the envelope only. Automatic mail says so (RFC 3834, 5; MS-OXCMAIL's X-Auto-Response-Suppress),
 * so that no machine answers it. Texts cannot become headers: control characters are taken out of every one of them.
 * @throws OUTBOX_ADDRESS_INVALID, OUTBOX_KEY_INVALID where the Message-ID is none
 */
export const composeMail = async (
  mail: MailContent & { readonly messageId: string; readonly date: Instant },
): Promise<Buffer> => {
  if (!isMessageId(mail.messageId)) throw outboxErrors.OUTBOX_KEY_INVALID();
  const references = (mail.references ?? []).filter(isMessageId).slice(-limits.references);
  const inReplyTo = isMessageId(mail.inReplyTo ?? '') ? mail.inReplyTo : undefined;
  const composer = new MailComposer({
    from: { name: oneLine(mail.fromName, limits.name), address: checkedAddress(mail.from) },
    to: [...distinctAddresses(mail.to)],
    cc: [...distinctAddresses(mail.cc ?? [])],
    subject: oneLine(mail.subject, limits.subject),
    text: bodyText(mail.text),
    ...(mail.html === undefined || mail.html === '' ? {} : { html: bodyText(mail.html) }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(references.length === 0 ? {} : { references }),
    messageId: mail.messageId,
    date: new Date(mail.date),
    ...(mail.automatic ? { headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } } : {}),
    // Texts decide nothing about files and addresses of this server.
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 24),
  });
  return composer.compile().build();
};
