import { limitsOf, timed } from '../../transport/deadline.ts';
import type { MakeFault } from '../../transport/peer.ts';
import type { ChannelContext, Listed, Mailbox, MailboxFacts } from '../channel.ts';
import type { PopWire } from './wire.ts';

/** Numbers of messages, which hold for this session only, by UIDL. */
interface Index {
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  readonly sizes: ReadonlyMap<number, number>;
}

const pageSize = 100;

/** RFC 1939, 7: one to 70 printable characters of ASCII. */
const uidl = /^(\d{1,10}) ([\x21-\x7e]{1,70})$/;
const size = /^(\d{1,10}) (\d{1,15})( |$)/;

const readIndex = async (wire: PopWire, messages: number, fault: MakeFault): Promise<Index> => {
  await wire.command('UIDL', 'list');
  const numbers = new Map<string, readonly number[]>();
  for (const line of await wire.lines('list', messages)) {
    const [, number = '', key = ''] = uidl.exec(line) ?? [];
    if (key === '') throw fault('list', { code: 'UIDL_INVALID' });
    // RFC 1939, 7: identical copies of a message may share one.
    numbers.set(key, [...(numbers.get(key) ?? []), Number(number)]);
  }
  await wire.command('LIST', 'list');
  const sizes = new Map<number, number>();
  for (const line of await wire.lines('list', messages)) {
    const [, number = '', bytes = ''] = size.exec(line) ?? [];
    if (bytes === '') throw fault('list', { code: 'GARBLED' });
    sizes.set(Number(number), Number(bytes));
  }
  return { numbers, sizes };
};

/**
 * A POP mailbox, signed in. What is acknowledged with `delete` is deleted when the mailbox is closed, all at once (RFC 1939,
 * 6); a connection that breaks before deletes nothing. `close` throws where that was asked for and not confirmed.
 */
export const popMailbox = (
  wire: PopWire,
  facts: MailboxFacts,
  fault: MakeFault,
  context: ChannelContext,
  release: () => void,
): Mailbox => {
  const deleted = new Set<string>();
  let index: Index | undefined;
  const known = async (): Promise<Index> => {
    index ??= await readIndex(wire, facts.messages, fault);
    return index;
  };
  return {
    facts,
    now: async () => ({ kind: 'pop' }),
    list: async function* () {
      const { numbers, sizes } = await known();
      const listed = [...numbers]
        .filter(([key]) => !deleted.has(key))
        .map(([key, [number = 0]]): Listed => ({ key, size: sizes.get(number) }));
      for (let from = 0; from < listed.length; from += pageSize)
        yield { messages: listed.slice(from, from + pageSize), position: { kind: 'pop' } };
    },
    read: async (key) => {
      const [number] = (await known()).numbers.get(key) ?? [];
      if (number === undefined || deleted.has(key)) throw fault('read', { code: 'MESSAGE_GONE' });
      await wire.command(`RETR ${number}`, 'read');
      return wire.body('read');
    },
    acknowledge: async (keys, how) => {
      if (how.kind === 'move') throw fault('acknowledge', { code: 'MOVE_UNSUPPORTED' });
      if (how.kind === 'mark') return;
      for (const key of keys) {
        if (deleted.has(key)) continue;
        for (const number of (await known()).numbers.get(key) ?? [])
          await wire.command(`DELE ${number}`, 'acknowledge');
        deleted.add(key);
      }
    },
    close: async () => {
      try {
        if (context.signal.aborted) return;
        const late = () => fault('acknowledge', { code: 'TIMEOUT' });
        await timed(context, limitsOf(context).answerMs, late, () => wire.command('QUIT', 'acknowledge'));
      } catch (error) {
        if (deleted.size > 0) throw error;
      } finally {
        deleted.clear();
        wire.close();
        release();
      }
    },
  };
};
