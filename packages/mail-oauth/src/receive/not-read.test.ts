import { eachDatabase } from '@itsm-m365/database/testing';
import { describe, expect, it } from 'vitest';
import type { Mailbox } from '../channels/channel.ts';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { mailboxDouble } from '../testing/mailbox-double.ts';
import { mime, type Receiving } from '../testing/receiving.ts';
import { receivingWorld, subjectsOf } from '../testing/receiving-world.ts';
import { answerCursor } from './cursor.ts';

const refused: Partial<FaultFacts> = { reply: 'NO Message cannot be converted' };
const broken: Partial<FaultFacts> = { code: 'ECONNRESET' };

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`messages that the server does not give out, on ${engine.name}`, () => {
    const world = receivingWorld(engine);

    const withMail = (...names: readonly string[]): Receiving => {
      const box = mailboxDouble();
      for (const name of names) box.deliver(mime(name));
      return world.receiving(box);
    };

    /** A connection over which these messages fail to be read, and which ends with the first that breaks it. */
    const failing = (one: Receiving, facts: Partial<FaultFacts>, ...uids: readonly number[]): { mailbox: Mailbox } => {
      const mailbox = one.box.open();
      const read: Mailbox['read'] = async (key) => {
        if (!uids.includes(Number(key.split(';')[2]))) return mailbox.read(key);
        if (facts.code !== undefined) await mailbox.close();
        throw new ChannelFault({ protocol: 'imap', server: 'mail.example:993', stage: 'read', ...facts });
      };
      return { mailbox: { ...mailbox, read } };
    };
    const statesOf = async (one: Receiving) =>
      (await world.rowsOf(one)).map(({ state, attempts, failed_code }) => `${state} ${attempts} ${failed_code}`.trim());

    it('hold up no other message, are told, and are handed over for the first time once they can be read', async () => {
      const one = withMail('a', 'bad', 'c');
      const report = await one.fetch(failing(one, refused, 2));
      expect(report).toMatchObject({ outcome: 'partial', counts: { taken: 2, notRead: 1, failed: 0 } });
      expect(report.notices.map(({ code }) => code)).toEqual(['MAIL_NOT_GIVEN_OUT']);
      expect(await statesOf(one)).toEqual(['taken 1', 'failed 1 MAIL_NOT_READ', 'taken 1']);
      expect((await one.fetch()).outcome).toBe('succeeded');
      expect(one.tickets.given.map(({ mail, attempt }) => [mail.subject, attempt])).toEqual([
        ['a', 1],
        ['c', 1],
        ['bad', 1],
      ]);
    });

    it('are set aside after as many tries as the account says, and listed', async () => {
      const one = withMail('bad');
      for (let at = 0; at < 3; at += 1) {
        one.box.deliver(mime(`good ${at}`));
        await one.fetch(failing(one, refused, 1));
      }
      expect(subjectsOf(one)).toEqual(['good 0', 'good 1', 'good 2']);
      expect((await statesOf(one))[0]).toBe('aside 3 MAIL_NOT_READ');
      expect((await one.fetch()).outcome).toBe('succeeded');
    });

    it('end the fetch where they break the connection, and only this one', async () => {
      const one = withMail('bad', 'b', 'c');
      const fetch = () => one.fetch(failing(one, broken, 1));
      await expect(fetch()).rejects.toMatchObject({ facts: { code: 'ECONNRESET' } });
      expect(subjectsOf(one)).toEqual([]);
      for (let at = 0; at < 2; at += 1) {
        one.box.deliver(mime(`later ${at}`));
        await expect(fetch()).rejects.toMatchObject({ facts: { code: 'ECONNRESET' } });
      }
      expect(subjectsOf(one)).toEqual(['b', 'c', 'later 0', 'later 1']);
      expect((await statesOf(one))[0]).toBe('aside 3 MAIL_NOT_READ');
      expect((await fetch()).outcome).toBe('succeeded');
    });

    it('are not blamed where the server gives none out, and none is set aside for it', async () => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      const one = withMail(...names);
      for (let at = 0; at < 6; at += 1)
        await expect(one.fetch(failing(one, refused, 1, 2, 3, 4, 5))).rejects.toMatchObject({
          facts: { stage: 'read' },
        });
      expect((await statesOf(one)).every((state) => state.startsWith('failed'))).toBe(true);
      await one.fetch();
      await one.fetch();
      expect([...subjectsOf(one)].sort()).toEqual(names);
    });

    it('are no message’s fault where a token or the load is', async () => {
      for (const facts of [{ status: 401 }, { status: 403 }, { status: 429 }, { code: 'ETHROTTLE', waitMs: 1000 }]) {
        const one = withMail('a');
        await expect(one.fetch(failing(one, facts, 1))).rejects.toMatchObject({ facts });
        expect(await world.rowsOf(one)).toEqual([]);
      }
    });

    it('are held back like the others where they were probably taken before a reset', async () => {
      for (const facts of [broken, refused]) {
        const one = withMail('a', 'b');
        await one.fetch();
        one.box.replace();
        await one.fetch();
        await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
        const cut = one.fetch(failing(one, facts, 1));
        if (facts === broken) await expect(cut).rejects.toMatchObject({ facts });
        else expect((await cut).counts).toMatchObject({ notRead: 1, suspect: 1 });
        await one.fetch();
        expect(subjectsOf(one)).toEqual(['a', 'b']);
        expect((await statesOf(one)).filter((state) => state.startsWith('suspect'))).toHaveLength(2);
        await one.fetch();
        expect(await world.stateOf(one)).toMatchObject({ cursor_state: '' });
      }
    });
  });
