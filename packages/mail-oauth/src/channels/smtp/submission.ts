import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { MakeFault } from '../../transport/peer.ts';
import { shownReply } from '../../transport/shown-reply.ts';
import type { ChannelContext, Envelope, Submission } from '../channel.ts';
import { type ChannelFault, isChannelFault } from '../fault.ts';
import { messageStream } from '../message-stream.ts';
import { libraryError, replyFacts } from './reply.ts';
import type { Announced, SmtpSession } from './session.ts';

export interface SignedIn {
  readonly session: SmtpSession;
  readonly announced: Announced;
  readonly fault: MakeFault;
  readonly secrets: readonly string[];
  readonly context: ChannelContext;
}

/** RFC 5321, 4.5.3.2.6: who waits for less than ten minutes after the end of a message doubles mail. */
const lastAnswerMs = 10 * 60_000;

/** As little as keeps an address from ending its command: whoever composed the mail has looked closer. */
const plainAddress = /^[^\s<>\p{Cc}]{1,320}$/u;

const checkEnvelope = ({ from, to }: Envelope, fault: MakeFault): void => {
  if (!plainAddress.test(from)) throw fault('sender', { code: 'EENVELOPE' });
  if (to.length === 0 || to.some((address) => !plainAddress.test(address)))
    throw fault('recipient', { code: 'EENVELOPE' });
};

const answered = ({ facts }: ChannelFault): boolean =>
  facts.stage === 'data' && facts.code === '' && facts.status >= 400;

/** Whether a mail that failed may have gone: its end was handed over, and no whole reply to it came. */
const judged = (error: unknown, fault: MakeFault): ChannelFault => {
  if (!isChannelFault(error)) return fault('data', { code: 'ABORTED', outcomeUnknown: true });
  return answered(error) ? error : fault('data', { ...error.facts, stage: 'data', outcomeUnknown: true });
};

/** Sends over a connection that is signed in. */
export const smtpSubmission = ({ session, announced, fault, secrets, context }: SignedIn): Submission => {
  const { connection } = session;
  const maxBytes = typeof announced.maxAllowedSize === 'number' ? announced.maxAllowedSize : undefined;

  const send: Submission['send'] = async (envelope, mime) => {
    checkEnvelope(envelope, fault);
    if (maxBytes !== undefined && maxBytes > 0 && mime.length > maxBytes) throw fault('data', { code: 'TOO_LARGE' });
    const message = messageStream(mime, () => {
      const socket = connection._socket;
      if (socket) socket.setTimeout(context.answerMs ?? lastAnswerMs);
    });
    let info: SMTPConnectionSendInfo;
    try {
      info = await session.run<SMTPConnectionSendInfo>('data', ({ resolve, reject }) => {
        const { from, to } = envelope;
        connection.send({ from, to: [...to], size: mime.length }, message.stream, (error, result) =>
          error !== null || result === undefined ? reject(error) : resolve(result),
        );
      });
    } catch (error) {
      throw message.handedOver() ? judged(error, fault) : error;
    }
    const { status, reply } = replyFacts(info.response, secrets);
    if (status < 200 || status > 299) throw fault('data', { reply, status, code: 'EPROTOCOL', outcomeUnknown: true });
    const refused = (info.rejectedErrors ?? []).map((error, index) => ({
      to: info.rejected[index] ?? '',
      reply: shownReply(libraryError(error).response, secrets),
    }));
    return { reply, refused };
  };

  const verify: Submission['verify'] = async (envelope) => {
    checkEnvelope(envelope, fault);
    const { from, to } = envelope;
    const letters = /[^\x21-\x7e]/.test(from + to.join('')) && announced.extensions.includes('SMTPUTF8');
    const sender = await session.command('sender', `MAIL FROM:<${from}>${letters ? ' SMTPUTF8' : ''}`);
    if (!sender.startsWith('2')) throw fault('sender', replyFacts(sender, secrets));
    const replies: string[] = [];
    for (const address of to) replies.push(await session.command('recipient', `RCPT TO:<${address}>`));
    const reset = await session.command('recipient', 'RSET');
    const refusal = replies.find((reply) => !reply.startsWith('2'));
    if (refusal !== undefined) throw fault('recipient', replyFacts(refusal, secrets));
    if (!reset.startsWith('2')) throw fault('recipient', replyFacts(reset, secrets));
  };

  return {
    facts: {
      protocol: 'smtp',
      capabilities: [...announced.extensions, ...announced.authMethods.map((method) => `AUTH=${method}`)],
      ...(maxBytes === undefined || maxBytes === 0 ? {} : { maxBytes }),
    },
    verify,
    send,
    close: async () => session.close(),
  };
};
