import { Readable } from 'node:stream';
import { shownReply } from '../../transport/shown-reply.ts';
import type { ChannelContext, Listed, Mailbox, MailboxFacts, Page, Position } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { heldBack } from './held-back.ts';
import { sentHas } from './sent-items.ts';
import type { Session } from './session.ts';
import { saysFolderMissing } from './translate.ts';

const pageSize = 100;

/** Bytes of a message in one answer: few enough to keep memory flat, enough to cost few round trips. */
const chunkSize = 256 * 1024;

interface Names {
  /** The message's key: `folder;uidvalidity;uid`. */
  key(uid: number): string;
  /** Undefined for a key of another folder or another UIDVALIDITY. */
  uid(key: string): number | undefined;
}

const namesOf = ({ folder, uidValidity = '' }: MailboxFacts): Names => {
  const start = `${folder};${uidValidity};`;
  return {
    key: (uid) => `${start}${uid}`,
    uid: (key) => {
      const rest = key.startsWith(start) ? key.slice(start.length) : '';
      return /^[1-9]\d{0,9}$/.test(rest) ? Number(rest) : undefined;
    },
  };
};

const slices = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / pageSize) }, (_, index) =>
    items.slice(index * pageSize, (index + 1) * pageSize),
  );

/** RFC 9051, 6.4.8: `n:*` holds the last message even where its UID is lower than n. */
const uidsFrom = async (session: Session, first: number): Promise<readonly number[]> => {
  const found = await session.demand('list', () => session.client.search({ uid: `${first}:*` }, { uid: true }));
  const uids = Array.isArray(found) ? found : [];
  return uids.filter((uid) => Number.isSafeInteger(uid) && uid >= first).sort((a, b) => a - b);
};

const sizesOf = async (session: Session, uids: readonly number[]): Promise<ReadonlyMap<number, number | undefined>> => {
  const range = uids.join(',');
  const rows = await session.run('list', () =>
    session.client.fetchAll(range, { uid: true, size: true }, { uid: true }),
  );
  return new Map(rows.map(({ uid, size }) => [uid, size]));
};

const bodyOf = (session: Session, content: Readable): Readable => {
  // imapflow emits errors without destroying: whoever begins to read later would wait for ever.
  content.on('error', (error) => content.destroy(error));
  const pieces = async function* () {
    const iterator = content[Symbol.asyncIterator]();
    try {
      for (let first = true; ; first = false) {
        const { done, value } = await session.run('read', () => iterator.next());
        if (done) return;
        const notice = first ? heldBack(value) : undefined;
        // Without a code: the server has answered, and the connection goes on.
        if (notice !== undefined) throw session.fault('read', { reply: shownReply(notice) });
        yield value;
      }
    } finally {
      content.destroy();
    }
  };
  return Readable.from(pieces(), { objectMode: false });
};

const move = async (session: Session, range: string, folder: string): Promise<void> => {
  try {
    await session.demand('acknowledge', () => session.client.messageMove(range, folder, { uid: true }));
  } catch (error) {
    if (!isChannelFault(error) || !saysFolderMissing(error)) throw error;
    const { reply, reason } = error.facts;
    throw session.fault('acknowledge', { code: 'FOLDER_MISSING', reply, reason });
  }
};

/** An IMAP folder, signed in and selected. Reading leaves no mark. */
export const imapMailbox = (session: Session, facts: MailboxFacts, context: ChannelContext): Mailbox => {
  const { client } = session;
  const names = namesOf(facts);
  const positionAt = (uid: number): Position => ({
    kind: 'imap',
    folder: facts.folder,
    uidValidity: facts.uidValidity ?? '',
    uid,
  });
  const needs = (capability: string): void => {
    // Without UID EXPUNGE (RFC 4315), what others have marked as deleted would go too.
    if (!client.capabilities.has(capability)) throw session.fault('acknowledge', { code: `${capability}_MISSING` });
  };
  return {
    facts,
    now: async () => {
      await session.run('list', () => client.noop());
      const behind = (facts.uidNext ?? 1) - 1;
      const later = await uidsFrom(session, behind + 1);
      return positionAt(later.at(-1) ?? behind);
    },
    list: async function* (position): AsyncGenerator<Page> {
      const first = position?.kind === 'imap' ? position.uid + 1 : 1;
      for (const uids of slices(await uidsFrom(session, first))) {
        const sizes = await sizesOf(session, uids);
        // What is no longer there was expunged in between.
        const messages = uids
          .filter((uid) => sizes.has(uid))
          .map((uid): Listed => ({ key: names.key(uid), size: sizes.get(uid) }));
        yield { messages, position: positionAt(uids.at(-1) ?? first) };
      }
    },
    read: async (key) => {
      const uid = names.uid(key);
      if (uid === undefined) throw session.fault('read', { code: 'MESSAGE_GONE' });
      const options = { uid: true, chunkSize };
      const { content } = await session.run('read', () => client.download(`${uid}`, undefined, options));
      if (content === undefined) throw session.fault('read', { code: 'MESSAGE_GONE' });
      return bodyOf(session, content);
    },
    acknowledge: async (keys, how) => {
      const uids = keys.flatMap((key) => names.uid(key) ?? []);
      for (const part of slices(uids)) {
        const range = part.join(',');
        if (how.kind === 'mark')
          await session.demand('acknowledge', () => client.messageFlagsAdd(range, ['\\Seen'], { uid: true }));
        else {
          if (how.kind === 'delete' || !client.capabilities.has('MOVE')) needs('UIDPLUS');
          if (how.kind === 'move') await move(session, range, how.folder);
          else await session.demand('acknowledge', () => client.messageDelete(range, { uid: true }));
        }
      }
    },
    findSent: async (messageId) => {
      const found = await sentHas(session, messageId);
      await session.demand('sent-items', () => client.mailboxOpen(facts.folder));
      return found;
    },
    close: async () => {
      try {
        if (!context.signal.aborted && client.usable) await session.run('folder', () => client.logout());
      } catch {
        // All that was asked for is done; how the connection ends changes nothing.
      } finally {
        session.close();
      }
    },
  };
};
