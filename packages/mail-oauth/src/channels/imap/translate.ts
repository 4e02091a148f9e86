import { codeOf, type MakeFault } from '../../transport/peer.ts';
import { askedWait, shownReply } from '../../transport/shown-reply.ts';
import { type ChannelFault, isChannelFault, type Stage } from '../fault.ts';

const words = (error: unknown, name: string): string => {
  const value =
    typeof error === 'object' && error !== null ? Object.entries(error).find(([key]) => key === name)?.[1] : undefined;
  return typeof value === 'string' ? value : '';
};

/** Names of imapflow for what other channels call otherwise; see its `ImapFlowErrorCode`. */
const codes: Readonly<Record<string, string>> = {
  CONNECT_TIMEOUT: 'TIMEOUT',
  GREETING_TIMEOUT: 'TIMEOUT',
  UPGRADE_TIMEOUT: 'TIMEOUT',
  ETIMEOUT: 'TIMEOUT',
  ClosedAfterConnectTLS: 'CLOSED',
  ClosedAfterConnectText: 'CLOSED',
  EConnectionClosed: 'CLOSED',
  NoConnection: 'CLOSED',
  StateLogout: 'CLOSED',
  DownloadIncomplete: 'MESSAGE_GONE',
  DownloadOverflow: 'GARBLED',
  UnexpectedTag: 'GARBLED',
  InvalidResponse: 'GARBLED',
  LiteralTooLarge: 'LINE_TOO_LONG',
  LineTooLarge: 'LINE_TOO_LONG',
  ResponseTooLarge: 'LINE_TOO_LONG',
};

/** By what imapflow says where it gives no code. */
const messages: readonly (readonly [RegExp, Stage, string])[] = [
  [/^Server does not support STARTTLS/, 'tls', 'STARTTLS_MISSING'],
  [/^Unsupported authentication mechanism|^Login is disabled/, 'login', 'MECHANISM_MISSING'],
];

/**
 * A failure of imapflow as a fault of ours: its errors carry commands and parsed answers, of which nothing but the server's
 * words leaves here, redacted. `throttled`: the server had asked to wait so many milliseconds before the connection was
 * closed for it. `User is authenticated but not connected` belongs to signing in wherever it comes up: Exchange found no
 * mailbox that this token may open (email-oauth2-proxy #275, node-imap #689).
 */
export const translate = (
  error: unknown,
  stage: Stage,
  fault: MakeFault,
  secrets: readonly string[],
  throttled: number,
): ChannelFault => {
  if (isChannelFault(error)) return error;
  const said = words(error, 'responseText') || words(error, 'response') || words(error, 'reason');
  const reply = shownReply(said, secrets);
  const reason = /^[A-Z][A-Z0-9-]{0,40}$/i.exec(words(error, 'serverResponseCode'))?.[0] ?? '';
  const waitMs = throttled || askedWait(reply);
  if (waitMs > 0) return fault(stage, { code: 'ETHROTTLE', reply, reason, waitMs: Math.min(waitMs, 86_400_000) });
  if (/authenticated but not connected/i.test(reply)) return fault('login', { reply, reason });
  const refused = words(error, 'responseStatus') !== '' || (reply !== '' && words(error, 'reason') === '');
  if (refused) return fault(stage, { reply, reason });
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  const [, at, named] = messages.find(([pattern]) => pattern.test(message)) ?? [];
  return fault(at ?? stage, { code: named ?? codes[code] ?? code, reply });
};

/** RFC 5530: `NONEXISTENT`; RFC 9051, 7.1: `TRYCREATE`; and the words of servers that give neither. */
export const saysFolderMissing = ({ facts }: ChannelFault): boolean =>
  facts.code === '' &&
  (/^(NONEXISTENT|TRYCREATE)$/i.test(facts.reason) ||
    /(does ?n[o'’]t|does not) exist|no such (mailbox|folder)|unknown (mailbox|folder)/i.test(facts.reply));
