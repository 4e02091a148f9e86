import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, type RunningExchange, type Simulator, startExchange } from '../../index.ts';
import { appToken, mime, type Talk, talkTo, userToken, xoauth2 } from '../../testing/mail.ts';

const ann = 'ann@contoso.example';
const bob = 'bob@contoso.example';
const help = 'help@contoso.example';
const start = Date.UTC(2026, 10, 21, 8);

const make = (): Simulator =>
  createSimulator({
    secret: 's',
    clock: { now: () => start },
    tenants: [
      {
        users: 10,
        mailboxes: [
          { address: ann, aliases: ['anna@contoso.example'] },
          { address: bob },
          { address: help, kind: 'shared' },
        ],
      },
    ],
  });

let simulator: Simulator;
let running: RunningExchange;
const talks: Talk[] = [];

beforeEach(async () => {
  simulator = make();
  running = await startExchange(simulator);
});
afterEach(async () => {
  for (const talk of talks.splice(0)) talk.close();
  await running.close();
});

const connect = async (server: 'smtps' | 'submission' = 'smtps'): Promise<Talk> => {
  const talk = await talkTo(running, server);
  talks.push(talk);
  await talk.until(/^220 /);
  await talk.ask('EHLO client.example', /^250 /);
  return talk;
};

const login = async (user = ann, token = userToken(simulator, ann)): Promise<readonly [Talk, string]> => {
  const talk = await connect();
  return [talk, await talk.ask(`AUTH XOAUTH2 ${xoauth2(user, token)}`, /^\d{3} /)];
};

const send = async (talk: Talk, from: string, to: readonly string[], raw: string): Promise<string> => {
  await talk.ask(`MAIL FROM:<${from}>`, /^250 /);
  for (const address of to) await talk.ask(`RCPT TO:<${address}>`, /^250 /);
  await talk.ask('DATA', /^354 /);
  return talk.ask(`${raw}.`, /^\d{3} /);
};

const folder = (address: string, name = 'INBOX') => simulator.exchange.truth.messages(address, name);

