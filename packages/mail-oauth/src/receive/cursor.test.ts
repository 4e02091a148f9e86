import { migrate, type OpenDatabase } from '@itsm-m365/database';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MailboxFacts, Position } from '../channels/channel.ts';
import { mailMigrations } from '../migrations.ts';
import { messages } from '../tables.ts';
import { type DoubleOptions, mailboxDouble } from '../testing/mailbox-double.ts';
import { mime, type Receiving, receiving } from '../testing/receiving.ts';
import { answerCursor, judgeCursor } from './cursor.ts';
import { decideMessage, listMessages } from './lists.ts';
import { openParser } from './parser.ts';
import { readState } from './state.ts';

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
  ] as const)('is judged where %s', (_, stored, found, expected) => {
    const verdict = judgeCursor(stored, found);
    expect(verdict.kind === 'moved' ? verdict.reason : verdict.kind).toBe(expected);
  });
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the cursor on ${engine.name}`, () => {
    const parser = openParser();
    let test: TestDatabase;
    beforeAll(async () => {
      test = await engine.open();
      await migrate(test.db as OpenDatabase, [{ plugin: 'mail-oauth', migrations: mailMigrations }], {
        mode: 'apply',
        clock: test.clock,
      });
    });
    afterAll(async () => {
      await parser.close();
      await test.close();
    });

    /** An account whose mailbox held `names`, all of them taken. */
    const taken = async (names: readonly string[], options: DoubleOptions = {}): Promise<Receiving> => {
      const box = mailboxDouble(options);
      for (const name of names) box.deliver(mime(name));
      const one = receiving(test, parser, box);
      await one.fetch();
      expect(one.tickets.given).toHaveLength(names.length);
      return one;
    };
    const names = ({ tickets }: Receiving) => tickets.given.map(({ mail }) => mail.subject);
    const stateOf = async ({ account }: Receiving) => readState(test.db, account.id);
    const suspects = ({ account }: Receiving) =>
      listMessages(test.db, account.id, ['suspect'], { offset: 0, limit: 50 });

    it('MAIL-04: fetches nothing from a mailbox that was moved, says so, and takes a new position from the answer', async () => {
      const one = await taken(['a', 'b', 'c']);
      one.box.replace();
      one.box.deliver(mime('d'));
      const report = await one.fetch();
      expect([report.outcome, report.notices.map(({ code }) => code)]).toEqual(['held', ['MAIL_MAILBOX_MOVED']]);
      expect(report.notices[0]?.message.en).toContain('uid-validity, UIDVALIDITY 101, UIDNEXT 5');
      expect(one.box.reads).toHaveLength(3);
      expect(await stateOf(one)).toMatchObject({ cursor_state: 'moved', position: { uidValidity: '100', uid: 3 } });
      await answerCursor(test.db, one.account.id, 'fetch-all', one.clock.now());
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
      await answerCursor(test.db, one.account.id, 'fetch-all', one.clock.now());
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
      one.box.replace({ keepValidity: true, without: [1, 2, 3, 4, 5] });
      await one.fetch();
      await answerCursor(test.db, one.account.id, 'from-now', one.clock.now());
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
        await answerCursor(test.db, one.account.id, answer, one.clock.now());
        one.box.deliver(mime('after'));
        const report = await one.fetch();
        const all = answer === 'fetch-all';
        expect(names(one)).toEqual(all ? ['a', 'b', 'before', 'after'] : ['a', 'b', 'after']);
        expect(report.counts.suspect).toBe(all ? 2 : 0);
        one.box.deliver(mime('later'));
        await one.fetch();
        expect(names(one).at(-1)).toBe('later');
        await expect(answerCursor(test.db, one.account.id, answer, 0)).rejects.toMatchObject({
          code: 'MAIL_CURSOR_NOT_MOVED',
        });
      }
    });

    it('lists what was probably taken, and hands over or skips it as a person says', async () => {
      const one = await taken(['a', 'b']);
      one.box.replace();
      one.box.deliver(mime('a', 'Another text under the same name.'));
      await one.fetch();
      await answerCursor(test.db, one.account.id, 'fetch-all', one.clock.now());
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
      await decideMessage(test.db, one.account.id, idOf('a'), 'handOver', one.clock.now());
      await decideMessage(test.db, one.account.id, idOf('b'), 'skip', one.clock.now());
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'a', 'a']);
      expect(one.tickets.given.at(-1)).toMatchObject({ id: idOf('a'), attempt: 1 });
      expect((await suspects(one)).total).toBe(0);
      await expect(decideMessage(test.db, one.account.id, idOf('b'), 'skip', 0)).rejects.toMatchObject({
        code: 'MAIL_MESSAGE_DECIDED',
      });
    });

    it('goes on with a message that was refused before the move under its own id, with a higher attempt', async () => {
      const box = mailboxDouble();
      box.deliver(mime('a'));
      const one = receiving(test, parser, box);
      one.tickets.answer = () => {
        throw new Error('not now');
      };
      await one.fetch();
      box.replace();
      await one.fetch();
      await answerCursor(test.db, one.account.id, 'fetch-all', one.clock.now());
      one.tickets.answer = () => undefined;
      await one.fetch();
      const [first, second] = one.tickets.given;
      expect([one.tickets.given.length, second?.id, second?.attempt]).toEqual([2, first?.id, 2]);
      const rows = await test.db.read((trx) => trx.rows(messages, (query) => query.where({ account: one.account.id })));
      expect(rows.map(({ state, message_key }) => [state, message_key])).toEqual([['taken', 'INBOX;101;1']]);
    });

    it('holds suspects back until a listing from the beginning has ended, however often it is cut off', async () => {
      const one = await taken(['a', 'b', 'c'], { pageSize: 1 });
      one.box.replace();
      await one.fetch();
      await answerCursor(test.db, one.account.id, 'fetch-all', one.clock.now());
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

    it('leaves what lies in a POP mailbox alone where a person said from now', async () => {
      const one = await taken(['a']);
      const pop = mailboxDouble({ protocol: 'pop' });
      pop.deliver(mime('a'));
      pop.deliver(mime('b'));
      const fetch = () => one.fetch({ mailbox: pop.open() });
      expect((await fetch()).outcome).toBe('held');
      await answerCursor(test.db, one.account.id, 'from-now', one.clock.now());
      await fetch();
      pop.deliver(mime('c'));
      await fetch();
      expect(names(one)).toEqual(['a', 'c']);
    });
  });
