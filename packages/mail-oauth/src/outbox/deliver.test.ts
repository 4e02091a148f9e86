import { eachDatabase } from '@itsm-m365/database/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Submission } from '../channels/channel.ts';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { recipientHours } from '../tables.ts';
import { grantDead, type OutboxWorld, openOutbox } from '../testing/outbox-world.ts';
import { decideMail } from './decide.ts';
import { deliver } from './deliver.ts';
import { lookupLimits } from './plan-lookup.ts';
import { sendLimits } from './plan-send.ts';

const minute = 60_000;
const fault = (facts: Partial<FaultFacts>) =>
  new ChannelFault({ stage: 'data', protocol: 'smtp', server: 'smtp.example.test:587', ...facts });
const lost = () => fault({ code: 'CLOSED', outcomeUnknown: true });

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`delivering the outbox on ${engine.name}`, () => {
    let world: OutboxWorld;
    beforeEach(async () => {
      world = await openOutbox(engine);
    });
    afterEach(() => world.close());
    const run = (account = world.account(), hold = world.hold()) => deliver(world.deps, account, hold);
    const ids = async () => (await world.rows()).map(({ message_id }) => message_id);

    it('sends what is due in its order over one connection, once', async () => {
      for (const key of ['a', 'b', 'c']) {
        await world.add(key);
        world.test.clock.advance(1);
      }
      const { counts, stopped, notices } = await run();
      expect(counts).toMatchObject({ sent: 3, uncertain: 0 });
      expect([stopped, notices]).toEqual([undefined, []]);
      expect(world.server.taken).toEqual(await ids());
      expect(world.server.opened()).toBe(1);
      expect(await world.row('a')).toMatchObject({
        state: 'sent',
        attempts: 1,
        claim: '',
        reply: '250 2.0.0 OK',
        sent_at: world.test.clock.now(),
      });
      expect((await run()).counts.sent).toBe(0);
      expect(world.server.taken).toHaveLength(3);
    });

    it('keeps the text of a mail until it was sent or found in Sent Items, and no longer', async () => {
      for (const key of ['lost', 'refused', 'good']) {
        await world.add(key);
        world.test.clock.advance(1);
      }
      world.server.script.push({ error: lost(), takes: true });
      world.server.script.push({ error: fault({ stage: 'recipient', status: 550 }) });
      const kept = async () =>
        (await world.rows()).map(({ state, mime }) => [state, mime.includes('canary of the body')]);
      await run();
      const refused = ['refused', true];
      expect(await kept()).toEqual([['uncertain', true], refused, ['sent', false]]);
      world.test.clock.advance(lookupLimits.settleMs);
      await run();
      expect(await kept()).toEqual([['sent', false], refused, ['sent', false]]);
      expect((await world.row('good')).size).toBeGreaterThan(100);
    });

    it('marks a mail as being sent before its first byte goes out', async () => {
      await world.add('k');
      let seen = '';
      const open = async (signal: AbortSignal): Promise<Submission> => ({
        ...(await world.server.open(signal)),
        send: async () => {
          const row = await world.row('k');
          seen = `${row.state} ${row.claim} ${row.attempts}`;
          return { reply: '250', refused: [] };
        },
      });
      await run(world.account({ open }), world.hold('ticket-9'));
      expect(seen).toBe('sending ticket-9 1');
    });

    it('tries again what may pass, over a new connection, and shows what will not', async () => {
      await world.add('later');
      world.test.clock.advance(1);
      await world.add('never');
      world.test.clock.advance(1);
      await world.add('good');
      world.server.script.push({ error: fault({ status: 451, reply: '451 4.7.0 Later' }) });
      world.server.script.push({ error: fault({ stage: 'recipient', status: 550, reply: '550 5.1.1 Unknown' }) });
      const { counts, notices } = await run();
      expect(counts).toMatchObject({ sent: 1, postponed: 1, refused: 1 });
      expect(notices.map(({ code }) => code)).toEqual(['MAIL_REFUSED']);
      expect(world.server.opened()).toBe(3);
      expect(await world.row('never')).toMatchObject({
        state: 'refused',
        failed_code: 'TEST_REFUSED',
        reply: '550 5.1.1 Unknown',
      });
      await run();
      expect((await world.row('later')).state).toBe('queued');
      world.test.clock.advance(minute);
      await run();
      expect(await world.row('later')).toMatchObject({ state: 'sent', attempts: 2, failed_code: '' });
      await decideMail(world.deps, { account: world.account().id, id: (await world.row('never')).id }, 'resend');
      await run();
      expect(world.server.taken.toSorted()).toEqual((await ids()).toSorted());
    });

    it('leaves the queue as it is where the grant is dead, and sends it all after a new sign-in', async () => {
      await world.add('a');
      await world.add('b');
      const before = await world.rows();
      const dead = world.account({ open: () => Promise.reject(grantDead()) });
      expect(await run(dead)).toMatchObject({ stopped: { code: 'TEST_GRANT_DEAD' }, counts: { postponed: 0 } });
      expect(await world.rows()).toEqual(before);
      await run();
      expect(world.server.taken).toHaveLength(2);
    });

    it('waits as long as the server asks, with the whole account', async () => {
      await world.add('a');
      await world.add('b');
      const busy = fault({ stage: 'login', status: 421, waitMs: 5 * minute });
      const { stopped } = await run(world.account({ open: () => Promise.reject(busy) }));
      expect(stopped?.code).toBe('TEST_REFUSED');
      await run();
      expect(world.server.taken).toEqual([]);
      world.test.clock.advance(5 * minute);
      world.server.script.push({ error: fault({ protocol: 'graph', status: 429, waitMs: 7000 }) });
      await run();
      await run();
      expect(world.server.taken).toEqual([]);
      world.test.clock.advance(7000);
      await run();
      expect(world.server.taken).toHaveLength(2);
    });

    it.each([
      ['was taken', true, 'sent'],
      ['was not', false, 'held'],
    ])('looks a mail up whose answer was lost: it %s', async (_, takes, state) => {
      const id = await world.add('k');
      world.server.script.push({ error: lost(), takes });
      expect((await run()).counts).toMatchObject({ uncertain: 1 });
      expect((await world.row('k')).state).toBe('uncertain');
      world.test.clock.advance(lookupLimits.settleMs);
      const { counts, notices } = await run();
      expect((await world.row('k')).state).toBe(state);
      expect(counts.held).toBe(takes ? 0 : 1);
      expect(notices.map(({ code }) => code)).toEqual(takes ? [] : ['MAIL_HELD']);
      world.test.clock.advance(24 * 60 * minute);
      await run();
      expect(world.server.taken).toHaveLength(takes ? 1 : 0);
      if (takes) return;
      await decideMail(world.deps, { account: world.account().id, id }, 'resend');
      await run();
      expect(world.server.taken).toHaveLength(1);
    });

    it('sends again where the account says so, and says that it did', async () => {
      await world.add('k');
      world.server.script.push({ error: lost() });
      await run();
      world.test.clock.advance(lookupLimits.settleMs);
      const { notices } = await run(world.account({ unknownOutcome: 'resend' }));
      expect(notices.map(({ code }) => code)).toEqual(['MAIL_SENT_AGAIN']);
      expect(world.server.taken).toHaveLength(1);
    });

    it('decides nothing about an uncertain mail while the grant is dead, and asks again while the mailbox is away', async () => {
      await world.add('k');
      world.server.script.push({ error: lost(), takes: true });
      await run();
      world.test.clock.advance(lookupLimits.patienceMs * 2);
      const dead = world.account({ findSent: () => Promise.reject(grantDead()) });
      expect(await run(dead)).toMatchObject({ stopped: { code: 'TEST_GRANT_DEAD' } });
      expect((await world.row('k')).state).toBe('uncertain');
      await run();
      expect((await world.row('k')).state).toBe('sent');

      await world.add('l');
      world.server.script.push({ error: lost(), takes: true });
      await run();
      world.test.clock.advance(2 * minute);
      const away = world.account({ findSent: () => Promise.reject(fault({ stage: 'connect', code: 'ECONNREFUSED' })) });
      await run(away);
      expect((await world.row('l')).state).toBe('uncertain');
      world.test.clock.advance(lookupLimits.patienceMs);
      await run(away);
      expect((await world.row('l')).state).toBe('held');
    });

    it('asks a mailbox that is away or busy about one mail, and not about every other', async () => {
      for (const key of ['k', 'l', 'm']) await world.add(key);
      for (let at = 0; at < 3; at += 1) world.server.script.push({ error: lost() });
      await run();
      world.test.clock.advance(2 * minute);
      const asked = async (facts: Partial<FaultFacts>) => {
        let times = 0;
        const findSent = () => {
          times += 1;
          return Promise.reject(fault(facts));
        };
        await run(world.account({ findSent }));
        return times;
      };
      expect(await asked({ stage: 'connect', code: 'ECONNREFUSED' })).toBe(1);
      expect(await asked({ stage: 'connect', code: 'ECONNREFUSED' })).toBe(0);
      world.test.clock.advance(lookupLimits.everyMs);
      expect(await asked({ stage: 'login', code: 'ETHROTTLE', waitMs: 90 * minute })).toBe(1);
      world.test.clock.advance(89 * minute);
      expect(await asked({})).toBe(0);
      expect((await world.rows()).map(({ state }) => state)).toEqual(['uncertain', 'uncertain', 'uncertain']);
      // The policy decides about the one that was asked for in vain, long enough.
      world.test.clock.advance(minute);
      expect(await asked({ stage: 'connect', code: 'ECONNREFUSED' })).toBe(1);
      expect((await world.rows()).map(({ state }) => state).sort()).toEqual(['held', 'uncertain', 'uncertain']);
    });

    it('sends past a mail at which the server closes the connection each time', async () => {
      for (const key of ['bad', 'b', 'c']) {
        await world.add(key);
        world.test.clock.advance(1);
      }
      const open = async (signal: AbortSignal): Promise<Submission> => {
        const submission = await world.server.open(signal);
        return {
          ...submission,
          send: (envelope, mime) =>
            mime.includes('Ticket bad') ? Promise.reject(fault({ status: 421 })) : submission.send(envelope, mime),
        };
      };
      for (let at = 0; at < 2; at += 1) {
        await run(world.account({ open }));
        world.test.clock.advance(1000);
      }
      expect((await world.rows()).map(({ state }) => state)).toEqual(['queued', 'sent', 'sent']);
    });

    it('has patience again with a mail that was given up, once a person sends it again', async () => {
      await world.add('k');
      const busy = { error: fault({ status: 451 }) };
      for (let at = 0; at < sendLimits.giveUpAttempts; at += 1) {
        world.server.script.push(busy);
        await run();
        world.test.clock.advance(sendLimits.giveUpMs / 10);
      }
      const given = await world.row('k');
      expect(given).toMatchObject({ state: 'refused', failed_code: 'OUTBOX_GIVEN_UP' });
      await decideMail(world.deps, { account: given.account, id: given.id }, 'resend');
      world.server.script.push(busy);
      await run();
      expect((await world.row('k')).state).toBe('queued');
    });

    it('lets the policy decide at once where Sent Items cannot be asked', async () => {
      await world.add('k');
      world.server.script.push({ error: lost(), takes: true });
      await run();
      world.test.clock.advance(2 * minute);
      await run(world.account({ findSent: undefined }));
      expect((await world.row('k')).state).toBe('held');
    });

    it('gives a mail back that was not handed over when it was told to stop', async () => {
      await world.add('k');
      const stop = new AbortController();
      const reason = new Error('stop');
      const open = async (signal: AbortSignal): Promise<Submission> => ({
        ...(await world.server.open(signal)),
        send: () => {
          stop.abort(reason);
          return Promise.reject(reason);
        },
      });
      await expect(run(world.account({ open }), world.hold('t', { signal: stop.signal }))).rejects.toBe(reason);
      expect(await world.row('k')).toMatchObject({ state: 'queued', claim: '' });
    });

    it('notes nothing once another node has taken the account over', async () => {
      await world.add('k');
      const open = async (signal: AbortSignal): Promise<Submission> => ({
        ...(await world.server.open(signal)),
        send: async (_envelope, mime) => {
          await deliver(world.deps, world.account({ findSent: undefined }), world.hold('other'));
          return (await world.server.open(signal)).send({ from: '', to: [] }, mime);
        },
      });
      await run(world.account({ open }));
      expect(await world.row('k')).toMatchObject({ state: 'held', claim: '' });
    });

    it('breaks a loop of automatic mails: what is above the limit waits an hour, and one notice tells', async () => {
      for (let number = 0; number < 5; number += 1) {
        await world.add(`k${number}`);
        world.test.clock.advance(1);
      }
      await world.add('person', { automatic: false });
      await world.add('other', { to: ['bob@example.test'] });
      const limited = world.account({ perRecipientHour: 2 });
      const first = await run(limited);
      expect(first.counts).toMatchObject({ sent: 4, limited: 3 });
      expect(first.notices.map(({ code }) => code)).toEqual(['MAIL_RATE_LIMITED']);
      expect(await world.row('k2')).toMatchObject({ state: 'queued', attempts: 0, failed_code: 'OUTBOX_RATE_LIMITED' });
      await world.add('k6');
      const second = await run(limited);
      expect(second.counts).toMatchObject({ sent: 0, limited: 1 });
      expect(second.notices).toEqual([]);
      world.test.clock.advance(66 * minute);
      expect((await run(limited)).counts).toMatchObject({ sent: 2, limited: 2 });
      const counters = await world.test.db.read((trx) => trx.rows(recipientHours));
      expect(JSON.stringify(counters)).not.toContain('ann');
      world.test.clock.advance(4 * 60 * minute);
      await run(limited);
      expect((await world.test.db.read((trx) => trx.rows(recipientHours))).length).toBe(1);
    });

    it('counts a mail once for its recipients, however often it is tried', async () => {
      await world.add('k');
      await world.add('l');
      for (let number = 0; number < 3; number += 1) {
        world.server.script.push({ error: fault({ status: 451 }) }, { error: fault({ status: 451 }) });
        await run(world.account({ perRecipientHour: 2 }));
        world.test.clock.advance(4 * minute);
      }
      expect((await run(world.account({ perRecipientHour: 2 }))).counts).toMatchObject({ sent: 2, limited: 0 });
    });

    it('writes neither bodies nor addresses to the log', async () => {
      await world.add('k');
      world.server.script.push({ error: new Error('canary of the body') });
      expect(await run()).toMatchObject({ stopped: { code: 'OUTBOX_SENDING_FAILED' }, counts: { uncertain: 1 } });
      await run();
      expect(JSON.stringify(world.logger.lines)).not.toMatch(/canary|ann@|Ticket/);
      expect(world.logger.lines.length).toBeGreaterThan(0);
    });
  });
