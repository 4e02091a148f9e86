import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsSection } from '../account.ts';
import { accountDefaults } from '../account-fields.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { type OutboxRow, outbox } from '../tables.ts';
import { openMailDatabase } from '../testing/mail-database.ts';
import { type MailServices, mailServices } from '../testing/mail-services.ts';
import { sendTask } from './send-task.ts';

const desk = '11111111-1111-4111-8111-111111111111';
const hour = 60 * 60_000;

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the task that sends, on ${engine.name}`, () => {
    let test: TestDatabase;
    let services: MailServices;
    beforeEach(async () => {
      test = await openMailDatabase(engine);
      services = mailServices(test);
      services.settings.put(accountsSection, desk, { ...accountDefaults, name: 'Desk', mailbox: 'desk@example.com' });
      const sender = { account: desk, from: 'desk@example.com', fromName: '', automatic: false } as const;
      await enqueue(services, { ...sender, eventKey: 'k', to: ['ann@example.com'], subject: 's', text: 't' });
    });
    afterEach(() => test.close());

    const items = async () => (await sendTask.items?.(services))?.map(({ key }) => key);
    const change = (patch: Partial<OutboxRow>) =>
      test.db.write((trx) => trx.update(outbox, patch, (query) => query.where({ account: desk })));

    it('has nothing to do for an account whose mail is put off, and something once it is due', async () => {
      expect(await items()).toEqual([desk]);
      for (const state of ['queued', 'uncertain']) {
        await change({ state, next_at: test.clock.now() + hour });
        expect(await items()).toEqual([]);
        test.clock.advance(hour);
        expect(await items()).toEqual([desk]);
      }
    });

    it('goes after a mail that was being sent when a node died, and after none that is dealt with', async () => {
      await change({ state: 'sending', claim: 'a hold that is gone' });
      expect(await items()).toEqual([desk]);
      for (const state of ['sent', 'refused', 'held', 'cancelled']) {
        await change({ state });
        expect(await items()).toEqual([]);
      }
    });
  });
