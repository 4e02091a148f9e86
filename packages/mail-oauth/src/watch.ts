import { storedExpiry } from '@itsm-m365/graph-auth';
import type { Services, Subject, Watch } from '@itsm-m365/plugin-api';
import type { MailAccount } from './account.ts';
import { accounts } from './accounts.ts';
import { applications } from './applications.ts';
import { accountNotices } from './notices.ts';
import { grants, mailStates } from './tables.ts';

const hour = 60 * 60_000;
/** Fetching runs every few minutes; a night without is worth a word. */
const staleAfterHours = 12;

export const subjectOf = ({ id, value }: MailAccount): Subject => ({ type: 'mail-account', id, name: value.name });

const activeAccounts = async (services: Services): Promise<readonly MailAccount[]> =>
  (await services.settings.items(accounts)).filter(({ value }) => value.active);

/** Secrets and certificates that end in 60, 30, 14, 7 or 1 days, or have ended (ADV-10): one key for each threshold. */
export const expiringCredentials: Watch = {
  id: 'mail-oauth.expiring-credentials',
  async check(services) {
    const now = services.clock.now();
    return (await services.settings.items(applications)).flatMap(({ id, value }) => {
      const subject = { type: 'mail-application', id, name: value.name };
      return storedExpiry(value.credential, `${value.tenantId}/${value.clientId}`, now, subject) ?? [];
    });
  },
};

/** Sign-ins that no longer work: one key for each time one died. */
export const deadSignIns: Watch = {
  id: 'mail-oauth.dead-sign-ins',
  async check(services) {
    const rows = await services.db.read((trx) => trx.rows(grants, (query) => query.where({ state: 'dead' })));
    const dead = new Map(rows.map((row) => [row.account, row]));
    return (await activeAccounts(services)).flatMap((account) => {
      const row = dead.get(account.id);
      if (row === undefined) return [];
      const cause = row.failed_number === 0 ? row.failed_code : `AADSTS${row.failed_number}`;
      const details = { account: account.value.name, user: row.user_name, cause };
      return [
        {
          key: `mail-oauth.dead/${account.id}/${row.failed_at ?? 0}`,
          notice: accountNotices.MAIL_SIGN_IN_NEEDED(details, subjectOf(account)),
        },
      ];
    });
  },
};

/** Accounts that fetched nothing for long, even where no run starts at all. One key per such gap. */
export const staleAccounts: Watch = {
  id: 'mail-oauth.stale-accounts',
  async check(services) {
    if (services.tickets === undefined) return [];
    const now = services.clock.now();
    const rows = await services.db.read((trx) => trx.rows(mailStates));
    const states = new Map(rows.map((row) => [row.account, row]));
    return (await activeAccounts(services)).flatMap((account) => {
      const last = states.get(account.id)?.last_complete_at ?? null;
      if (account.value.receiving.protocol === 'none' || last === null) return [];
      const hours = Math.floor((now - last) / hour);
      if (hours < staleAfterHours) return [];
      const notice = accountNotices.MAIL_FETCH_STALE({ account: account.value.name, hours }, subjectOf(account));
      return [{ key: `mail-oauth.stale/${account.id}/${last}`, notice }];
    });
  },
};
