import type { Instant, Notice, Text } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import { isMicrosoftHost, receivingServer, sendingServer } from '../identity.ts';
import { passwordNotices } from './notices.ts';

export interface BasicAuthDate {
  readonly id: string;
  /** Instant from which it holds, UTC; undefined where Microsoft has not named the day. */
  readonly from: Instant | undefined;
  readonly what: Text;
  readonly source: string;
}

/** The end of basic authentication in Exchange Online, by Microsoft's announcements. */
export const basicAuthDates: readonly BasicAuthDate[] = [
  {
    id: 'receiving-off',
    from: Date.UTC(2022, 9, 1),
    what: {
      en: 'IMAP and POP take no passwords any more.',
      de: 'IMAP und POP nehmen keine Kennwörter mehr an.',
    },
    source: 'Microsoft, "Deprecation of Basic authentication in Exchange Online"; MAIL-01',
  },
  {
    id: 'smtp-default-off',
    from: Date.UTC(2026, 11, 31),
    what: {
      en: 'SMTP passwords are off by default in existing directories; an administrator can switch them on again. New directories have none.',
      de: 'SMTP-Kennwörter sind in bestehenden Verzeichnissen standardmäßig aus; ein Administrator kann sie wieder einschalten. Neue Verzeichnisse haben keine.',
    },
    source: 'MC786329, update of 2026-01-27',
  },
  {
    id: 'smtp-removed',
    from: undefined,
    what: {
      en: 'SMTP passwords end for good; Microsoft names the day in the second half of 2027.',
      de: 'SMTP-Kennwörter enden endgültig; Microsoft nennt den Tag in der zweiten Hälfte von 2027.',
    },
    source: 'MC786329, update of 2026-01-27',
  },
];

const dayOf = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);

const startOf = (id: string): Instant => {
  const from = basicAuthDates.find((date) => date.id === id)?.from;
  if (from === undefined) throw new Error(`no date for ${id}`);
  return from;
};

/** What is to be said about passwords for sending at this time. Receiving by password ended in 2022. */
export const basicAuthNotice = (now: Instant): Notice => {
  const day = startOf('smtp-default-off');
  return now < day
    ? passwordNotices.MAIL_PASSWORD_ENDS({ until: dayOf(day) })
    : passwordNotices.MAIL_PASSWORD_OFF_BY_DEFAULT({ since: dayOf(day) });
};

/**
 * MAIL-01: the warning when an account with a password is saved for a server of Microsoft's; undefined for OAuth2 and for
 * servers of others. Receiving counts before sending, since it does not work already.
 */
export const passwordWarning = (account: AccountSettings, now: Instant): Notice | undefined => {
  if (account.method !== 'password') return undefined;
  const receiving = receivingServer(account);
  if (receiving !== undefined && isMicrosoftHost(receiving.host))
    return passwordNotices.MAIL_PASSWORD_OFF({
      protocols: account.receiving.protocol === 'pop' ? 'POP' : 'IMAP',
      since: dayOf(startOf('receiving-off')),
    });
  const sending = sendingServer(account);
  return sending !== undefined && isMicrosoftHost(sending.host) ? basicAuthNotice(now) : undefined;
};
