import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { StoredItem, TaskContext } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccountSettings, accountDefaults } from '../account-fields.ts';
import { accounts } from '../accounts.ts';
import { grants } from '../tables.ts';
import { openMailDatabase } from '../testing/mail-database.ts';
import { type MailServices, mailServices } from '../testing/mail-services.ts';
import { saveSignIn } from '../tokens/grant-rows.ts';
import { renewTask } from './renew-task.ts';

const desk = '11111111-1111-4111-8111-111111111111';
const binding = { owner: 'mail-oauth.accounts/desk', field: 'refreshToken', boundTo: {} };

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the stored sign-ins on ${engine.name}`, () => {
    let test: TestDatabase;
    let services: MailServices;
    beforeEach(async () => {
      test = await openMailDatabase(engine);
      services = mailServices(test);
    });
    afterEach(() => test.close());

    const run = () => {
      const hold = {
        runId: 'run',
        item: { key: 'all' },
        trigger: 'schedule',
        ticket: 't',
        options: undefined,
      } as const;
      const context: TaskContext = {
        ...services,
        ...hold,
        actor: { id: 'system', name: 'System' },
        progress: { report: () => undefined },
        signal: new AbortController().signal,
        fence: async () => undefined,
        notice: () => undefined,
      };
      return renewTask.run(context);
    };
    const signedIn = async () => {
      const ref = await services.secrets.store('a refresh token', binding);
      const now = test.clock.now();
      const at = { signed_in_at: now, signed_in_by: 'ann', renewed_at: now };
      const person = { user_id: desk, user_name: 'desk@example.com', scopes: '' };
      await saveSignIn(test.db, { account: desk, refresh_token: ref, tenant: desk, client: desk, ...person, ...at });
      return ref;
    };
    const kept = () => test.db.read((trx) => trx.rows(grants));

    it('stay where an account is not listed: its settings may only be unreadable to this version', async () => {
      const ref = await signedIn();
      expect(await run()).toMatchObject({ counts: { forgotten: 0 } });
      expect(await kept()).toHaveLength(1);
      expect(await services.secrets.reveal(ref, binding)).toBe('a refresh token');
    });

    it('go with their token once their account was deleted', async () => {
      const ref = await signedIn();
      const value = { ...accountDefaults, name: 'Desk', mailbox: 'desk@example.com' } as AccountSettings;
      const item: StoredItem<AccountSettings> = { id: desk, value, version: 1 };
      await test.db.write(async (trx) => accounts.removed?.(item, trx, { actor: 'ann', now: test.clock.now() }));
      expect(await run()).toMatchObject({ counts: { forgotten: 1 } });
      expect(await kept()).toEqual([]);
      await expect(services.secrets.reveal(ref, binding)).rejects.toThrow();
      expect(await run()).toMatchObject({ counts: { forgotten: 0 } });
    });
  });
