import { describe, expect, it } from 'vitest';
import { type AccountSettings, accountDefaults } from './account-fields.ts';
import { identityOf, isMicrosoftHost, receivingServer, sendingServer } from './identity.ts';

const account = (more: Partial<AccountSettings> = {}): AccountSettings =>
  ({ ...accountDefaults, name: 'Help desk', mailbox: 'Help@Example.com', ...more }) as AccountSettings;
const receiving = (more: Partial<AccountSettings['receiving']>): AccountSettings['receiving'] => ({
  ...accountDefaults.receiving,
  ...more,
});
const sending = (more: Partial<AccountSettings['sending']>): AccountSettings['sending'] => ({
  ...accountDefaults.sending,
  ...more,
});

describe('servers of an account', () => {
  it('ADV-23: fetches from outlook.office365.com, 993, SSL/TLS, where nothing else is entered', () => {
    expect(receivingServer(account())).toMatchObject({ host: 'outlook.office365.com', port: 993, encryption: 'tls' });
    expect(receivingServer(account({ receiving: receiving({ protocol: 'pop' }) }))).toMatchObject({
      host: 'outlook.office365.com',
      port: 995,
      encryption: 'tls',
    });
  });

  it('ADV-24: sends by smtp.office365.com, 587, STARTTLS, where nothing else is entered', () => {
    expect(sendingServer(account())).toMatchObject({ host: 'smtp.office365.com', port: 587, encryption: 'starttls' });
  });

  it('MAIL-28: takes what is entered, with the port that is usual for the encryption', () => {
    const own = account({
      receiving: receiving({ host: ' Mail.Example.com ', encryption: 'starttls' }),
      sending: sending({ host: 'mail.example.com', encryption: 'tls', port: 2465 }),
    });
    expect(receivingServer(own)).toMatchObject({ host: 'mail.example.com', port: 143, encryption: 'starttls' });
    expect(sendingServer(own)).toMatchObject({ host: 'mail.example.com', port: 2465, encryption: 'tls' });
  });

  it('are none where nothing is fetched or sent, or by Graph', () => {
    for (const protocol of ['none', 'graph'] as const) {
      expect(receivingServer(account({ receiving: receiving({ protocol }) }))).toBeUndefined();
      expect(sendingServer(account({ sending: sending({ protocol }) }))).toBeUndefined();
    }
  });

  it('MAIL-17: accept an untrusted certificate only with a password, on other hosts, and when told to', () => {
    const told = (host: string, method: AccountSettings['method']) =>
      account({
        method,
        receiving: receiving({ host, acceptUntrusted: true }),
        sending: sending({ host, acceptUntrusted: true }),
      });
    expect(receivingServer(account({ method: 'password' }))?.acceptUntrusted).toBe(false);
    for (const [host, method, accepted] of [
      ['mail.example.com', 'password', true],
      ['mail.example.com', 'oauth', false],
      ['outlook.office365.com', 'password', false],
      ['OUTLOOK.OFFICE365.COM.', 'password', false],
      ['', 'password', false],
    ] as const) {
      expect([host, method, receivingServer(told(host, method))?.acceptUntrusted]).toEqual([host, method, accepted]);
      expect([host, method, sendingServer(told(host, method))?.acceptUntrusted]).toEqual([host, method, accepted]);
    }
  });

  it('belong to Microsoft by their own domains only', () => {
    for (const host of ['outlook.office365.com', 'smtp.office365.com', 'imap-mail.outlook.com'])
      expect([host, isMicrosoftHost(host)]).toEqual([host, true]);
    for (const host of ['office365.com.example.com', 'notoutlook.com', 'mail.example.com'])
      expect([host, isMicrosoftHost(host)]).toEqual([host, false]);
  });
});

describe('identities of an account', () => {
  it.each([
    [
      'app-only',
      {},
      { tokenUser: '', mailbox: 'help@example.com', smtpLogin: 'help@example.com', from: 'help@example.com' },
    ],
    [
      'delegated',
      {},
      {
        tokenUser: 'help@example.com',
        mailbox: 'help@example.com',
        smtpLogin: 'help@example.com',
        from: 'help@example.com',
      },
    ],
    [
      'delegated',
      { signInUser: 'Ann@example.com' },
      {
        tokenUser: 'ann@example.com',
        mailbox: 'help@example.com',
        smtpLogin: 'ann@example.com',
        from: 'help@example.com',
      },
    ],
    [
      'delegated',
      { signInUser: 'ann@example.com', from: 'Service@example.com', sending: sending({ login: 'smtp@example.com' }) },
      {
        tokenUser: 'ann@example.com',
        mailbox: 'help@example.com',
        smtpLogin: 'smtp@example.com',
        from: 'service@example.com',
      },
    ],
    [
      'password',
      { user: 'EXAMPLE\\help' },
      { tokenUser: '', mailbox: 'example\\help', smtpLogin: 'example\\help', from: 'help@example.com' },
    ],
  ] as const)('%s %j', (flow, more, expected) => {
    expect(identityOf(account(more), flow)).toEqual(expected);
  });
});
