import type { Problem, Services, TestReport } from '@itsm-m365/plugin-api';
import type { MailAccount } from './account.ts';
import { applicationOf } from './applications.ts';
import type { ChannelContext } from './channels/channel.ts';
import { type ConnectedAccount, connectAccount } from './connect-account.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { probeServer } from './diagnosis/probe.ts';
import { readState } from './receive/state.ts';

export interface TestedAccount {
  readonly account: MailAccount;
  readonly problems: readonly Problem[];
  /** Sent at the end, where given. */
  readonly testMail?: { readonly to: string; readonly mime: Buffer };
}

/**
 * *Test connection* of an account by its protocols. A failed test is a report; rejects only with the signal's reason, or
 * for a defect.
 */
export const testAccount = async (
  services: Services,
  { account, problems, testMail }: TestedAccount,
  signal: AbortSignal,
): Promise<TestReport> => {
  const { tcp, http, clock, logger } = services;
  const context: ChannelContext = { tcp, http, clock, logger, signal };
  const position = account.id === '' ? undefined : (await readState(services.db, account.id))?.position;
  const application = await applicationOf(services, account);
  let connected: Promise<ConnectedAccount> | undefined;
  const connect = (): Promise<ConnectedAccount> => {
    connected ??= connectAccount(services, account);
    return connected;
  };
  return diagnose(
    {
      account: account.value,
      application: application?.value,
      problems,
      ...(position === undefined || position === null ? {} : { position }),
      ...(testMail === undefined ? {} : { testMail }),
    },
    {
      clock,
      signal,
      probe: (target) => probeServer(target, context),
      async token(resource) {
        const { tokens } = await connect();
        if (tokens === undefined) throw new Error('an account with a password has no token');
        return tokens.token(resource, { signal });
      },
      openMailbox: async () => (await connect()).openMailbox(signal),
      openSubmission: async () => (await connect()).openSubmission(signal),
    },
  );
};
