import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ExchangeFaultName, isExchangeFault } from '../faults/table.ts';
import { createSimulator, faultNames, type RunningExchange, type Simulator, startExchange } from '../index.ts';
import { mime, type Talk, talkTo, userToken, xoauth2 } from '../testing/mail.ts';

const ann = 'ann@contoso.example';

let simulator: Simulator;
let running: RunningExchange;
const talks: Talk[] = [];

beforeAll(async () => {
  simulator = createSimulator({ secret: 's', tenants: [{ users: 10, mailboxes: [{ address: ann }] }] });
  running = await startExchange(simulator);
});
beforeEach(() => {
  const mailbox = simulator.exchange.mailbox(ann);
  for (const folder of mailbox.folders) mailbox.remove(folder, folder.messages);
});
afterEach(() => {
  for (const talk of talks.splice(0)) talk.close();
  simulator.faults.clear();
});
afterAll(() => running.close());

const open = async (server: keyof RunningExchange['ports']): Promise<Talk> => {
  const talk = await talkTo(running, server);
  talks.push(talk);
  return talk;
};
const response = (): string => xoauth2(ann, userToken(simulator, ann));

const imap = async (): Promise<Talk> => {
  const talk = await open('imaps');
  await talk.ask(`a AUTHENTICATE XOAUTH2 ${response()}`, /^a OK/);
  return talk;
};

const smtp = async (): Promise<Talk> => {
  const talk = await open('smtps');
  await talk.until(/^220 /);
  await talk.ask('EHLO client.example', /^250 /);
  return talk;
};

const signedIn = async (): Promise<Talk> => {
  const talk = await smtp();
  await talk.ask(`AUTH XOAUTH2 ${response()}`, /^235 /);
  return talk;
};

const upToData = async (): Promise<Talk> => {
  const talk = await signedIn();
  await talk.ask(`MAIL FROM:<${ann}>`, /^250 /);
  await talk.ask(`RCPT TO:<${ann}>`, /^250 /);
  await talk.ask('DATA', /^354 /);
  return talk;
};

const message = `${mime('One', { From: ann })}.`;
const on = (name: ExchangeFaultName, parameters = {}): void => {
  simulator.faults.enable(name, parameters);
};
const inbox = () => simulator.exchange.truth.messages(ann, 'INBOX');

const elsewhere = (): void => {
  // Proved where Graph's mail is: graph/mail.test.ts.
  expect(faultNames).toContain('send-mail-lost-when-taken');
};