describe('submission', () => {
  test('offers XOAUTH2 only within TLS, and takes no mail outside of it', async () => {
    const talk = await talkTo(running, 'submission');
    talks.push(talk);
    expect(await talk.until(/^220 /)).toContain(
      'Microsoft ESMTP MAIL Service ready at Sat, 21 Nov 2026 08:00:00 +0000',
    );
    const outside = await talk.ask('EHLO client.example', /^250 /);
    expect(outside).toContain('250-STARTTLS');
    expect(outside).toContain('250-SIZE 157286400');
    expect(outside).not.toContain('AUTH');
    expect(await talk.ask('MAIL FROM:<a@b.example>', /^\d/)).toMatch(/^451 5\.7\.3 STARTTLS is required/);
    expect(await talk.ask('AUTH XOAUTH2 AAAA', /^\d/)).toMatch(/^504 5\.7\.4/);
    await talk.ask('STARTTLS', /^220 /);
    const secured = await talk.startTls();
    talks.push(secured);
    expect(await secured.ask('MAIL FROM:<a@b.example>', /^\d/)).toMatch(/^503/);
    expect(await secured.ask('EHLO client.example', /^250 /)).toContain('250-AUTH LOGIN XOAUTH2');
    expect(await secured.ask('MAIL FROM:<a@b.example>', /^\d/)).toMatch(
      /^530 5\.7\.57 Client not authenticated to send mail/,
    );
    expect(await secured.ask(`AUTH XOAUTH2 ${xoauth2(ann, userToken(simulator, ann))}`, /^\d/)).toMatch(/^235 /);
  });

  test('ends when a client speaks on before the handshake', async () => {
    const talk = await connect('submission');
    talk.send('STARTTLS\r\nEHLO evil.example\r\n');
    expect(await talk.rest()).toBe('220 2.0.0 SMTP server ready\r\n');
  });

  test('signs in with the response on a line of its own, too', async () => {
    const talk = await connect();
    expect(await talk.ask('AUTH XOAUTH2', /^334 /)).toBe('334 \r\n');
    expect(await talk.ask(xoauth2(ann, userToken(simulator, ann)), /^\d/)).toBe(
      '235 2.7.0 Authentication successful\r\n',
    );
  });

  test.each([
    ['a token of Graph', ann, () => userToken(simulator, ann, { aud: 'https://graph.microsoft.com' })],
    ['a token without SMTP.Send', ann, () => userToken(simulator, ann, { scp: 'IMAP.AccessAsUser.All' })],
    ['an expired token', ann, () => userToken(simulator, ann, { exp: start / 1000 - 1 })],
    ['a shared mailbox as login', help, () => userToken(simulator, ann)],
    ['somebody else as login', bob, () => userToken(simulator, ann)],
    ['an app without service principal', ann, () => appToken(simulator, ['SMTP.SendAsApp'])],
  ])('refuses %s with 5.7.3', async (_, user, token) => {
    simulator.exchange.grantFullAccess(help, ann);
    simulator.exchange.grantSendAs(help, ann);
    expect((await login(user, token()))[1]).toMatch(/^535 5\.7\.3 Authentication unsuccessful \[/);
  });

  test('refuses a password with 5.7.139, or 5.7.30 once it is retired', async () => {
    const talk = await connect();
    await talk.ask('AUTH LOGIN', /^334 VXNlcm5hbWU6/);
    await talk.ask('YW5u', /^334 UGFzc3dvcmQ6/);
    expect(await talk.ask('c2VjcmV0', /^\d/)).toMatch(
      /^535 5\.7\.139 Authentication unsuccessful, basic authentication is disabled\./,
    );
    simulator.faults.enable('smtp-basic-retired');
    expect(await talk.ask('AUTH PLAIN AGEAYg==', /^\d/)).toMatch(
      /^550 5\.7\.30 Basic authentication is not supported for Client Submission/,
    );
  });

  test('is switched off by the tenant and by the mailbox, which overrides the tenant', async () => {
    const { exchange } = simulator;
    exchange.setSmtpAuthDisabled(true);
    expect((await login())[1]).toMatch(/^535 5\.7\.139 .* SmtpClientAuthentication is disabled for the Tenant\./);
    exchange.set(ann, { smtpAuth: true });
    expect((await login())[1]).toMatch(/^235/);
    exchange.set(ann, { smtpAuth: false });
    expect((await login())[1]).toMatch(/^535 5\.7\.139 .* SmtpClientAuthentication is disabled for the Mailbox\./);
  });

  test('of an app needs FullAccess with the claim, and the RBAC role for the mailbox without it', async () => {
    const { exchange, tenant } = simulator;
    const objectId = tenant.apps[0]?.objectId ?? '';
    exchange.newServicePrincipal({ appId: tenant.clientId, objectId });
    const claimed = appToken(simulator, ['SMTP.SendAsApp']);
    expect((await login(help, claimed))[1]).toMatch(/^535 5\.7\.3/);
    exchange.grantFullAccess(help, objectId);
    expect((await login(help, claimed))[1]).toMatch(/^235/);
    expect((await login(ann, appToken(simulator, [])))[1]).toMatch(/^535 5\.7\.3/);
    exchange.assignApplicationRole(tenant.clientId, 'Application SMTP.SendAsApp', [ann]);
    expect((await login(ann, appToken(simulator, [])))[1]).toMatch(/^235/);
    expect((await login(ann, claimed))[1]).toMatch(/^535 5\.7\.3/);
    expect((await login(bob, appToken(simulator, [])))[1]).toMatch(/^535 5\.7\.3/);
  });
});

describe('a message', () => {
  test('goes to mailboxes here, to the world, and as it is into Sent Items', async () => {
    const [talk] = await login();
    const raw = mime('Out', { From: ann }, 'one\r\n.two');
    const stuffed = raw.replaceAll('\r\n.', '\r\n..');
    expect(await send(talk, ann, [help, 'out@example.net'], stuffed)).toMatch(/^250 2\.0\.0 OK <.*> \[Hostname=/);
    expect(folder(help).map((message) => message.raw.toString())).toEqual([raw]);
    expect(folder(ann, 'Sent Items').map((message) => message.raw.toString())).toEqual([raw]);
    expect(simulator.exchange.truth.outgoing()).toMatchObject([{ from: ann, to: ['out@example.net'] }]);
    expect(await send(talk, 'anna@contoso.example', [bob], mime('Again', { From: 'anna@contoso.example' }))).toMatch(
      /^250/,
    );
    expect(await talk.ask('QUIT', /^221 /)).toContain('221');
  });

  test('gets a Message-ID where it has none', async () => {
    const [talk] = await login();
    await send(talk, ann, [bob], 'From: ann@contoso.example\r\nSubject: x\r\n\r\nHello\r\n');
    expect(folder(bob)[0]?.messageId).toMatch(/^<.+@contoso\.example>$/);
  });

  test('as somebody else is refused at its end without Send As, and lies in the delegate’s Sent Items with it', async () => {
    const [talk] = await login();
    const raw = mime('As help', { From: help });
    expect(await send(talk, help, [bob], raw)).toMatch(
      /^554 5\.2\.252 SendAsDenied; ann@contoso\.example not allowed to send as help@contoso\.example/,
    );
    expect(await send(talk, ann, [bob], raw)).toMatch(/^554 5\.2\.252/);
    const foreign = mime('As nobody', { From: 'x@elsewhere.example' });
    expect(await send(talk, 'x@elsewhere.example', [bob], foreign)).toMatch(
      /^550 5\.7\.60 SMTP; Client does not have permissions to send as this sender/,
    );
    expect(folder(bob)).toEqual([]);
    simulator.exchange.grantSendAs(help, ann);
    expect(await send(talk, help, [bob], raw)).toMatch(/^250/);
    expect([folder(ann, 'Sent Items').length, folder(help, 'Sent Items').length]).toEqual([1, 0]);
    simulator.exchange.set(help, { messageCopyForSentAs: true });
    await send(talk, help, [bob], raw);
    expect([folder(ann, 'Sent Items').length, folder(help, 'Sent Items').length]).toEqual([2, 1]);
  });

  test('is forgotten after RSET and refused above 150 MB', async () => {
    const [talk] = await login();
    await talk.ask(`MAIL FROM:<${ann}>`, /^250 /);
    await talk.ask(`RCPT TO:<${bob}>`, /^250 /);
    await talk.ask('RSET', /^250 /);
    expect(await talk.ask('DATA', /^\d/)).toMatch(/^503/);
    expect(await talk.ask(`MAIL FROM:<${ann}> SIZE=157286401`, /^\d/)).toMatch(/^552 5\.3\.4/);
    expect(await talk.ask(`MAIL FROM:<${ann}> SIZE=157286400`, /^\d/)).toMatch(/^250/);
    expect(await talk.ask('RCPT TO:<nobody>', /^\d/)).toMatch(/^501/);
    expect(await talk.ask('NONSENSE', /^\d/)).toMatch(/^500/);
  });

  test('cannot be smuggled in behind a bare line feed', async () => {
    const [talk] = await login();
    const hidden = `${mime('One', { From: ann })}\n.\nMAIL FROM:<${ann}>\r\n`;
    expect(await send(talk, ann, [bob], hidden)).toMatch(/^250/);
    expect(folder(bob)).toHaveLength(1);
  });
});
