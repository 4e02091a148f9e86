import { testClock } from '@itsm-m365/database/testing';
import { defineErrors } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { Mailbox, MailboxFacts, Submission } from '../channels/channel.ts';
import { ChannelFault } from '../channels/fault.ts';
import { accountOf, applicationOf, ids } from '../testing/accounts.ts';
import { type DiagnosedAccount, type DiagnosisDependencies, diagnose } from './diagnose.ts';
import { diagnosisText } from './diagnosis-text.ts';
import { tokenWith } from './testing/tokens.ts';

const canary = 'c4n4ryc4n4ryc4n4ry';
const clock = testClock(Date.UTC(2026, 10, 21, 9));
const claims = {
  aud: 'https://outlook.office365.com',
  tid: ids.tenant,
  appid: ids.client,
  exp: clock.now() / 1000 + 3600,
  roles: ['IMAP.AccessAsApp'],
  jti: canary,
};

const facts: MailboxFacts = {
  protocol: 'imap',
  folder: 'INBOX',
  messages: 3,
  uidValidity: '17',
  uidNext: 42,
  capabilities: ['IMAP4rev1'],
};

const mailbox = (own: Partial<MailboxFacts> = {}, closed: string[] = []): Mailbox => {
  const unused = () => {
    throw new Error('the diagnosis reads no message');
  };
  return {
    facts: { ...facts, ...own },
    now: unused,
    list: unused,
    read: unused,
    acknowledge: unused,
    close: async () => {
      closed.push('mailbox');
    },
  };
};

const submission = (own: Partial<Submission> = {}, closed: string[] = []): Submission => ({
  facts: { protocol: 'smtp', capabilities: ['STARTTLS'], maxBytes: 150_000_000 },
  verify: async () => undefined,
  send: async () => ({ reply: '250 2.0.0 OK', refused: [] }),
  close: async () => {
    closed.push('submission');
  },
  ...own,
});

const given = (own: Partial<DiagnosedAccount> = {}): DiagnosedAccount => ({
  account: accountOf(),
  application: applicationOf(),
  problems: [],
  ...own,
});

const deps = (own: Partial<DiagnosisDependencies> = {}): DiagnosisDependencies => ({
  clock,
  signal: new AbortController().signal,
  probe: async () => {
    clock.advance(12);
    return { address: '192.0.2.1' };
  },
  token: async () => tokenWith(claims),
  openMailbox: async () => mailbox(),
  openSubmission: async () => submission(),
  ...own,
});

const run = async (one: Partial<DiagnosedAccount> = {}, two: Partial<DiagnosisDependencies> = {}) => {
  const report = await diagnose(given(one), deps(two));
  const step = (id: string) => {
    const found = report.steps.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`no step ${id}`);
    return found;
  };
  return { report, step, outcomes: report.steps.map(({ id, outcome }) => `${id} ${outcome}`) };
};

const refusal = new ChannelFault({
  stage: 'login',
  protocol: 'imap',
  server: 'outlook.office365.com:993',
  reply: 'NO AUTHENTICATE failed.',
});
const fails = (error: Error) => async () => {
  throw error;
};

