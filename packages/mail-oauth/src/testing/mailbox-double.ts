import { Readable } from 'node:stream';
import type { Acknowledgement, Listed, Mailbox, Page, Position } from '../channels/channel.ts';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';

/** A message as the server keeps it. */
export interface KeptMessage {
  readonly uid: number;
  readonly bytes: Buffer;
  readonly seen: boolean;
  readonly folder: string;
}

export interface MailboxDouble {
  /** A connection. Its calls follow one another, or throw. */
  open(): Mailbox;
  deliver(mime: string | Buffer): number;
  /** Another client's doing. */
  remove(uid: number): void;
  /** The mailbox is created anew elsewhere: the same messages, new UIDVALIDITY (unless kept), UIDs from 1. */
  replace(options?: { readonly keepValidity?: boolean; readonly without?: readonly number[] }): void;
  /** Graph: no delta link that was given before is known any more. */
  loseLinks(): void;
  /** Refuses every acknowledgement, or does so no longer. */
  refuseAcknowledging(refuse: boolean): void;
  /** The connection breaks in the middle of the next message that is read, or before it. */
  breakNextRead(where: 'before' | 'within'): void;
  kept(): readonly KeptMessage[];
  /** Keys in the order in which they were read. */
  readonly reads: readonly string[];
}

export interface DoubleOptions {
  readonly protocol?: 'imap' | 'pop' | 'graph';
  readonly pageSize?: number;
  /** Does not tell sizes in listings. */
  readonly silentSizes?: boolean;
  /** Folders that messages may be moved to. */
  readonly folders?: readonly string[];
}

/**
 * A small mail server in memory, behind the interface `Mailbox`: a stand-in for Exchange where the rules of fetching are
 * tested step by step, not for the channels, whose own tests speak to servers. As strict as Exchange in what those rules
 * rest on: UIDs grow and are never given twice, UIDVALIDITY changes with a new mailbox, POP names change with it, Graph's
 * ids stay; a removed message is gone for `read` and harmless for `acknowledge`; a key of another UIDVALIDITY names
 * nothing; calls that overlap, and a message that is neither read to its end nor destroyed before the next call, throw.
 */
