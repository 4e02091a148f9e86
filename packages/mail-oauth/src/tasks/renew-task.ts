import { defineTask, noticeOf, type Services } from '@itsm-m365/plugin-api';
import { accounts } from '../accounts.ts';
import { connectAccount } from '../connect-account.ts';
import { mailPermissions } from '../permissions.ts';
import { grants } from '../tables.ts';
import { forgetSignIn } from '../tokens/forget-sign-in.ts';
import { renewDue } from '../tokens/keep-alive.ts';
import type { RenewableTokens } from '../tokens/renewable.ts';
import { subjectOf } from '../watch.ts';
import { knownOf } from './one-account.ts';

/** Undefined where the account is gone, switched over to something else, or has lost its application: nothing to renew. */
const tokensOf =
  (services: Services) =>
  async (id: string): Promise<RenewableTokens | undefined> => {
    const account = await services.settings.item(accounts, id);
    if (account === undefined) return undefined;
    try {
      const { application, tokens } = await connectAccount(services, account);
      return application?.value.flow === 'delegated' ? tokens : undefined;
    } catch (error) {
      if (knownOf(error) === undefined) throw error;
      return undefined;
    }
  };

/**
 * Sign-ins of accounts that were deleted. That an account is not listed says less: settings that another version wrote may
 * not be readable to this one, and a person would have to sign in again.
 */
const forgetRemoved = async (services: Services): Promise<number> => {
  const gone = await services.db.read((trx) => trx.rows(grants, (query) => query.where({ state: 'removed' })));
  for (const { account } of gone) await forgetSignIn(services, account);
  return gone.length;
};

/** *Renew sign-ins*: against the 90 days after which Entra ends one that was not used (700082). */
export const renewTask = defineTask({
  kind: 'work',
  id: 'mail-oauth.renew-sign-ins',
  title: { en: 'Renew mail sign-ins', de: 'Mail-Anmeldungen erneuern' },
  description: {
    en: 'Renews stored sign-ins that were not used for a week, so that none of them ends unnoticed.',
    de: 'Erneuert gespeicherte Anmeldungen, die eine Woche nicht verwendet wurden, damit keine unbemerkt endet.',
  },
  schedule: { kind: 'interval', minutes: 360 },
  timeoutMinutes: 60,
  permission: mailPermissions.startTasks,
  async run(context) {
    const { clock, signal } = context;
    const forgotten = await forgetRemoved(context);
    const outcomes = await renewDue({ services: context, now: clock.now(), tokensOf: tokensOf(context), signal });
    const failed = outcomes.filter(({ error }) => error !== undefined);
    const all = new Map((await context.settings.items(accounts)).map((account) => [account.id, account]));
    return {
      counts: { renewed: outcomes.length - failed.length, failed: failed.length, forgotten },
      notices: failed.flatMap(({ account, error }) => {
        const known = all.get(account);
        return error === undefined ? [] : [noticeOf(error, known === undefined ? undefined : subjectOf(known))];
      }),
      ...(failed.length === 0 ? {} : { outcome: 'partial' as const }),
    };
  },
});
