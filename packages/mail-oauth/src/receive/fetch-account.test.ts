import { eachDatabase } from '@itsm-m365/database/testing';
import { defineErrors } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { Mailbox } from '../channels/channel.ts';
import { ChannelFault } from '../channels/fault.ts';
import { mailboxDouble } from '../testing/mailbox-double.ts';
import { mime, type Receiving } from '../testing/receiving.ts';
import { receivingWorld, subjectsOf } from '../testing/receiving-world.ts';
import { answerCursor } from './cursor.ts';
import { decideMessage, listMessages } from './lists.ts';
import { forgetMessages } from './retention.ts';

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`fetching an account on ${engine.name}`, () => {
    const world = receivingWorld(engine);

    const with_ = (names: readonly string[], box = mailboxDouble(), changes = {}): Receiving => {
      for (const name of names) box.deliver(mime(name));
      return world.receiving(box, changes);
    };
    const { rowsOf, stateOf } = world;
    const names = subjectsOf;
    const refuse = (one: Receiving, ...subjects: readonly string[]) => {
      one.tickets.answer = (mail) => {
        if (subjects.includes(mail.subject)) throw new Error(`no, not "${mail.text}"`);
      };
    };

    it('hands over each message with its class, its parts and its raw form, and records what a list shows', async () => {
      const one = with_(['hello']);
      one.box.deliver('From: SUPPORT@example.com\r\nSubject: own\r\nTo: x@y.example\r\n\r\nx');
      const report = await one.fetch();
      expect(report).toMatchObject({ outcome: 'succeeded', counts: { taken: 2, acknowledged: 2 }, notices: [] });
      const [first, second] = one.tickets.given;
      expect(first).toMatchObject({
        attempt: 1,
        raw: mime('hello'),
        mail: {
          account: { id: one.account.id, name: 'Support', mailbox: 'support@example.com' },
          class: 'personal',
          text: 'Text of hello.',
          size: mime('hello').length,
        },
      });
      expect(second?.mail.class).toBe('from-ourselves');
      expect((await rowsOf(one))[0]).toMatchObject({
        id: first?.id,
        message_key: 'INBOX;100;1',
        state: 'taken',
        message_id: '<hello@example.com>',
        subject: 'hello',
        sender: 'ann@example.com',
        content: expect.stringMatching(/^[0-9a-f]{64}$/),
        acknowledged: true,
      });
      expect(await stateOf(one)).toMatchObject({ position: { uid: 2 }, failed_code: '' });
    });

    it('reads an account for the first time from its oldest message on, then only what is new', async () => {
      const one = with_(['a', 'b', 'c'], mailboxDouble({ pageSize: 2 }));
      await one.fetch();
      one.box.deliver(mime('d'));
      await one.fetch();
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b', 'c', 'd']);
      expect(one.box.reads).toHaveLength(4);
    });

    it('does what the account says with a message that was taken, and nothing with others', async () => {
      const folders = ['Done'];
      const moving = with_(['a', 'b'], mailboxDouble({ folders }), { after: { kind: 'move', folder: 'Done' } });
      refuse(moving, 'b');
      await moving.fetch();
      expect(moving.box.kept().map(({ folder, seen }) => [folder, seen])).toEqual([
        ['Done', false],
        ['INBOX', false],
      ]);
      const deleting = with_(['a', 'b'], mailboxDouble(), { after: { kind: 'delete' } });
      refuse(deleting, 'b');
      await deleting.fetch();
      expect(deleting.box.kept().map(({ uid }) => uid)).toEqual([2]);
    });

    it('goes on past a message that is refused, tries it again with each fetch, and sets it aside in the end', async () => {
      const one = with_(['bad', 'good']);
      refuse(one, 'bad');
      expect(await one.fetch()).toMatchObject({ outcome: 'partial', counts: { taken: 1, failed: 1 } });
      one.box.deliver(mime('next'));
      await one.fetch();
      expect(await one.fetch()).toMatchObject({ counts: { aside: 1 }, notices: [{ code: 'MAIL_SET_ASIDE' }] });
      await one.fetch();
      expect(names(one)).toEqual(['bad', 'good', 'next', 'bad', 'bad']);
      expect(one.tickets.given.filter(({ mail }) => mail.subject === 'bad').map(({ attempt }) => attempt)).toEqual([
        1, 2, 3,
      ]);
      const { items } = await listMessages(world.db, one.account.id, ['aside'], { offset: 0, limit: 10 });
      expect(items).toMatchObject([{ subject: 'bad', failedCode: 'MAIL_NOT_TAKEN', attempts: 3, open: true }]);
      one.tickets.answer = () => undefined;
      await decideMessage(world.db, one.account.id, items[0]?.id ?? '', 'handOver', one.clock.now());
      await one.fetch();
      expect(one.tickets.given.at(-1)).toMatchObject({ id: items[0]?.id, attempt: 4 });
      expect(one.box.kept().every(({ seen }) => seen)).toBe(true);
    });

    it('stops where the host takes nothing, sets nothing aside for it, and goes on when it works again', async () => {
      const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      const one = with_(all, mailboxDouble(), { maxTries: 1 });
      refuse(one, ...all);
      for (let at = 0; at < 3; at += 1) {
        const report = await one.fetch();
        expect(report.notices.map(({ code }) => code)).toEqual(['MAIL_NOTHING_TAKEN']);
      }
      expect((await rowsOf(one)).map(({ state }) => state)).not.toContain('aside');
      one.tickets.answer = () => undefined;
      await one.fetch();
      await one.fetch();
      expect((await rowsOf(one)).map(({ state }) => state)).toEqual(all.map(() => 'taken'));
    });

    it('notes the code of what the host threw, and never its words', async () => {
      const one = with_(['bad', 'worse']);
      const ours = defineErrors({
        TICKET_CLOSED: { kind: 'conflict', message: { en: 'a', de: 'a' }, remedy: { en: 'b', de: 'b' } },
      });
      one.tickets.answer = (mail) => {
        throw mail.subject === 'bad' ? ours.TICKET_CLOSED() : new Error(mail.text);
      };
      await one.fetch();
      expect((await rowsOf(one)).map(({ failed_code }) => failed_code)).toEqual(['TICKET_CLOSED', 'MAIL_NOT_TAKEN']);
      expect(JSON.stringify(one.logger.lines)).not.toContain('Text of');
    });

    it('gives up a hand-over that takes too long, tells the host, and comes again as a repetition', async () => {
      const one = with_(['slow']);
      let told: unknown;
      one.tickets.answer = (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            told = signal.reason;
            resolve();
          });
          one.clock.advance(120_000);
        });
      await one.fetch();
      expect(told).toMatchObject({ code: 'MAIL_NOT_TAKEN_IN_TIME' });
      expect((await rowsOf(one))[0]).toMatchObject({ state: 'failed', failed_code: 'MAIL_NOT_TAKEN_IN_TIME' });
      one.tickets.answer = () => undefined;
      await one.fetch();
      expect(one.tickets.given.map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(one.clock.sleeping()).toBe(0);
    });

    it('ends at the signal in the middle of a hand-over, and comes again as a repetition', async () => {
      const one = with_(['a']);
      const stop = new AbortController();
      one.tickets.answer = () => {
        stop.abort(new Error('shutting down'));
        return new Promise(() => undefined);
      };
      await expect(one.fetch({ signal: stop.signal })).rejects.toThrow('shutting down');
      one.tickets.answer = () => undefined;
      await one.fetch();
      expect(one.tickets.given.map(({ attempt }) => attempt)).toEqual([1, 2]);
    });

    it('sets a message aside that was handed over again and again without an answer', async () => {
      const one = with_(['deadly'], mailboxDouble(), { maxTries: 2 });
      for (let at = 0; at < 2; at += 1) {
        const stop = new AbortController();
        one.tickets.answer = () => {
          stop.abort(new Error('crashed'));
          return new Promise(() => undefined);
        };
        await expect(one.fetch({ signal: stop.signal })).rejects.toThrow('crashed');
      }
      expect(await one.fetch()).toMatchObject({ notices: [{ code: 'MAIL_SET_ASIDE' }] });
      expect((await rowsOf(one))[0]).toMatchObject({ state: 'aside', failed_code: 'MAIL_INTERRUPTED', attempts: 2 });
      expect(one.tickets.given).toHaveLength(2);
    });

    it('leaves what is too large in the mailbox, told by the listing or found while reading', async () => {
      for (const silentSizes of [false, true]) {
        const one = with_([], mailboxDouble({ silentSizes }));
        one.box.deliver(mime('big', 'x'.repeat(1024 * 1024)));
        one.box.deliver(mime('small'));
        const report = await one.fetch();
        expect(report).toMatchObject({ outcome: 'succeeded', counts: { large: 1, taken: 1 } });
        expect(report.notices.map(({ code }) => code)).toEqual(['MAIL_TOO_LARGE_LISTED']);
        expect(one.box.reads).toHaveLength(silentSizes ? 2 : 1);
        await one.fetch();
        expect([names(one), one.box.kept().map(({ seen }) => seen)]).toEqual([['small'], [false, true]]);
        const { items } = await listMessages(world.db, one.account.id, ['large'], { offset: 0, limit: 10 });
        await decideMessage(world.db, one.account.id, items[0]?.id ?? '', 'handOver', one.clock.now());
        await one.fetch({ account: { ...one.account, maxBytes: 2 * 1024 * 1024 } });
        expect(names(one)).toEqual(['small', 'big']);
      }
    });

    it('leaves what cannot be taken apart in the mailbox, and lists it', async () => {
      const one = with_([]);
      one.box.deliver(`${'X: y\r\n'.repeat(10_001)}\r\nx`);
      one.box.deliver(mime('fine'));
      expect(await one.fetch()).toMatchObject({ counts: { unreadable: 1, taken: 1 } });
      await one.fetch();
      expect(one.box.reads).toHaveLength(2);
      expect((await rowsOf(one))[0]).toMatchObject({ state: 'unreadable', failed_code: 'MAIL_UNREADABLE' });
    });

    it('passes over a message that is gone when it is to be read, and lists one that had been handed over', async () => {
      const one = with_(['bad', 'b']);
      refuse(one, 'bad');
      await one.fetch();
      one.box.remove(1);
      expect(await one.fetch()).toMatchObject({ counts: { aside: 1 } });
      expect((await rowsOf(one))[0]).toMatchObject({ state: 'aside', failed_code: 'MAIL_MESSAGE_GONE' });
    });

    it('takes on where the server refuses to mark, move or delete, reports it, and makes it good later', async () => {
      const one = with_(['a']);
      one.box.refuseAcknowledging(true);
      const report = await one.fetch();
      expect(report).toMatchObject({ outcome: 'partial', notices: [{ code: 'MAIL_NOT_ACKNOWLEDGED' }] });
      expect(report.acknowledgeFault?.facts.stage).toBe('acknowledge');
      one.box.deliver(mime('b'));
      await one.fetch();
      expect(names(one)).toEqual(['a', 'b']);
      one.box.refuseAcknowledging(false);
      await one.fetch();
      expect(one.box.kept().map(({ seen }) => seen)).toEqual([true, true]);
      expect(names(one)).toEqual(['a', 'b']);
    });

    it('notes what POP deletes only once the server has confirmed it, and asks again where it did not', async () => {
      const one = with_(['a', 'b'], mailboxDouble({ protocol: 'pop' }), { after: { kind: 'delete' } });
      /** As POP has it: deleted when the connection is closed in order, else not at all. */
      const opened = (confirms: boolean): Mailbox => {
        const mailbox = one.box.open();
        const asked = new Set<string>();
        return {
          ...mailbox,
          acknowledge: async (keys) => {
            for (const key of keys) asked.add(key);
          },
          close: async () => {
            if (asked.size > 0 && !confirms)
              throw new ChannelFault({ protocol: 'pop', server: 'x', stage: 'acknowledge', code: 'CLOSED' });
            await mailbox.acknowledge([...asked], { kind: 'delete' });
            await mailbox.close();
          },
        };
      };
      const report = await one.fetch({ mailbox: opened(false) });
      expect(report).toMatchObject({ outcome: 'partial', counts: { taken: 2, acknowledged: 0 } });
      expect(one.box.kept()).toHaveLength(2);
      expect(await one.fetch({ mailbox: opened(true) })).toMatchObject({
        outcome: 'succeeded',
        counts: { taken: 0, acknowledged: 2 },
      });
      expect(one.box.kept()).toEqual([]);
      expect((await rowsOf(one)).map(({ acknowledged }) => acknowledged)).toEqual([true, true]);
    });

    it('changes nothing once another node has taken over', async () => {
      const one = with_(['a', 'b']);
      let writes = 0;
      const fence = async () => {
        writes += 1;
        if (writes > 2) throw new Error('LEASE_LOST');
      };
      await expect(one.fetch({ fence })).rejects.toThrow('LEASE_LOST');
      expect((await rowsOf(one)).map(({ state }) => state)).toEqual(['handing']);
    });

    it('forgets only taken messages that cannot be listed again', async () => {
      const one = with_(['old', 'bad']);
      refuse(one, 'bad');
      await one.fetch();
      one.clock.advance(100 * 24 * 60 * 60_000);
      one.box.deliver(mime('new'));
      await one.fetch();
      const deps = {
        db: world.db,
        clock: one.clock,
        fence: async () => undefined,
        signal: new AbortController().signal,
      };
      expect(await forgetMessages(deps, one.account.id, 90)).toBe(1);
      expect((await rowsOf(one)).map(({ subject }) => subject)).toEqual(['bad', 'new']);
      await one.fetch();
      expect(names(one).filter((name) => name === 'old')).toHaveLength(1);
      one.box.replace();
      await one.fetch();
      await answerCursor(world.db, one.account.id, 'from-now', one.clock.now());
      await one.fetch();
      one.clock.advance(100 * 24 * 60 * 60_000);
      // Rows of the mailbox that was: by them a message is recognised that comes from there.
      expect(await forgetMessages(deps, one.account.id, 90)).toBe(0);
      const pop = with_(['p'], mailboxDouble({ protocol: 'pop' }));
      await pop.fetch();
      pop.clock.advance(100 * 24 * 60 * 60_000);
      expect(await forgetMessages({ ...deps, clock: pop.clock }, pop.account.id, 90)).toBe(0);
    });

    it('lists in pages, newest first', async () => {
      const one = with_(['a', 'b', 'c']);
      await one.fetch();
      const page = (offset: number) => listMessages(world.db, one.account.id, ['taken'], { offset, limit: 2 });
      const [first, second] = [await page(0), await page(2)];
      expect([first.total, first.items.length, second.items.length]).toEqual([3, 2, 1]);
    });

    it('gives the raw message once, and not after the hand-over', async () => {
      const one = with_(['a']);
      const codes: unknown[] = [];
      one.tickets.answer = async (mail) => {
        codes.push(await mail.raw().catch((error: { code: string }) => error.code));
      };
      await one.fetch();
      const late = one.tickets.given[0]?.mail.raw() ?? Promise.resolve();
      codes.push(await Promise.resolve(late).catch((error: { code: string }) => error.code));
      expect(codes).toEqual(['MAIL_RAW_GIVEN', 'MAIL_RAW_GIVEN']);
    });
  });