describe('the test of an account', () => {
  it('goes through all stages in their order, with the time of each', async () => {
    const { report, outcomes, step } = await run();
    expect(outcomes).toEqual([
      'settings passed',
      'login-host passed',
      'incoming-host passed',
      'outgoing-host passed',
      'token passed',
      'claims passed',
      'every-mailbox passed',
      'incoming passed',
      'outgoing passed',
      'envelope passed',
    ]);
    expect(report.ok).toBe(true);
    expect(step('login-host')).toMatchObject({ milliseconds: 12, evidence: { address: '192.0.2.1' } });
    expect(step('incoming').message?.en).toBe('3 messages in "INBOX".');
    expect(report.steps.every(({ milliseconds }) => milliseconds !== undefined)).toBe(true);
  });

  it('ADV-31: a refused sign-in fails its stage with words, causes and who acts, and skips what follows', async () => {
    const { report, outcomes, step } = await run({}, { openMailbox: fails(refusal) });
    expect(report.ok).toBe(false);
    expect(outcomes.slice(-3)).toEqual(['incoming failed', 'outgoing skipped', 'envelope skipped']);
    expect(step('incoming')).toMatchObject({
      code: 'MAIL_LOGIN_REFUSED',
      evidence: { reply: 'NO AUTHENTICATE failed.', server: 'outlook.office365.com:993', acts: 'exchange' },
    });
    expect(step('incoming').remedy?.en).toContain("Set-CASMailbox -Identity 'helpdesk@example.com' -ImapEnabled $true");
  });

  it('ADV-32: claims that lack the permission warn, and are the first cause of the refusal', async () => {
    const { step } = await run(
      {},
      { token: async () => tokenWith({ ...claims, roles: [] }), openMailbox: fails(refusal) },
    );
    expect(step('claims')).toMatchObject({ outcome: 'warning', code: 'MAIL_CLAIMS_UNEXPECTED' });
    expect(step('incoming').remedy?.en).toMatch(/\(1\) The token lacks IMAP\.AccessAsApp/);
    expect(step('incoming').evidence?.acts).toBe('entra');
  });

  it('ADV-02: after a set-up a refused sign-in says to wait some minutes, rarely hours', async () => {
    const { step } = await run({}, { openMailbox: fails(refusal) });
    expect(step('incoming').remedy?.en).toContain('Wait some minutes, rarely hours');
    expect(step('incoming').remedy?.de).toContain('Warten Sie einige Minuten, selten Stunden');
  });

  it('ADV-30: a mail server that does not answer stops the test before any token is asked for', async () => {
    const timeout = new ChannelFault({ stage: 'connect', protocol: 'imap', server: 'x:993', code: 'TIMEOUT' });
    let asked = 0;
    const { outcomes, step } = await run(
      {},
      {
        probe: async ({ server }) => {
          if (server.port === 993) throw timeout;
          return { address: '192.0.2.1' };
        },
        token: async () => {
          asked += 1;
          return '';
        },
      },
    );
    expect(outcomes.slice(2, 5)).toEqual(['incoming-host failed', 'outgoing-host skipped', 'token skipped']);
    expect(step('incoming-host').remedy?.en).toMatch(/server and port.*firewall/);
    expect(asked).toBe(0);
  });

  it('goes on where the login host is reached by a proxy only', async () => {
    const unknown = new ChannelFault({ stage: 'address', protocol: 'graph', server: 'login:443', code: 'ENOTFOUND' });
    const { report, step } = await run(
      {},
      {
        probe: async ({ protocol }) => {
          if (protocol === 'graph') throw unknown;
          return { address: '192.0.2.1' };
        },
      },
    );
    expect(step('login-host').outcome).toBe('warning');
    expect(report.ok).toBe(true);
  });

  it('warns of a token that reads every mailbox, and goes on', async () => {
    const { report, step } = await run(
      {},
      { token: async () => tokenWith({ ...claims, roles: ['IMAP.AccessAsApp', 'Mail.Read'] }) },
    );
    expect(step('every-mailbox')).toMatchObject({ outcome: 'warning', code: 'MAIL_READS_EVERY_MAILBOX' });
    expect(step('every-mailbox').message?.en).toContain('Mail.Read');
    expect(report.ok).toBe(true);
  });

  it('shows known errors of the token with their remedy', async () => {
    const errors = defineErrors({
      ENTRA_X: {
        kind: 'credentials',
        message: { en: 'No', de: 'Nein' },
        remedy: { en: 'Do {acts}', de: 'Tun {acts}' },
      },
    });
    const { step } = await run({}, { token: fails(errors.ENTRA_X({ acts: 'entra', aadsts: 65001 })) });
    expect(step('token')).toMatchObject({
      outcome: 'failed',
      code: 'ENTRA_X',
      evidence: { acts: 'entra', aadsts: '65001' },
    });
    expect(step('claims').outcome).toBe('skipped');
  });

  it('stops at wrong settings, and names the fields', async () => {
    const { outcomes, step } = await run({
      problems: [
        { path: '/mailbox', code: 'X', message: { en: 'Enter an address.', de: 'Geben Sie eine Adresse ein.' } },
      ],
    });
    expect(outcomes[0]).toBe('settings failed');
    expect(outcomes.slice(1).every((one) => one.endsWith('skipped'))).toBe(true);
    expect(step('settings').message?.de).toContain('Geben Sie eine Adresse ein.');
    expect(step('settings').remedy?.en).toContain('/mailbox');
  });

  it('MAIL-01: an account with a password for Microsoft’s servers is warned, and has no stage for a token', async () => {
    const { outcomes, step } = await run({ account: accountOf({ method: 'password' }), application: undefined });
    expect(step('settings')).toMatchObject({ outcome: 'warning', code: 'MAIL_PASSWORD_OFF' });
    expect(outcomes.join()).not.toMatch(/token|claims|login-host/);
  });

  it('MAIL-05: a stored position above the mailbox’s is told, with the choice to make', async () => {
    const position = { kind: 'imap', folder: 'INBOX', uidValidity: '17', uid: 42 } as const;
    const { step } = await run({ position });
    expect(step('incoming')).toMatchObject({ outcome: 'warning', code: 'MAIL_POSITION_LOST' });
    expect(step('incoming').remedy?.en).toContain('go on from now or to fetch everything');
    expect((await run({ position: { ...position, uid: 41 } })).step('incoming').outcome).toBe('passed');
    expect((await run({ position: { ...position, uid: 1, uidValidity: '16' } })).step('incoming').outcome).toBe(
      'warning',
    );
  });

  it('asks MAIL FROM and RCPT TO with the sender’s own address, and shows a denied sender', async () => {
    const asked: object[] = [];
    const denied = new ChannelFault({
      stage: 'sender',
      protocol: 'smtp',
      server: 'smtp.office365.com:587',
      status: 550,
      reply: '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    });
    const { step } = await run(
      { account: accountOf({ from: 'shared@example.com' }) },
      {
        openSubmission: async () =>
          submission({
            verify: async (envelope) => {
              asked.push(envelope);
              throw denied;
            },
          }),
      },
    );
    expect(asked).toEqual([{ from: 'shared@example.com', to: ['shared@example.com'] }]);
    expect(step('envelope')).toMatchObject({ outcome: 'failed', code: 'MAIL_SEND_AS_DENIED' });
    expect(step('envelope').remedy?.en).toContain(
      "Add-RecipientPermission -Identity 'shared@example.com' -Trustee $principal.Id",
    );
  });

  it('sends a test mail only where one is given, and tells a refused recipient', async () => {
    const testMail = { to: 'me@example.com', mime: Buffer.from('x') };
    expect((await run({ testMail })).step('test-mail').outcome).toBe('passed');
    const { step } = await run(
      { testMail },
      {
        openSubmission: async () =>
          submission({
            send: async () => ({ reply: '250', refused: [{ to: 'me@example.com', reply: '550 5.1.1 unknown' }] }),
          }),
      },
    );
    expect(step('test-mail')).toMatchObject({ outcome: 'failed', code: 'MAIL_RECIPIENT_REFUSED' });
  });

  it('tells tokens of two services apart, and sends nothing for Graph', async () => {
    const { outcomes } = await run({ account: accountOf({ sending: { protocol: 'graph' } }) });
    expect(outcomes.join()).toMatch(/token-exchange.*claims-exchange.*token-graph.*claims-graph/);
    expect(outcomes.join()).not.toContain('envelope');
  });

  it('closes what it opened, also where a later stage fails', async () => {
    const closed: string[] = [];
    await run(
      {},
      {
        openMailbox: async () => mailbox({}, closed),
        openSubmission: async () => submission({ verify: fails(refusal) }, closed),
      },
    );
    expect(closed).toEqual(['mailbox', 'submission']);
  });

  it('ends with the reason of an aborted signal, and with a defect as it is', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = run(
      {},
      {
        signal: controller.signal,
        openMailbox: async () => {
          controller.abort(reason);
          throw refusal;
        },
      },
    );
    await expect(aborted).rejects.toBe(reason);
    await expect(run({}, { openMailbox: fails(new TypeError('defect')) })).rejects.toThrow('defect');
  });
});

describe('the printed diagnosis', () => {
  it('ADV-29: holds every stage, its code, remedy and who acts, in both languages', async () => {
    const { report } = await run({}, { openMailbox: fails(refusal) });
    const english = diagnosisText(report, 'en');
    expect(english).toContain('Result: The account does not work yet.');
    expect(english).toMatch(/\[OK\] Login host: login\.microsoftonline\.com:443 \(12 ms\)/);
    expect(english).toMatch(/\[FAILED\] Open the mailbox \(IMAP\) \(0 ms\)\n {4}outlook.*NO AUTHENTICATE failed/);
    expect(english).toContain('Code: MAIL_LOGIN_REFUSED');
    expect(english).toContain('To act: an administrator of Exchange\n    Trying again can help: no\n');
    expect(english).toContain('[SKIPPED] Sign in for sending (SMTP)');
    const german = diagnosisText(report, 'de');
    expect(german).toMatch(/\[FEHLER\] Postfach öffnen[\s\S]*Abhilfe: Prüfen Sie in dieser Reihenfolge/);
    expect(german).toContain('Zuständig: eine Administration von Exchange\n    Ein neuer Versuch kann helfen: nein\n');
  });

  it('ADV-29: prints no token, even where a server echoes it in its words', async () => {
    const token = tokenWith(claims);
    const xoauth2 = Buffer.from(`user=a@example.com\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64');
    const echo = new ChannelFault({
      stage: 'login',
      protocol: 'imap',
      server: 'x:993',
      reply: `NO AUTHENTICATE failed. ${token} ${xoauth2} auth=Bearer ${canary}`,
    });
    const { report } = await run({}, { token: async () => token, openMailbox: fails(echo) });
    for (const text of [JSON.stringify(report), diagnosisText(report, 'en'), diagnosisText(report, 'de')]) {
      expect(text).toContain('NO AUTHENTICATE failed.');
      expect(text).not.toContain(canary);
      expect(text).not.toContain(token.slice(0, 30));
      expect(text).not.toContain(xoauth2.slice(0, 30));
    }
  });

  it('keeps every value on its line', () => {
    const text = diagnosisText(
      {
        ok: true,
        steps: [
          {
            id: 'x',
            title: { en: 'A\n[OK] forged', de: 'A' },
            outcome: 'passed',
            evidence: { reply: 'a\r\n[OK] b\u202e' },
          },
        ],
      },
      'en',
    );
    expect(text.split('\n')).toEqual(['Result: The account works.', '[OK] A [OK] forged', '    reply: a [OK] b', '']);
  });
});
