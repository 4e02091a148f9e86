import type { AccountSettings } from './account-fields.ts';
import type { ApplicationSettings } from './application-fields.ts';
import type { Server } from './channels/channel.ts';

/** Hosts of Exchange Online: passwords do not work there, and certificate errors never pass. */
const microsoftHost = /(^|\.)(outlook\.com|office365\.com|office\.com|hotmail\.com|live\.com|microsoft\.com)$/i;

export const isMicrosoftHost = (host: string): boolean => microsoftHost.test(host.replace(/\.$/, ''));

/** Microsoft's own page "POP, IMAP, and SMTP settings"; ADV-23, ADV-24. */
const receivingDefaults = {
  imap: { host: 'outlook.office365.com', port: { tls: 993, starttls: 143 }, encryption: 'tls' },
  pop: { host: 'outlook.office365.com', port: { tls: 995, starttls: 110 }, encryption: 'tls' },
} as const;
const sendingDefaults = {
  host: 'smtp.office365.com',
  port: { tls: 465, starttls: 587 },
  encryption: 'starttls',
} as const;

interface Fields {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'default' | 'tls' | 'starttls';
  readonly authority: string;
  readonly acceptUntrusted: boolean;
}

interface Defaults {
  readonly host: string;
  readonly port: { readonly tls: number; readonly starttls: number };
  readonly encryption: 'tls' | 'starttls';
}

const serverOf = (fields: Fields, defaults: Defaults, method: AccountSettings['method']): Server => {
  const host = fields.host.trim().toLowerCase() || defaults.host;
  const encryption = fields.encryption === 'default' ? defaults.encryption : fields.encryption;
  return {
    host,
    port: fields.port === 0 ? defaults.port[encryption] : fields.port,
    encryption,
    authority: fields.authority,
    acceptUntrusted: fields.acceptUntrusted && method === 'password' && !isMicrosoftHost(host),
  };
};

/** Undefined where the account does not fetch by IMAP or POP. */
export const receivingServer = ({ receiving, method }: AccountSettings): Server | undefined =>
  receiving.protocol === 'imap' || receiving.protocol === 'pop'
    ? serverOf(receiving, receivingDefaults[receiving.protocol], method)
    : undefined;

/** Undefined where the account does not send by SMTP. */
export const sendingServer = ({ sending, method }: AccountSettings): Server | undefined =>
  sending.protocol === 'smtp' ? serverOf(sending, sendingDefaults, method) : undefined;

/** The four identities of an account, defaults filled in, in lower case. */
export interface Identity {
  /** Whose token it is; `''` app-only: the application's. */
  readonly tokenUser: string;
  /** XOAUTH2's `user=` of IMAP and POP, Graph's `/users/…`. */
  readonly mailbox: string;
  /** XOAUTH2's `user=` of SMTP: Exchange refuses a shared mailbox, so a delegate signs in as themselves. */
  readonly smtpLogin: string;
  readonly from: string;
}

export const identityOf = (account: AccountSettings, flow: ApplicationSettings['flow'] | 'password'): Identity => {
  const lower = (value: string): string => value.trim().toLowerCase();
  const mailbox = lower(account.mailbox);
  const tokenUser = flow === 'delegated' ? lower(account.signInUser) || mailbox : '';
  const user = flow === 'password' ? lower(account.user) || mailbox : tokenUser || mailbox;
  return {
    tokenUser,
    mailbox: flow === 'password' ? user : mailbox,
    smtpLogin: lower(account.sending.login) || user,
    from: lower(account.from) || mailbox,
  };
};
