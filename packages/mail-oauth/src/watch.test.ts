import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { Tickets } from '@itsm-m365/plugin-api';
import type { MemorySettings } from '@itsm-m365/plugin-api/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsSection } from './account.ts';
import { accountDefaults } from './account-fields.ts';
import { afterRestore } from './after-restore.ts';
import { applicationDefaults } from './application-fields.ts';
import { applicationsSection } from './applications.ts';
import { enqueue } from './outbox/enqueue.ts';
import { writeState } from './receive/state.ts';
import { grants, mailStates, outbox } from './tables.ts';
import { openMailDatabase } from './testing/mail-database.ts';
import { type MailServices, mailServices } from './testing/mail-services.ts';
import { deadSignIns, expiringCredentials, staleAccounts } from './watch.ts';

const [desk, other, application] = [1, 2, 3].map(
  (digit) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`,
) as [string, string, string];
const hour = 60 * 60_000;
const tickets: Tickets = { receive: async () => undefined };

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`mail accounts on ${engine.name}`, () => {
    let test: TestDatabase;
    let settings: MemorySettings;
    let services: MailServices;
    beforeEach(async () => {
      test = await openMailDatabase(engine);
      services = mailServices(test, tickets);
      settings = services.settings;
      const value = { ...accountDefaults, name: 'Desk', mailbox: 'desk@example.com', application };
      settings.put(accountsSection, desk, value);
      settings.put(accountsSection, other, { ...value, name: 'Off', active: false });
    });
    afterEach(() => test.close());

    const day = (days: number): string => new Date(test.clock.now() + days * 24 * hour).toISOString().slice(0, 10);
    const enterApplication = (days: number): void =>
      settings.put(applicationsSection, application, {
        ...applicationDefaults,
        name: 'Mail',
        tenantId: desk,
        clientId: other,
        credential: { type: 'secret', secretId: 'one', value: 'ref', validUntil: day(days) },
      });

    it('ADV-10: announces the end of a secret, once for each threshold, and its expiry', async () => {
      enterApplication(90);
      expect(await expiringCredentials.check(services)).toEqual([]);
      const keys = new Set<string>();
      for (const days of [29, 28, 6, -1]) {
        enterApplication(days);
        const due = await expiringCredentials.check(services);
        expect([days, due.map(({ notice }) => notice.subject?.name)]).toEqual([days, ['Mail']]);
        for (const { key } of due) keys.add(key);
      }
      expect(keys.size).toBeGreaterThan(2);
    });

    it('say that a sign-in has ended, once for each time, and only of accounts in use', async () => {
      const row = {
        refresh_token: 'ref',
        tenant: 't',
        client: application,
        user_id: desk,
        user_name: 'desk@example.com',
        scopes: '',
        signed_in_at: 1,
        signed_in_by: 'ann',
        renewed_at: 1,
        state: 'dead',
        failed_code: 'ENTRA_REFUSED',
        failed_number: 50173,
        failed_at: 5,
        claim: '',
        version: 1,
      };
      await test.db.write((trx) =>
        trx.insert(grants, [
          { ...row, account: desk },
          { ...row, account: other },
        ]),
      );
      const [due, ...more] = await deadSignIns.check(services);
      expect(more).toEqual([]);
      expect(due).toMatchObject({ key: `mail-oauth.dead/${desk}/5`, notice: { code: 'MAIL_SIGN_IN_NEEDED' } });
      expect(due?.notice.message.de).toContain('AADSTS50173');
      await test.db.write((trx) => trx.update(grants, { state: 'ok' }, (query) => query.where({ account: desk })));
      expect(await deadSignIns.check(services)).toEqual([]);
    });

    it('say that nothing was fetched for long, unless the host takes no mail', async () => {
      const at = test.clock.now();
      await test.db.write((trx) => writeState(trx, { id: desk, name: 'Desk' }, { last_complete_at: at }));
      test.clock.advance(11 * hour);
      expect(await staleAccounts.check(services)).toEqual([]);
      test.clock.advance(2 * hour);
      expect(await staleAccounts.check(services)).toMatchObject([
        { key: `mail-oauth.stale/${desk}/${at}`, notice: { details: { hours: 13 } } },
      ]);
      expect(await staleAccounts.check({ ...services, tickets: undefined })).toEqual([]);
    });

    it('forget after a restore what may have gone since: waiting mail is looked up first, delta links are dropped', async () => {
      const mail = {
        account: desk,
        from: 'desk@example.com',
        fromName: '',
        to: ['a@example.com'],
        subject: 's',
        text: 't',
      };
      for (const eventKey of ['one', 'two']) await enqueue(services, { ...mail, eventKey, automatic: false });
      await test.db.write(async (trx) => {
        await trx.update(outbox, { state: 'sent' }, (query) => query.where({ event_key: 'two' }));
        const graph = { kind: 'graph', folder: 'inbox', link: 'https://graph.microsoft.com/v1.0/x' } as const;
        await writeState(trx, { id: desk, name: 'Desk' }, { position: graph, position_at: test.clock.now() });
        const imap = { kind: 'imap', folder: 'INBOX', uidValidity: '7', uid: 9 } as const;
        await writeState(trx, { id: other, name: 'Off' }, { position: imap, position_at: test.clock.now() });
      });
      const now = test.clock.now();
      expect(await test.db.write((trx) => afterRestore.forget?.(trx, { now }) ?? Promise.resolve({}))).toEqual({
        uncertainMails: 1,
        deltaLinks: 1,
      });
      const [rows, states] = await test.db.read(
        async (trx) => [await trx.rows(outbox), await trx.rows(mailStates)] as const,
      );
      expect(rows.map(({ state }) => state).sort()).toEqual(['sent', 'uncertain']);
      expect(states.map(({ position }) => position)).toEqual(
        expect.arrayContaining([
          { kind: 'graph', folder: 'inbox', link: '' },
          { kind: 'imap', folder: 'INBOX', uidValidity: '7', uid: 9 },
        ]),
      );
      const cursors = (await afterRestore.cursors?.(services)) ?? [];
      expect(cursors.map(({ item }) => item).sort()).toEqual([desk, other].sort());
      expect(cursors.find(({ item }) => item === other)?.position.en).toContain('UID 9');
    });
  });
}