export const mailboxDouble = ({
  protocol = 'imap',
  pageSize = 100,
  silentSizes = false,
  folders = [],
}: DoubleOptions = {}): MailboxDouble => {
  let kept: KeptMessage[] = [];
  let uidNext = 1;
  let validity = 100;
  let links = 1;
  let refusing = false;
  let breaking: 'before' | 'within' | undefined;
  const reads: string[] = [];

  const fault = (facts: Partial<FaultFacts> & Pick<FaultFacts, 'stage'>) =>
    new ChannelFault({ protocol, server: 'mail.example:993', ...facts });
  const inFolder = () => kept.filter(({ folder }) => folder === 'INBOX');
  const keyOf = ({ uid }: KeptMessage): string => {
    if (protocol === 'graph') return `immutable-${uid}`;
    return protocol === 'pop' ? `uidl-${validity}-${uid}` : `INBOX;${validity};${uid}`;
  };
  const positionAt = (uid: number): Position => {
    if (protocol === 'pop') return { kind: 'pop' };
    return protocol === 'graph'
      ? { kind: 'graph', folder: 'INBOX', link: `https://graph.example/delta/${links}/${uid}` }
      : { kind: 'imap', folder: 'INBOX', uidValidity: String(validity), uid };
  };
  const uidOf = (position: Position | undefined): number => {
    if (position === undefined || position.kind === 'pop') return 0;
    if (position.kind === 'imap') return position.uid;
    const [, link, uid] = /delta\/(\d+)\/(\d+)$/.exec(position.link) ?? [];
    if (Number(link) !== links) throw fault({ stage: 'list', status: 410, reason: 'SyncStateNotFound' });
    return Number(uid);
  };

  const open = (): Mailbox => {
    let busy = false;
    let closed = false;
    let reading: Readable | undefined;
    const enter = (): void => {
      if (closed) throw fault({ stage: 'list', code: 'CLOSED' });
      if (busy) throw new Error('the double: calls overlap');
      if (reading !== undefined && !reading.destroyed && !reading.readableEnded)
        throw new Error('the double: a message was left open');
      reading = undefined;
    };
    const alone = async <T>(work: () => T): Promise<T> => {
      enter();
      busy = true;
      try {
        await Promise.resolve();
        return work();
      } finally {
        busy = false;
      }
    };
    const pageAfter = (uid: number): Page | undefined => {
      const found = inFolder()
        .filter((message) => message.uid > uid)
        .slice(0, pageSize);
      const last = found.at(-1);
      if (last === undefined) return undefined;
      const messages: Listed[] = found.map((message) => ({
        key: keyOf(message),
        size: silentSizes ? undefined : message.bytes.length,
      }));
      return { messages, position: positionAt(last.uid) };
    };
    const acknowledge = (keys: readonly string[], how: Acknowledgement): void => {
      if (refusing) throw fault({ stage: 'acknowledge', reply: 'NO Permission denied' });
      if (how.kind === 'move' && !folders.includes(how.folder))
        throw fault({ stage: 'acknowledge', reply: 'NO [TRYCREATE] Mailbox does not exist', reason: 'TRYCREATE' });
      const named = (message: KeptMessage) => message.folder === 'INBOX' && keys.includes(keyOf(message));
      if (how.kind === 'delete') kept = kept.filter((message) => !named(message));
      else if (how.kind === 'move')
        kept = kept.map((message) => (named(message) ? { ...message, folder: how.folder } : message));
      else kept = kept.map((message) => (named(message) ? { ...message, seen: true } : message));
    };
    const read = (key: string): Readable => {
      reads.push(key);
      if (breaking === 'before') {
        breaking = undefined;
        closed = true;
        throw fault({ stage: 'read', code: 'ECONNRESET' });
      }
      const message = inFolder().find((one) => keyOf(one) === key);
      if (message === undefined) throw fault({ stage: 'read', code: 'MESSAGE_GONE' });
      const breaks = breaking === 'within';
      breaking = undefined;
      const parts = async function* () {
        yield message.bytes.subarray(0, 20);
        if (breaks) {
          closed = true;
          throw fault({ stage: 'read', code: 'ECONNRESET' });
        }
        for (let at = 20; at < message.bytes.length; at += 65_536) yield message.bytes.subarray(at, at + 65_536);
      };
      reading = Readable.from(parts());
      return reading;
    };
    return {
      facts: {
        protocol,
        folder: 'INBOX',
        messages: inFolder().length,
        capabilities: [],
        ...(protocol === 'imap' ? { uidValidity: String(validity), uidNext } : {}),
      },
      now: () => alone(() => positionAt(uidNext - 1)),
      async *list(position) {
        let uid = await alone(() => uidOf(position));
        for (;;) {
          const after = uid;
          const page = await alone(() => pageAfter(after));
          if (page === undefined) return;
          uid = inFolder().find((message) => keyOf(message) === page.messages.at(-1)?.key)?.uid ?? uid;
          yield page;
        }
      },
      read: (key) => alone(() => read(key)),
      acknowledge: (keys, how) => alone(() => acknowledge(keys, how)),
      close: async () => {
        closed = true;
      },
    };
  };

  return {
    open,
    reads,
    kept: () => [...kept],
    deliver: (mime) => {
      const uid = uidNext;
      uidNext += 1;
      kept.push({ uid, bytes: Buffer.from(mime), seen: false, folder: 'INBOX' });
      return uid;
    },
    remove: (uid) => {
      kept = kept.filter((message) => message.uid !== uid);
    },
    replace: ({ keepValidity = false, without = [] } = {}) => {
      if (!keepValidity) validity += 1;
      const stays = kept.filter(({ uid }) => !without.includes(uid));
      kept = stays.map((message, at) => ({ ...message, uid: at + 1 }));
      uidNext = kept.length + 1;
    },
    loseLinks: () => {
      links += 1;
    },
    refuseAcknowledging: (refuse) => {
      refusing = refuse;
    },
    breakNextRead: (where) => {
      breaking = where;
    },
  };
};
