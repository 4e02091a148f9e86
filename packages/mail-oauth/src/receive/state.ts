import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { type MailStateRow, mailStates } from '../tables.ts';

export const readState = (db: Database, account: string): Promise<MailStateRow | undefined> =>
  db.read(async (trx) => (await trx.rows(mailStates, (query) => query.where({ account })))[0]);

const freshState = (account: string, name: string): MailStateRow => ({
  account,
  name,
  position: null,
  position_at: null,
  cursor_state: '',
  cursor_detail: '',
  last_attempt_at: null,
  last_complete_at: null,
  last_run: '',
  failed_code: '',
  failed_at: null,
  checked_at: null,
  check_code: '',
  removed_at: null,
});

/** Writes a part of an account's state, making the row where there is none. Harmless when it runs twice. */
export const writeState = async (
  trx: Transaction,
  account: { readonly id: string; readonly name: string },
  patch: Partial<MailStateRow>,
): Promise<void> => {
  const changed = await trx.update(mailStates, patch, (query) => query.where({ account: account.id }));
  if (changed === 0) await trx.insert(mailStates, [{ ...freshState(account.id, account.name), ...patch }]);
};

/** Notes that a fetch failed, with the code of what a person reads. For the task that maps faults to errors. */
export const noteFailure = (
  db: Database,
  fence: (trx: Transaction) => Promise<void>,
  account: { readonly id: string; readonly name: string },
  code: string,
  now: Instant,
): Promise<void> =>
  db.write(async (trx) => {
    await fence(trx);
    await writeState(trx, account, { failed_code: code.slice(0, 80), failed_at: now });
  });
