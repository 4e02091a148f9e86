import { eachDatabase } from '@itsm-m365/database/testing';
import type { Database } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { Acknowledgement, MailboxFacts, Position } from '../channels/channel.ts';
import { ChannelFault } from '../channels/fault.ts';
import { messages } from '../tables.ts';
import { type DoubleOptions, mailboxDouble } from '../testing/mailbox-double.ts';
import { mime, type Receiving } from '../testing/receiving.ts';
import { receivingWorld, subjectsOf } from '../testing/receiving-world.ts';
import { answerCursor, judgeCursor } from './cursor.ts';
import { decideMessage, listMessages } from './lists.ts';

const imap = (uid: number, uidValidity = '100', folder = 'INBOX'): Position => ({
  kind: 'imap',
  folder,
  uidValidity,
  uid,
});
const facts = (uidNext: number | undefined, uidValidity = '100', folder = 'INBOX'): MailboxFacts => ({
  protocol: 'imap',
  folder,
  messages: 0,
  uidValidity,
  ...(uidNext === undefined ? {} : { uidNext }),
  capabilities: [],
});
const graph: Position = { kind: 'graph', folder: 'INBOX', link: 'l' };

describe('a stored position', () => {
  it.each([
    ['nothing was read before', null, facts(1), 'first-time'],
    ['new mail came', imap(4), facts(9), 'go-on'],
    ['no mail came', imap(4), facts(5), 'go-on'],
    ['nothing was ever in it', imap(0), facts(1), 'go-on'],
    ['the server tells no UIDNEXT', imap(4), facts(undefined), 'go-on'],
    ['the inbox is written otherwise', imap(4, '100', 'inbox'), facts(5), 'go-on'],
    ['UIDNEXT is the stored UID', imap(4), facts(4), 'uid-next'],
    ['UIDNEXT is below the stored UID', imap(4), facts(1), 'uid-next'],
    ['UIDVALIDITY is another one', imap(4), facts(5, '101'), 'uid-validity'],
    [
      'the server tells no UIDVALIDITY',
      imap(4),
      { ...facts(5), uidValidity: undefined } as unknown as MailboxFacts,
      'uid-validity',
    ],
    ['another folder was chosen', imap(4), facts(5, '100', 'Support'), 'folder'],
    ['the account changed from IMAP to POP', imap(4), { ...facts(5), protocol: 'pop' }, 'protocol'],
    ['the account changed from POP to IMAP', { kind: 'pop' }, facts(5), 'protocol'],
    ['the account changed from Graph to IMAP', graph, facts(5), 'protocol'],
    ['POP goes on by names', { kind: 'pop' }, { ...facts(1), protocol: 'pop' }, 'go-on'],
    ['Graph goes on by its link', graph, { ...facts(1), protocol: 'graph' }, 'go-on'],
    ['no folder was named, and the inbox is', { ...graph, folder: '' }, { ...facts(1), protocol: 'graph' }, 'go-on'],
    ['the address is the one that was read', { ...imap(4), mailbox: 'help@example.com' }, facts(5), 'go-on'],
    ['another mailbox has the same UIDVALIDITY', { ...imap(4), mailbox: 'old@example.com' }, facts(9), 'mailbox'],
    [
      'a link of Graph is of another mailbox',
      { ...graph, mailbox: 'old@example.com' },
      { ...facts(1), protocol: 'graph' },
      'mailbox',
    ],
    [
      'names of POP are of another mailbox',
      { kind: 'pop', mailbox: 'old@example.com' },
      { ...facts(1), protocol: 'pop' },
      'mailbox',
    ],
  ] as const)('is judged where %s', (_, stored, found, expected) => {
    const verdict = judgeCursor(stored, found, 'help@example.com');
    expect(verdict.kind === 'moved' ? verdict.reason : verdict.kind).toBe(expected);
  });
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the cursor on ${engine.name}`, () => {
    const world = receivingWorld(engine);

    /** An account whose mailbox held `names`, all of them taken. */
    const taken = async (names: readonly string[], options: DoubleOptions = {}): Promise<Receiving> => {
      const box = mailboxDouble(options);
      for (const name of names) box.deliver(mime(name));
      const one = world.receiving(box);
      await one.fetch();
      expect(one.tickets.given).toHaveLength(names.length);
      return one;
    };
    const names = subjectsOf;
    const { rowsOf, stateOf } = world;
    const suspects = ({ account }: Receiving) =>
      listMessages(world.db, account.id, ['suspect'], { offset: 0, limit: 50 });

    it('MAIL-04: fetches nothing from a mailbox that was moved, says so, and takes a new position from the answer', async () => {
      const one = await taken(['a', 'b', 'c']);
      one.box.replace();
      one.box.deliver(mime('d'));
      const report = await one.fetch();
      expect([report.outcome, report.notices.map(({ code }) => code)]).toEqual(['held', ['MAIL_MAILBOX_MOVED']]);
      expect(report.notices[0]?.message.en).toContain('uid-validity, UIDVALIDITY 101, UIDNEXT 5');
      expect(one.box.reads).toHaveLength(3);
      expect(await stateOf(one)).toMatchObject({ cursor_state: 'moved', position: { uidValidity: '100', uid: 3 } });
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'c', 'd']);
      expect(await stateOf(one)).toMatchObject({ cursor_state: '', position: { uidValidity: '101', uid: 4 } });
    });

    it('MAIL-05: notices UIDs that begin again, and stays held when they have grown beyond the stored one', async () => {
      const one = await taken(['a', 'b', 'c']);
      one.box.replace({ keepValidity: true, without: [1, 2, 3] });
      one.box.deliver(mime('d'));
      expect(await one.fetch()).toMatchObject({ outcome: 'held', notices: [{ code: 'MAIL_MAILBOX_MOVED' }] });
      for (const name of ['e', 'f', 'g', 'h']) one.box.deliver(mime(name));
      expect(await one.fetch()).toMatchObject({ outcome: 'held', notices: [{ code: 'MAIL_MAILBOX_MOVED' }] });
      expect(names(one)).toEqual(['a', 'b', 'c']);
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
      one.box.replace({ keepValidity: true, without: [1, 2, 3, 4, 5] });
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'from-now', one.clock.now());
      one.box.deliver(mime('i'));
      await one.fetch();
      expect(names(one).slice(8)).toEqual(['i']);
    });

    it('MAIL-06: lets a person go on by himself, from now or with everything, without a doubled ticket', async () => {
      for (const answer of ['from-now', 'fetch-all'] as const) {
        const one = await taken(['a', 'b']);
        one.box.replace();
        one.box.deliver(mime('before'));
        await one.fetch();
        await answerCursor(world.db, one.account.id, answer, one.clock.now());
        one.box.deliver(mime('after'));
        const report = await one.fetch();
        const all = answer === 'fetch-all';
        expect(names(one)).toEqual(all ? ['a', 'b', 'before', 'after'] : ['a', 'b', 'after']);
        expect(report.counts.suspect).toBe(all ? 2 : 0);
        one.box.deliver(mime('later'));
        await one.fetch();
        expect(names(one).at(-1)).toBe('later');
        await expect(answerCursor(world.db, one.account.id, answer, 0)).rejects.toMatchObject({
          code: 'MAIL_CURSOR_NOT_MOVED',
        });
      }
    });

    it('keeps an answer that comes while a fetch looks at the mailbox once more', async () => {
      const one = await taken(['a']);
      one.box.replace();
      one.box.deliver(mime('b'));
      await one.fetch();
      let writes = 0;
      const db: Database = {
        ...world.db,
        read: (work, options) => world.db.read(work, options),
        // Between what the fetch has read of the state and what it notes.
        write: async (work, options) => {
          writes += 1;
          if (writes === 2) await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
          return world.db.write(work, options);
        },
      };
      expect((await one.fetch({ db })).outcome).toBe('held');
      expect((await one.fetch()).outcome).toBe('succeeded');
      expect(names(one)).toEqual(['a', 'b']);
    });

    it('lists what was probably taken, and hands over or skips it as a person says', async () => {
      const one = await taken(['a', 'b']);
      one.box.replace();
      one.box.deliver(mime('a', 'Another text under the same name.'));
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      const report = await one.fetch();
      // The name alone is the sender's, and tells nothing.
      expect(names(one)).toEqual(['a', 'b', 'a']);
      expect(report.notices.map(({ code }) => code)).toEqual(['MAIL_SUSPECTS_LISTED']);
      const { items, total } = await suspects(one);
      expect([total, items.map(({ subject, open }) => [subject, open]).sort()]).toEqual([
        2,
        [
          ['a', true],
          ['b', true],
        ],
      ]);
      const idOf = (subject: string) => items.find((item) => item.subject === subject)?.id ?? '';
      await decideMessage(world.db, one.account.id, idOf('a'), 'handOver', one.clock.now());
      await decideMessage(world.db, one.account.id, idOf('b'), 'skip', one.clock.now());
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'a', 'a']);
      expect(one.tickets.given.at(-1)).toMatchObject({ id: idOf('a'), attempt: 1 });
      expect((await suspects(one)).total).toBe(0);
      await expect(decideMessage(world.db, one.account.id, idOf('b'), 'skip', 0)).rejects.toMatchObject({
        code: 'MAIL_MESSAGE_DECIDED',
      });
    });

    it('goes on with a message that was refused before the move under its own id, with a higher attempt', async () => {
      const box = mailboxDouble();
      box.deliver(mime('a'));
      const one = world.receiving(box);
      one.tickets.answer = () => {
        throw new Error('not now');
      };
      await one.fetch();
      box.replace();
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      one.tickets.answer = () => undefined;
      await one.fetch();
      const [first, second] = one.tickets.given;
      expect([one.tickets.given.length, second?.id, second?.attempt]).toEqual([2, first?.id, 2]);
      expect((await rowsOf(one)).map(({ state, message_key }) => [state, message_key])).toEqual([
        ['taken', 'INBOX;101;1'],
      ]);
    });

    it('holds suspects back until a listing from the beginning has ended, however often it is cut off', async () => {
      const one = await taken(['a', 'b', 'c'], { pageSize: 1 });
      one.box.replace();
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      for (let at = 0; at < 2; at += 1) {
        one.box.breakNextRead('within');
        await expect(one.fetch()).rejects.toMatchObject({ facts: { code: 'ECONNRESET' } });
      }
      await one.fetch();
      expect([names(one), (await suspects(one)).total]).toEqual([['a', 'b', 'c'], 3]);
    });

    it('lists everything again where Graph lost its place, asks nobody, and hands nothing over twice', async () => {
      const one = await taken(['a', 'b'], { protocol: 'graph' });
      one.box.loseLinks();
      one.box.deliver(mime('c'));
      const report = await one.fetch();
      expect([names(one), report.outcome]).toEqual([['a', 'b', 'c'], 'succeeded']);
      expect(report.notices.map(({ code }) => code)).toEqual(['MAIL_LISTED_AGAIN']);
      expect(await stateOf(one)).toMatchObject({ cursor_state: '' });
    });

    it('holds back what a POP server has only named anew', async () => {
      const one = await taken(['a', 'b'], { protocol: 'pop' });
      one.box.deliver(mime('c'));
      await one.fetch();
      one.box.replace();
      one.box.deliver(mime('d'));
      const report = await one.fetch();
      expect([names(one), report.counts.suspect]).toEqual([['a', 'b', 'c', 'd'], 3]);
      await one.fetch();
      expect(names(one)).toHaveLength(4);
    });

    it('asks where the account came to name another mailbox, however alike the two name their messages', async () => {
      for (const protocol of ['imap', 'pop', 'graph'] as const) {
        const one = await taken(['a'], { protocol });
        const other = mailboxDouble({ protocol });
        for (const name of ['x', 'y']) other.deliver(mime(name));
        const account = { ...one.account, mailbox: 'sales@example.com' };
        const fetch = () => one.fetch({ mailbox: other.open(), account });
        const report = await fetch();
        expect([report.outcome, report.notices[0]?.message.en]).toEqual(['held', expect.stringContaining('(mailbox,')]);
        await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
        expect((await fetch()).outcome).toBe('succeeded');
        other.deliver(mime('z'));
        expect((await fetch()).outcome).toBe('succeeded');
        expect(names(one)).toEqual(['a', 'x', 'y', 'z']);
        expect(await stateOf(one)).toMatchObject({ position: { mailbox: 'sales@example.com' } });
      }
    });

    it('asks the new protocol for no message by the name that the old one gave it', async () => {
      const one = await taken(['a']);
      one.box.refuseAcknowledging(true);
      one.tickets.answer = ({ subject }) => {
        if (subject === 'refused') throw new Error('not now');
      };
      for (const name of ['refused', 'taken']) one.box.deliver(mime(name));
      await one.fetch();
      const box = mailboxDouble({ protocol: 'graph' });
      const opened = () => {
        const mailbox = box.open();
        // Graph refuses such an id altogether (400, ErrorInvalidIdMalformed).
        const checked = (keys: readonly string[]) => {
          if (keys.some((key) => !/^immutable-/.test(key)))
            throw new ChannelFault({ protocol: 'graph', server: 'x', stage: 'read', status: 400 });
        };
        return {
          ...mailbox,
          read: async (key: string) => {
            checked([key]);
            return mailbox.read(key);
          },
          acknowledge: async (keys: readonly string[], how: Acknowledgement) => {
            checked(keys);
            return mailbox.acknowledge(keys, how);
          },
        };
      };
      expect((await one.fetch({ mailbox: opened() })).outcome).toBe('held');
      await answerCursor(world.db, one.account.id, 'from-now', one.clock.now());
      const report = await one.fetch({ mailbox: opened() });
      expect([report.counts.aside, report.acknowledgeFault]).toEqual([1, undefined]);
      expect((await rowsOf(one)).map(({ state, failed_code }) => `${state} ${failed_code}`.trim()).sort()).toEqual([
        'aside MAIL_MESSAGE_GONE',
        'taken',
        'taken',
      ]);
      const { items } = await listMessages(world.db, one.account.id, ['aside'], { offset: 0, limit: 1 });
      await decideMessage(world.db, one.account.id, items[0]?.id ?? '', 'handOver', one.clock.now());
      expect((await one.fetch({ mailbox: opened() })).counts.aside).toBe(1);
    });

    it('takes the names from the messages of a folder that is itself called retired', async () => {
      const one = await taken(['a']);
      const inRetired = (key: string) => key.replace('INBOX;', 'retired;');
      await world.db.write((trx) =>
        trx.update(messages, { message_key: inRetired('INBOX;100;1') }, (query) =>
          query.where({ account: one.account.id }),
        ),
      );
      one.box.replace();
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      const [row] = await rowsOf(one);
      expect(row?.message_key).toBe(`retired;${row?.id}`);
    });

    it('leaves what lies in a POP mailbox alone where a person said from now', async () => {
      const one = await taken(['a']);
      const pop = mailboxDouble({ protocol: 'pop' });
      pop.deliver(mime('a'));
      pop.deliver(mime('b'));
      const fetch = () => one.fetch({ mailbox: pop.open() });
      expect((await fetch()).outcome).toBe('held');
      await answerCursor(world.db, one.account.id, 'from-now', one.clock.now());
      await fetch();
      pop.deliver(mime('c'));
      await fetch();
      expect(names(one)).toEqual(['a', 'c']);
    });
  });
