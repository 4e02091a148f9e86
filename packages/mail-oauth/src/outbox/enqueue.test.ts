import { eachDatabase } from '@itsm-m365/database/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OutboxWorld, openOutbox } from '../testing/outbox-world.ts';
import { decideMail } from './decide.ts';
import { enqueue, enqueueRow, prepareMail } from './enqueue.ts';

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`queueing mail on ${engine.name}`, () => {
    let world: OutboxWorld;
    beforeEach(async () => {
      world = await openOutbox(engine);
    });
    afterEach(() => world.close());

    it('keeps a mail as it will be sent, under a Message-ID of the sender’s domain', async () => {
      const added = await enqueue(
        world.deps,
        world.mail('k', { cc: ['bob@example.test'], bcc: ['secret@example.test'] }),
      );
      expect(added).toMatchObject({ state: 'queued', added: true, messageId: `<${added.id}@example.test>` });
      const row = await world.row('k');
      expect(row).toMatchObject({ message_id: added.messageId, attempts: 0, state: 'queued', claim: '' });
      expect(row.recipients).toEqual(['ann@example.test', 'bob@example.test', 'secret@example.test']);
      expect(row.mime).not.toContain('secret@');
      expect(row.mime).toContain(`Message-ID: ${added.messageId}\r\n`);
      expect(row.size).toBe(Buffer.byteLength(row.mime));
    });

    it('takes the same event for the same mail, also at the same time, and per account', async () => {
      const first = await enqueue(world.deps, world.mail('k'));
      const again = await enqueue(world.deps, world.mail('k', { subject: 'another' }));
      expect(again).toEqual({ ...first, added: false });
      const both = await Promise.all([enqueue(world.deps, world.mail('l')), enqueue(world.deps, world.mail('l'))]);
      expect(new Set(both.map(({ id }) => id)).size).toBe(1);
      expect(both.filter(({ added }) => added)).toHaveLength(1);
      await enqueue(world.deps, world.mail('k', { account: '22222222-2222-4222-8222-222222222222' }));
      expect(await world.rows()).toHaveLength(3);
    });

    it('commits and rolls back with the host’s own transaction', async () => {
      const row = await prepareMail(world.deps, world.mail('k'));
      const undone = world.test.db.write(async (trx) => {
        await enqueueRow(trx, row);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await world.rows()).toEqual([]);
      expect(await world.test.db.write((trx) => enqueueRow(trx, row))).toMatchObject({ added: true });
      expect(await world.test.db.write((trx) => enqueueRow(trx, row))).toMatchObject({ added: false, id: row.id });
    });

    it('refuses what is too large, has no recipient or too many, or no key', async () => {
      const limits = { maxBytes: 3000, maxRecipients: 2 };
      const put = (overrides: Parameters<OutboxWorld['mail']>[1], key = 'k') =>
        enqueue({ ...world.deps, limits }, world.mail(key, overrides));
      const many = ['a@x.test', 'b@x.test', 'c@x.test'];
      await expect(put({ text: 'x'.repeat(3001) })).rejects.toMatchObject({ code: 'OUTBOX_MAIL_TOO_LARGE' });
      await expect(put({ text: 'ü'.repeat(1500) })).rejects.toMatchObject({ code: 'OUTBOX_MAIL_TOO_LARGE' });
      await expect(put({ to: [] })).rejects.toMatchObject({ code: 'OUTBOX_RECIPIENTS_INVALID' });
      await expect(put({ to: [], bcc: many })).rejects.toMatchObject({ code: 'OUTBOX_RECIPIENTS_INVALID' });
      await expect(put({}, '')).rejects.toMatchObject({ code: 'OUTBOX_KEY_INVALID' });
      await expect(put({}, 'x'.repeat(201))).rejects.toMatchObject({ code: 'OUTBOX_KEY_INVALID' });
      expect(await world.rows()).toEqual([]);
    });

    it('lets a person send again or cancel what waits for a person, and nothing else', async () => {
      const id = await world.add('k');
      const decide = (decision: 'resend' | 'cancel') =>
        decideMail(world.deps, { account: world.mail('').account, id }, decision);
      const set = (state: string) =>
        world.test.db.write((trx) => trx.execute(`update ${trx.name({ name: 'mail_outbox' })} set state = ?`, [state]));
      for (const [state, resend, cancel] of [
        ['queued', undefined, 'cancelled'],
        ['sending', undefined, undefined],
        ['sent', undefined, undefined],
        ['uncertain', 'queued', 'cancelled'],
        ['held', 'queued', 'cancelled'],
        ['refused', 'queued', 'cancelled'],
        ['cancelled', 'queued', undefined],
      ] as const)
        for (const [decision, after] of [
          ['resend', resend],
          ['cancel', cancel],
        ] as const) {
          await set(state);
          if (after === undefined)
            await expect(decide(decision)).rejects.toMatchObject({ code: 'OUTBOX_MAIL_NOT_DECIDABLE' });
          else await decide(decision);
          expect((await world.row('k')).state).toBe(after ?? state);
        }
      const foreign = decideMail(world.deps, { account: '22222222-2222-4222-8222-222222222222', id }, 'cancel');
      await expect(foreign).rejects.toMatchObject({ code: 'OUTBOX_MAIL_UNKNOWN', status: 404 });
    });
  });
