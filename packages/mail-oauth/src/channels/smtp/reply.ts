import { askedWait, shownReply } from '../../transport/shown-reply.ts';
import type { FaultFacts, Stage } from '../fault.ts';

/** What a fault takes from an SMTP reply. */
export type ReplyFacts = Pick<FaultFacts, 'reply' | 'status' | 'reason' | 'waitMs'>;

/**
 * Reads a reply, also one of several lines (RFC 5321, 4.2.1): its code, the enhanced code of RFC 3463 that follows it,
 * and the words as they may be shown. `secrets`: what was sent in confidence, should the server echo it.
 */
export const replyFacts = (reply: string, secrets: readonly string[] = []): ReplyFacts => {
  const [, status = '0', reason = ''] =
    /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})(?![\d.]))?/.exec(reply.slice(0, 40)) ?? [];
  return { reply: shownReply(reply, secrets), status: Number(status), reason, waitMs: askedWait(reply) };
};

/** Of an error of nodemailer's: what it was doing, and the reply that it got. */
export interface LibraryError {
  readonly code: string;
  readonly command: string;
  readonly response: string;
}

const textOf = (error: object, name: string): string => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

/** nodemailer hides the network's own code behind its own, and the kind of a timeout in a third place. */
export const libraryError = (error: unknown): LibraryError => {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', command: '', response: '' };
  const timeout = textOf(error, 'timeoutType');
  const code = textOf(error, 'originalCode') || textOf(error, 'code');
  const known = timeout === '' ? code : timeout === 'GREETING_TIMEOUT' ? timeout : 'TIMEOUT';
  const plain = /^[A-Za-z][A-Za-z0-9_]{1,63}$/.test(known) ? known : 'UNKNOWN';
  return {
    code: plain === 'ECONNECTION' || plain === 'ESOCKET' ? 'CLOSED' : plain,
    command: textOf(error, 'command'),
    response: textOf(error, 'response'),
  };
};

/** The stage that a command belongs to; `otherwise` for the network's own failures, which belong to none. */
export const stageOf = (command: string, otherwise: Stage): Stage => {
  if (command === 'STARTTLS') return 'tls';
  if (command === 'EHLO' || command === 'HELO') return 'greeting';
  if (command.startsWith('AUTH')) return 'login';
  if (command === 'MAIL FROM') return 'sender';
  if (command === 'RCPT TO') return 'recipient';
  return command === 'DATA' ? 'data' : otherwise;
};
