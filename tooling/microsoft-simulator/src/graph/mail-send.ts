import type { Actor } from '../exchange/access.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import { addressesIn, headerFields, headerText, headerValue } from '../exchange/message.ts';
import { distribute, refusedSubmission } from '../exchange/submission.ts';
import type { SimReply } from '../http.ts';
import { type GraphCall, QueryProblem, strike } from './call.ts';

const accepted: SimReply = { status: 202, headers: {}, body: '' };
const lost: SimReply = { status: 202, headers: {}, body: '', wire: { kind: 'drop' } };

/** What recipients get: without Bcc, with From where the client left it out. */
const outward = (raw: Buffer, mailbox: Mailbox): Buffer => {
  const header = headerText(raw);
  const kept = header.split(/\r?\n(?![ \t])/).filter((field) => field !== '' && !/^bcc:/i.test(field));
  const from = headerValue(raw, 'from') === undefined ? [`From: ${mailbox.address}`] : [];
  return Buffer.concat([
    Buffer.from(`${[...from, ...kept].join('\r\n')}\r\n\r\n`, 'latin1'),
    raw.subarray(Buffer.byteLength(header, 'latin1')),
  ]);
};

/** `sendMail` with MIME. Graph page: user: sendMail, examples with MIME format. The JSON form is not known here. */
export const sendMail = (call: GraphCall, mailbox: Mailbox, actor: Actor): SimReply => {
  if (!/^text\/plain\b/i.test(call.headers['content-type'] ?? '')) {
    throw new QueryProblem(
      'ErrorInvalidRequest',
      'This simulator takes sendMail as MIME in base64, text/plain, alone.',
    );
  }
  const text = call.body.trim();
  if (text === '' || !/^[A-Za-z0-9+/\r\n]+={0,2}$/.test(text)) {
    throw new QueryProblem('ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.');
  }
  const given = Buffer.from(text, 'base64');
  const recipients = headerFields(given)
    .filter(({ name }) => ['to', 'cc', 'bcc'].includes(name))
    .flatMap(({ value }) => addressesIn(value).map(({ address }) => address));
  if (recipients.length === 0) {
    throw new QueryProblem(
      'ErrorInvalidRecipients',
      'At least one recipient is not valid., The message has no recipients.',
    );
  }
  if (strike(call, 'send-mail-lost-when-not-taken') !== undefined) return lost;
  const submitted = { actor, login: mailbox, envelopeFrom: '', recipients, raw: outward(given, mailbox) };
  if (refusedSubmission(call.world, submitted) !== undefined) {
    const message =
      'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.';
    throw new QueryProblem('ErrorSendAsDenied', message, 403);
  }
  distribute(call.world, submitted);
  return strike(call, 'send-mail-lost-when-taken') === undefined ? accepted : lost;
};
