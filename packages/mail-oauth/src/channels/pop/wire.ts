import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { limitsOf, timed } from '../../transport/deadline.ts';
import { codeOf, type MakeFault } from '../../transport/peer.ts';
import { askedWait, shownReply } from '../../transport/shown-reply.ts';
import type { ChannelContext } from '../channel.ts';
import { type ChannelFault, isChannelFault, type Stage } from '../fault.ts';
import { nextChunk } from './chunks.ts';
import { dotDecoder } from './dot-decoder.ts';

/** RFC 1939, 3 and RFC 2449, 4 allow 512 octets; challenges of SASL are longer. */
const longestLine = 4_096;

/** A server's answer that is not a refusal: `ok` ends a command, `more` asks for what SASL sends next. */
export interface PopReply {
  readonly kind: 'ok' | 'more';
  readonly text: string;
}

/**
 * The lines of a POP conversation (RFC 1939), bounded in length and time. Everything throws a fault of the stage it is told,
 * `TIMEOUT`, `CLOSED`, `GARBLED`, `LINE_TOO_LONG` among its codes, after which the connection is closed; a refusal
 * (`-ERR`) leaves it open. Rejects with the signal's reason when the context is aborted, and closes.
 */
export interface PopWire {
  reply(stage: Stage, secrets?: readonly string[]): Promise<PopReply>;
  /** Sends a line and reads the answer. First skips what is left of a message that nobody reads any more. */
  command(line: string, stage: Stage, secrets?: readonly string[]): Promise<PopReply>;
  /** The lines of a multi-line answer; more than `most` of them are an error. */
  lines(stage: Stage, most: number): Promise<readonly string[]>;
  /** A multi-line answer as a stream. The next command waits for its end, or skips it where it is destroyed. */
  body(stage: Stage): Readable;
  /** Bytes came that nobody has asked for. */
  hasMore(): boolean;
  close(): void;
}

export const popWire = (socket: Socket, context: ChannelContext, fault: MakeFault): PopWire => {
  const { answerMs } = limitsOf(context);
  let buffered: Buffer = Buffer.alloc(0);
  let decode: ReturnType<typeof dotDecoder> | undefined;
  let pending: Promise<unknown> = Promise.resolve();

  const broken = (stage: Stage, code: string): ChannelFault => {
    socket.destroy();
    return fault(stage, { code });
  };

  const more = async (stage: Stage): Promise<Buffer> => {
    try {
      const chunk = await timed(
        context,
        answerMs,
        () => fault(stage, { code: 'TIMEOUT' }),
        (signal) => nextChunk(socket, signal),
      );
      if (chunk === undefined) throw fault(stage, { code: 'CLOSED' });
      return chunk;
    } catch (error) {
      socket.destroy();
      if (context.signal.aborted) throw context.signal.reason;
      throw isChannelFault(error) ? error : fault(stage, { code: codeOf(error) });
    }
  };

  const line = async (stage: Stage): Promise<string> => {
    for (;;) {
      const end = buffered.indexOf('\n');
      if (end > longestLine || (end === -1 && buffered.length > longestLine)) throw broken(stage, 'LINE_TOO_LONG');
      if (end !== -1) {
        const text = buffered.subarray(0, end).toString().replace(/\r$/, '');
        buffered = buffered.subarray(end + 1);
        return text;
      }
      buffered = Buffer.concat([buffered, await more(stage)]);
    }
  };

  const reply: PopWire['reply'] = async (stage, secrets = []) => {
    const text = await line(stage);
    if (/^\+OK( |$)/i.test(text)) return { kind: 'ok', text: text.slice(4) };
    if (/^\+( |$)/.test(text)) return { kind: 'more', text: text.slice(2) };
    if (!/^-ERR( |$)/i.test(text)) throw broken(stage, 'GARBLED');
    const words = shownReply(text.slice(5), secrets);
    const waitMs = askedWait(words);
    // RFC 2449, 8: an extended response code stands first, in brackets.
    const reason = /^\[([A-Z][A-Z0-9/-]{0,40})\]/i.exec(words)?.[1] ?? '';
    throw fault(stage, { reply: words, reason, waitMs, code: waitMs > 0 ? 'ETHROTTLE' : '' });
  };

  /** The next piece of the message under way; undefined at its end. One at a time, whoever asks. */
  const piece = (stage: Stage): Promise<Buffer | undefined> => {
    const next = pending.then(async () => {
      while (decode !== undefined) {
        const chunk = buffered.length > 0 ? buffered : await more(stage);
        buffered = Buffer.alloc(0);
        const { data, rest } = decode(chunk);
        if (rest !== undefined) {
          buffered = rest;
          decode = undefined;
        }
        if (data.length > 0) return data;
      }
      return undefined;
    });
    pending = next.catch(() => undefined);
    return next;
  };

  return {
    reply,
    command: async (text, stage, secrets) => {
      while ((await piece(stage)) !== undefined);
      if (socket.destroyed) {
        context.signal.throwIfAborted();
        throw fault(stage, { code: 'CLOSED' });
      }
      socket.write(`${text}\r\n`);
      return reply(stage, secrets);
    },
    lines: async (stage, most) => {
      const found: string[] = [];
      for (;;) {
        const text = await line(stage);
        if (text === '.') return found;
        if (found.length >= most) throw broken(stage, 'GARBLED');
        found.push(text.startsWith('.') ? text.slice(1) : text);
      }
    },
    body: (stage) => {
      decode = dotDecoder();
      return new Readable({
        read() {
          piece(stage).then(
            (data) => this.push(data ?? null),
            (error) => this.destroy(error),
          );
        },
      });
    },
    hasMore: () => buffered.length > 0 || socket.readableLength > 0,
    close: () => socket.destroy(),
  };
};
