import type { MailClass } from '@itsm-m365/plugin-api';
import { allOf, firstOf, type Header } from './headers.ts';

/** What one part of a message says of itself. The first is the message's own. */
export interface PartFacts {
  /** In lower case, without parameters. */
  readonly contentType: string;
  /** By name in lower case: `report-type`, `method`, `smime-type`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `attachment`, `inline` or `''`. */
  readonly disposition: string;
}

const parameter = (part: PartFacts | undefined, name: string): string =>
  (part?.parameters[name] ?? '').toLowerCase().trim();

/** The first word of a structured value: without comments and parameters, in lower case. */
const keyword = (value: string): string => (value.replace(/\([^()]*\)/g, ' ').split(';')[0] ?? '').trim().toLowerCase();

const has = (headers: readonly Header[], ...names: readonly string[]): boolean =>
  headers.some(({ name }) => names.includes(name));

/** RFC 3834, 5: anything but `no` was not written by a person. */
const autoSubmitted = (headers: readonly Header[]): string =>
  allOf(headers, 'auto-submitted')
    .map(keyword)
    .find((value) => value !== '' && value !== 'no') ?? '';

/** RFC 5321, 4.5.5: reports have a null reverse-path; RFC 3834 and RFC 8098 ask the same of replies and receipts. */
const emptyReturnPath = (headers: readonly Header[]): boolean =>
  allOf(headers, 'return-path').some((value) => /^<\s*>$/.test(value));

/** MS-OXCMAIL 2.1.3.2.20. The sender asks for no automatic answer; about delivery reports and receipts alone we do not care. */
const wantsNoAnswer = (headers: readonly Header[]): boolean =>
  allOf(headers, 'x-auto-response-suppress').some((value) => /\b(all|oof|autoreply)\b/i.test(value));

/**
 * Exchange marks what a mailbox rule made: an automatic reply, but a redirected or forwarded message of a person as well.
 * Alone it therefore says nothing.
 */
const fromMailboxRule = (headers: readonly Header[]): boolean =>
  has(headers, 'x-ms-exchange-inbox-rules-loop', 'x-ms-exchange-generated-message-source');

const classOfReport = (root: PartFacts | undefined): MailClass | undefined => {
  if (root?.contentType === 'message/delivery-status') return 'bounce';
  if (root?.contentType === 'message/disposition-notification') return 'read-receipt';
  if (root?.contentType !== 'multipart/report') return undefined;
  const type = parameter(root, 'report-type');
  if (type === 'disposition-notification') return 'read-receipt';
  // RFC 3464; RFC 6533 for internationalised addresses is `delivery-status` too.
  return type === 'delivery-status' ? 'bounce' : 'automatic';
};

const isAutoReply = (headers: readonly Header[]): boolean => {
  const submitted = autoSubmitted(headers);
  if (submitted === 'auto-replied' || keyword(firstOf(headers, 'precedence')) === 'auto_reply') return true;
  if (allOf(headers, 'x-autoreply').some((value) => keyword(value) !== 'no')) return true;
  if (has(headers, 'x-autorespond')) return true;
  return fromMailboxRule(headers) && (submitted !== '' || wantsNoAnswer(headers) || emptyReturnPath(headers));
};

const machines = new Set(['mailer-daemon', 'postmaster']);

/** A report in a form of its own, as qmail and some gateways write it: told by the return path, and whose it is. */
const isOldBounce = (headers: readonly Header[], from: readonly string[]): boolean =>
  emptyReturnPath(headers) && from.some((address) => machines.has(address.split('@')[0] ?? ''));

/**
 * Tells what a message is by its header fields and parts, and never by its subject, which is written in every language and
 * can be written by anybody. `from` and `ours` are addresses in lower case. The first that applies wins: journal report,
 * report, from ourselves, old bounce, invitation, automatic reply, list, automatic, and else personal.
 *
 * An invitation is text/calendar with METHOD (RFC 6047, 2.4); a calendar file that somebody attaches has none.
 */
export const classify = (
  headers: readonly Header[],
  parts: readonly PartFacts[],
  from: readonly string[],
  ours: ReadonlySet<string>,
): MailClass => {
  if (has(headers, 'x-ms-journal-report')) return 'journal-report';
  const report = classOfReport(parts[0]);
  if (report !== undefined) return report;
  if (from.some((address) => ours.has(address))) return 'from-ourselves';
  if (isOldBounce(headers, from)) return 'bounce';
  if (parts.some((part) => part.contentType === 'text/calendar' && parameter(part, 'method') !== '')) return 'calendar';
  if (isAutoReply(headers)) return 'auto-reply';
  const precedence = keyword(firstOf(headers, 'precedence'));
  // RFC 2919 and RFC 2369.
  if (has(headers, 'list-id', 'list-unsubscribe') || precedence === 'list') return 'list';
  const machine = autoSubmitted(headers) !== '' || wantsNoAnswer(headers) || emptyReturnPath(headers);
  return machine || precedence === 'bulk' || precedence === 'junk' ? 'automatic' : 'personal';
};

const cryptographic = new Set(['application/pkcs7-mime', 'application/x-pkcs7-mime']);
/** RFC 8551, 3.2.2: forms that need no key. */
const openForms = new Set(['signed-data', 'certs-only', 'compressed-data']);

/**
 * Whether a message cannot be read without a key: S/MIME enveloped (RFC 8551), multipart/encrypted (RFC 1847), rights
 * management (application/x-microsoft-rpmsg-message). A signed one can be read, and an encrypted file that somebody
 * attached to a readable text does not make the message unreadable.
 */
export const isProtected = (parts: readonly PartFacts[]): boolean => {
  const sealed = (part: PartFacts): boolean =>
    cryptographic.has(part.contentType) && !openForms.has(parameter(part, 'smime-type'));
  const readable = parts.some(
    ({ contentType, disposition }) => /^text\/(plain|html)$/.test(contentType) && disposition !== 'attachment',
  );
  return parts.some(
    (part, place) =>
      part.contentType === 'multipart/encrypted' ||
      part.contentType === 'application/x-microsoft-rpmsg-message' ||
      (sealed(part) && (place === 0 || !readable)),
  );
};
