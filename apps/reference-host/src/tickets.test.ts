import { Readable } from 'node:stream';
import { migrate } from '@itsm-m365/database';
import { eachDatabase } from '@itsm-m365/database/testing';
import type { ReceivedMail } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostMigrations } from './tables.ts';
import { createTickets, type HostTickets } from './tickets.ts';

const mail = (id: string, more: Partial<ReceivedMail> = {}): ReceivedMail => ({
  id,
  attempt: 1,
  account: { id: 'a', name: 'Help desk', mailbox: 'help@example.com' },
  class: 'personal',
  protected: false,
  messageId: `<${id}@example.com>`,
  inReplyTo: [],
  references: [],
  from: [{ address: 'ann@example.com', name: 'Ann' }],
  to: [],
  cc: [],
  replyTo: [],
  subject: 'Printer',
  date: undefined,
  text: 'It is on fire.',
  html: '',
  attachments: [],
  size: 100,
  raw: async () => Readable.from([]),
  ...more,
});

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`tickets on ${engine.name}`, () => {
    let opened: Awaited<ReturnType<typeof engine.open>>;
    let tickets: HostTickets;
    const { signal } = new AbortController();
    beforeEach(async () => {
      opened = await engine.open();
      const { db, clock } = opened;
      await migrate(db, [{ plugin: 'reference-host', migrations: hostMigrations }], { mode: 'apply', clock });
      tickets = createTickets(db, clock);
    });
    afterEach(() => opened.close());

    it('makes one ticket of a message that is handed over twice', async () => {
      await tickets.receive(mail('one'), signal);
      await tickets.receive(mail('one', { attempt: 2 }), signal);
      expect(await tickets.list({ limit: 10 })).toMatchObject([
        { id: 'one', subject: 'Printer', sender: 'ann@example.com', state: 'open' },
      ]);
    });

    it('closes at once what no person wrote, and keeps it', async () => {
      await tickets.receive(mail('two', { class: 'bounce', subject: 'x'.repeat(2000), from: [] }), signal);
      const [ticket] = await tickets.list({ limit: 10 });
      expect(ticket).toMatchObject({ state: 'closed', class: 'bounce', sender: '' });
      expect(ticket?.subject).toHaveLength(500);
    });

    it('lists the newest first, page by page', async () => {
      for (const id of ['a', 'b', 'c']) {
        await tickets.receive(mail(id), signal);
        opened.clock.advance(1000);
      }
      const [newest, next] = await tickets.list({ limit: 2 });
      expect([newest?.id, next?.id]).toEqual(['c', 'b']);
      expect((await tickets.list({ limit: 2, before: next?.created_at ?? 0 })).map(({ id }) => id)).toEqual(['a']);
    });
  });
}
