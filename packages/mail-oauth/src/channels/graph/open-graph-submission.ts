import addressparser from 'nodemailer/lib/addressparser';
import type { ChannelContext, Login, Submission } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { messageStream } from '../message-stream.ts';
import { type GraphPlace, graphCaller } from './call.ts';

/** Graph page "user: sendMail": 4 MB for a request, and base64 makes three bytes four. */
const maxBytes = 3_000_000;

/** Statuses after which the message may be on its way: somebody in between, or Graph itself, lost track of it. */
const unclear: readonly number[] = [500, 502, 504];

/**
 * Adds who gets the message without being named in it: Graph takes the recipients from the message and drops this header
 * from what it sends (Graph page "Send mail in MIME format"; RFC 5322, 3.6.3).
 */
export const withBcc = (mime: Buffer, to: readonly string[]): Buffer => {
  const end = mime.indexOf('\r\n\r\n');
  const head = mime
    .subarray(0, end < 0 ? mime.length : end)
    .toString('utf8')
    .replace(/\r\n[ \t]+/g, ' ');
  const named = new Set(
    head
      .split('\r\n')
      .filter((line) => /^(to|cc):/i.test(line))
      .flatMap((line) => addressparser(line.slice(line.indexOf(':') + 1), { flatten: true }))
      .map(({ address }) => address.toLowerCase()),
  );
  const hidden = to.filter((address) => !named.has(address.toLowerCase()));
  return hidden.length === 0 ? mime : Buffer.concat([Buffer.from(`Bcc: ${hidden.join(',\r\n ')}\r\n`), mime]);
};

/**
 * Sends by Microsoft Graph as the mailbox that the login's `user` names (`sendMail`, the message as MIME in base64). Graph says nothing before it is
 * asked to send, so opening connects nowhere and `verify` does nothing. Accepted (202) is not delivered. Never sends twice:
 * a lost answer is a fault whose `outcomeUnknown` is true. Throws `ChannelFault`, or what the token vault throws.
 */
export const openGraphSubmission = (login: Login, context: ChannelContext, place: GraphPlace = {}): Submission => {
  const caller = graphCaller(login, context, place);
  const { fault } = caller;
  return {
    facts: { protocol: 'graph', capabilities: [], maxBytes },
    verify: async () => undefined,
    send: async ({ to }, mime) => {
      if (to.length === 0 || to.some((address) => !/^[^\s<>,\p{Cc}]{1,320}$/u.test(address)))
        throw fault('recipient', { code: 'EENVELOPE' });
      if (mime.length > maxBytes) throw fault('data', { code: 'TOO_LARGE' });
      const encoded = Buffer.from(withBcc(mime, to).toString('base64'), 'latin1');
      let message = messageStream(encoded);
      try {
        const { status, body } = await caller.open({
          stage: 'data',
          method: 'POST',
          path: caller.path(['sendMail']),
          headers: { 'content-type': 'text/plain' },
          body: () => {
            message = messageStream(encoded);
            return message.stream;
          },
          bodyBytes: encoded.length,
        });
        await body.dump({ limit: 16_384 }).catch(() => undefined);
        return { reply: `HTTP ${status}`, refused: [] };
      } catch (error) {
        if (!message.handedOver()) throw error;
        if (!isChannelFault(error)) {
          // A known error after an answer is the vault's; it follows a refused token, and nothing was taken.
          if (context.signal.aborted && error === context.signal.reason)
            throw fault('data', { code: 'ABORTED', outcomeUnknown: true });
          throw error;
        }
        const { facts } = error;
        const lost = facts.status === 0 || unclear.includes(facts.status);
        throw lost ? fault('data', { ...facts, stage: 'data', outcomeUnknown: true }) : error;
      }
    },
    close: async () => undefined,
  };
};

/**
 * Asks Sent Items of the mailbox for a Message-ID; for all that is sent by Graph, and by SMTP where the copy is kept in this
 * mailbox. Reliable once some minutes have passed: Exchange files the copy after it answered.
 */
export const findSentByGraph = async (
  login: Login,
  messageId: string,
  context: ChannelContext,
  place: GraphPlace = {},
): Promise<boolean> => {
  const caller = graphCaller(login, context, place);
  const $filter = `internetMessageId eq '${messageId.replaceAll("'", "''")}'`;
  const path = caller.path(['mailFolders', 'sentitems', 'messages'], { $filter, $select: 'id', $top: '1' });
  const { value } = await caller.json({ stage: 'sent-items', method: 'GET', path });
  if (!Array.isArray(value)) throw caller.fault('sent-items', { code: 'REPLY_UNREADABLE' });
  return value.length > 0;
};