/** One proof per fault that it changes what a client reads; the type makes a missing one a compile error. */
const proofs: Readonly<Record<ExchangeFaultName, () => Promise<void> | void>> = {
  'mail-authentication-refused': async () => {
    on('mail-authentication-refused', { endpoint: 'imap', times: 1 });
    const talk = await open('imaps');
    expect(await talk.ask(`a AUTHENTICATE XOAUTH2 ${response()}`, /^a /)).toContain('a NO AUTHENTICATE failed.');
    expect(await talk.ask(`b AUTHENTICATE XOAUTH2 ${response()}`, /^b /)).toContain('b OK');
  },
  'mail-silent': async () => {
    on('mail-silent', { endpoint: 'pop', times: 1 });
    const silent = await open('pop3s');
    let spoke = false;
    silent.until(/./).then(
      () => {
        spoke = true;
      },
      () => undefined,
    );
    // A later connection is greeted first.
    await (await open('pop3s')).until(/^\+OK/);
    expect(spoke).toBe(false);
  },
  'mail-slow': async () => {
    on('mail-slow', { endpoint: 'imap', milliseconds: 1, times: 2 });
    const talk = await open('imaps');
    await talk.ask('a NOOP', /^a OK/);
    expect(simulator.faults.active()).toEqual([]);
  },
  'mail-connection-lost': async () => {
    const talk = await imap();
    on('mail-connection-lost', { endpoint: 'imap' });
    talk.send('b NOOP\r\n');
    expect(await talk.rest()).toBe('');
  },
  'imap-throttled': async () => {
    const talk = await imap();
    on('imap-throttled', { milliseconds: 92_415, times: 1 });
    expect(await talk.ask('b SELECT INBOX', /^b /)).toBe(
      'b BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n',
    );
    await talk.ask('c SELECT INBOX', /^c OK/);
  },
  'imap-bye': async () => {
    const talk = await imap();
    on('imap-bye');
    talk.send('b NOOP\r\n');
    expect(await talk.rest()).toBe('* BYE Connection is closed. 13\r\n');
  },
  'imap-not-connected': async () => {
    const talk = await imap();
    on('imap-not-connected', { times: 1 });
    expect(await talk.ask('b SELECT INBOX', /^b /)).toBe('b BAD User is authenticated but not connected.\r\n');
  },
  'imap-dynamic-delivery': async () => {
    simulator.exchange.deliver(ann, mime('Held'));
    const talk = await imap();
    await talk.ask('b SELECT INBOX', /^b OK/);
    on('imap-dynamic-delivery', { times: 1 });
    expect(await talk.ask('c FETCH 1 BODY.PEEK[]', /^c OK/)).toContain(
      'Retrieval using the IMAP4 protocol failed for the following message',
    );
    expect(await talk.ask('d FETCH 1 BODY.PEEK[]', /^d OK/)).toContain('Subject: Held');
  },
  'smtp-throttled': async () => {
    for (const status of [451, 452, 432]) {
      const talk = await signedIn();
      on('smtp-throttled', { status, times: 1 });
      expect(await talk.ask(`MAIL FROM:<${ann}>`, /^\d/)).toMatch(new RegExp(`^${status} 4\\.`));
      expect(await talk.ask(`MAIL FROM:<${ann}>`, /^\d/)).toMatch(/^250/);
    }
    const talk = await signedIn();
    on('smtp-throttled', { status: 421 });
    talk.send(`MAIL FROM:<${ann}>\r\n`);
    expect(await talk.rest()).toMatch(/^421 4\.3\.2/);
  },
  'smtp-data-throttled': async () => {
    const talk = await upToData();
    on('smtp-data-throttled');
    expect(await talk.ask(message, /^\d/)).toMatch(/^451 4\.7\.500 Server busy/);
    expect(inbox()).toEqual([]);
  },
  'smtp-greylisted': async () => {
    const talk = await signedIn();
    await talk.ask(`MAIL FROM:<${ann}>`, /^250 /);
    on('smtp-greylisted', { times: 1 });
    expect(await talk.ask(`RCPT TO:<${ann}>`, /^\d/)).toMatch(/^450 4\.7\.1/);
    expect(await talk.ask(`RCPT TO:<${ann}>`, /^\d/)).toMatch(/^250/);
  },
  'smtp-recipient-refused': async () => {
    const talk = await signedIn();
    await talk.ask(`MAIL FROM:<${ann}>`, /^250 /);
    on('smtp-recipient-refused', { times: 1 });
    expect(await talk.ask(`RCPT TO:<${ann}>`, /^\d/)).toMatch(/^550 5\.1\.10/);
  },
  'smtp-data-refused': async () => {
    const talk = await upToData();
    on('smtp-data-refused', { status: 554, code: '5.6.0' });
    expect(await talk.ask(message, /^\d/)).toMatch(/^554 5\.6\.0 /);
    expect(inbox()).toEqual([]);
  },
  'smtp-lost-when-taken': async () => {
    const talk = await upToData();
    on('smtp-lost-when-taken');
    talk.send(`${message}\r\n`);
    expect(await talk.rest()).toBe('');
    expect(inbox()).toHaveLength(1);
  },
  'smtp-lost-when-not-taken': async () => {
    const talk = await upToData();
    on('smtp-lost-when-not-taken');
    talk.send(`${message}\r\n`);
    expect(await talk.rest()).toBe('');
    expect(inbox()).toEqual([]);
  },
  'smtp-basic-retired': async () => {
    const talk = await smtp();
    on('smtp-basic-retired');
    expect(await talk.ask('AUTH PLAIN AGEAYg==', /^\d/)).toMatch(/^550 5\.7\.30/);
  },
  'message-id-replaced': async () => {
    const talk = await upToData();
    on('message-id-replaced');
    await talk.ask(message, /^250/);
    const [taken] = inbox();
    expect(taken?.messageId).not.toBe('<One@example.net>');
    expect(taken?.raw.toString()).toContain('X-Microsoft-Original-Message-ID: <One@example.net>\r\n');
  },
  'send-mail-lost-when-taken': elsewhere,
  'send-mail-lost-when-not-taken': elsewhere,
  'mailbox-concurrency': () => {
    on('mailbox-concurrency', { retryAfterSeconds: 7 });
    const token = userToken(simulator, ann, { aud: 'https://graph.microsoft.com', scp: 'Mail.Read' });
    const reply = simulator.handle({
      method: 'GET',
      host: 'graph.microsoft.com',
      target: '/v1.0/me/messages',
      headers: { authorization: `Bearer ${token}` },
      body: '',
    });
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '7']);
    expect(reply.body).toContain('MailboxConcurrency');
  },
};

const names = faultNames.flatMap((name) => (isExchangeFault(name) ? [name] : []));

test.each(names)('%s changes the conversation', (name) => proofs[name]());
