import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, faultOf, serverOf, tokensOf } from '../../testing/channel-context.ts';
import type { ScriptedOptions } from '../../testing/scripted-server.ts';
import { drop, type SmtpReplies, type SmtpScript, smtpScript } from '../../testing/smtp-script.ts';
import type { ChannelContext, Login, Server } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { openSmtp } from './open-smtp.ts';

const canary = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.canary-body-of-the-token.canary-signature';
const mime = Buffer.from('From: a@example.test\r\nMessage-ID: <1@example.test>\r\n\r\ncanary of the body\r\n.dot\r\n');
const envelope = { from: 'shared@example.test', to: ['b@example.test'] };

describe('sending by SMTP', () => {
  const servers: SmtpScript[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const start = async (replies: SmtpReplies = {}, options?: ScriptedOptions): Promise<SmtpScript> => {
    const server = await smtpScript(replies, options);
    servers.push(server);
    return server;
  };
  const open = (
    server: SmtpScript,
    login: Login = tokensOf('delegate@example.test', canary).login,
    overrides: Partial<ChannelContext> = {},
    settings: Partial<Server> = {},
  ) => openSmtp(serverOf(server, { encryption: 'starttls', ...settings }), login, contextOf(server, overrides));

  it('MAIL-27: sends by SMTP as the delegate, the shared address as sender, over STARTTLS and XOAUTH2', async () => {
    const server = await start();
    const submission = await open(server);
    const sent = await submission.send(envelope, mime);
    await submission.close();
    expect(sent).toEqual({ reply: '250 2.0.0 OK <1@example.test> [Hostname=X]', refused: [] });
    expect(server.taken).toEqual([mime.toString().trimEnd().replace('\r\n.dot', '\r\n..dot')]);
    const verbs = server.seen.map((line) => line.slice(0, 9));
    expect(verbs.indexOf('STARTTLS')).toBeLessThan(verbs.indexOf('AUTH XOAU'));
    const answer = server.seen[server.seen.indexOf('AUTH XOAUTH2') + 1] ?? '';
    expect(Buffer.from(answer, 'base64').toString()).toBe(
      `user=delegate@example.test\x01auth=Bearer ${canary}\x01\x01`,
    );
    expect(server.seen).toContain(`MAIL FROM:<shared@example.test> SIZE=${mime.length}`);
    expect(submission.facts).toMatchObject({ protocol: 'smtp', maxBytes: 157_286_400 });
    expect(submission.facts.capabilities).toContain('AUTH=XOAUTH2');
  });

  it('speaks TLS from the first byte where the account says so', async () => {
    const server = await start({}, { encryption: 'tls' });
    const submission = await open(server, undefined, {}, { encryption: 'tls' });
    await submission.send(envelope, mime);
    expect(server.taken).toHaveLength(1);
    expect(server.seen).not.toContain('STARTTLS');
    await submission.close();
  });

  it('signs in with a password where the account has one, by PLAIN or else by LOGIN', async () => {
    const password: Login = { kind: 'password', user: 'u@example.test', password: 'canary-password' };
    const plain = await start({ mechanisms: 'LOGIN PLAIN' });
    await (await open(plain, password)).close();
    expect(plain.seen).toContain(`AUTH PLAIN ${Buffer.from('\0u@example.test\0canary-password').toString('base64')}`);

    const words = ['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6', '235 2.7.0 Accepted'];
    const asked = await start({ auth: () => words.shift() ?? '535 5.7.8 No' });
    await (await open(asked, password)).close();
    expect(asked.seen).toContain(Buffer.from('canary-password').toString('base64'));

    const refused = await start({ mechanisms: 'PLAIN', auth: (line) => `535 5.7.8 Bad: ${line} canary-password` });
    const facts = await faultOf(open(refused, password));
    expect(facts).toMatchObject({ stage: 'login', status: 535, reason: '5.7.8' });
    expect(JSON.stringify(facts)).not.toContain('canary');
    expect(refused.connections()).toBe(1);
  });

  it('sends no more than EHLO and STARTTLS to a server that refuses STARTTLS', async () => {
    const server = await start({ starttls: '454 4.7.0 TLS not available' });
    const facts = await faultOf(open(server));
    expect(facts).toMatchObject({ stage: 'tls', code: 'STARTTLS_REFUSED', status: 454, reason: '4.7.0' });
    expect(server.seen).toEqual(['EHLO [127.0.0.1]', 'STARTTLS']);
  });

  it.each([
    ['starttls', { certificateHost: 'other.example.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['tls', { certificateHost: 'other.example.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['starttls', { notAfter: new Date('2021-01-01') }, 'CERT_HAS_EXPIRED'],
    ['starttls', { tls: { maxVersion: 'TLSv1.1' as const, minVersion: 'TLSv1' as const } }, undefined],
  ] as const)('stops at a bad certificate before the token is sent (%s, %j)', async (encryption, options, code) => {
    const server = await start({}, { ...options, encryption });
    const facts = await faultOf(open(server, undefined, {}, { encryption }));
    expect(facts.stage).toBe('tls');
    if (code !== undefined) expect(facts.code).toBe(code);
    expect(server.seen.filter((line) => line.startsWith('AUTH'))).toEqual([]);
  });

  it('does not accept an untrusted certificate with OAuth, whatever the account says', async () => {
    const server = await start();
    const facts = await faultOf(open(server, undefined, {}, { authority: '', acceptUntrusted: true }));
    expect(facts).toMatchObject({ stage: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(server.seen.filter((line) => line.startsWith('AUTH'))).toEqual([]);
  });

  it('asks for one other token after a refusal, over a new connection, and never for a third', async () => {
    const second = await start({ auth: (_line, number) => (number === 1 ? '535 5.7.3 No' : '235 2.7.0 Yes') });
    const login = tokensOf('u@example.test', 'first-token-of-them', 'second-token-of-them');
    await (await open(second, login.login)).close();
    expect(login.asked).toEqual([undefined, 'first-token-of-them']);
    expect(second.connections()).toBe(2);

    const never = await start({ auth: () => '535 5.7.3 Authentication unsuccessful [X.prod.outlook.com]' });
    const again = tokensOf('u@example.test', 'first-token-of-them', 'second-token-of-them', 'third');
    expect(await faultOf(open(never, again.login))).toMatchObject({
      stage: 'login',
      code: '',
      status: 535,
      reason: '5.7.3',
      reply: '535 5.7.3 Authentication unsuccessful [X.prod.outlook.com]',
    });
    expect(again.asked).toHaveLength(2);
  });

  it.each([
    ['535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.', 535, '5.7.139'],
    ['550 5.7.30 Basic authentication is not supported for Client Submission.', 550, '5.7.30'],
    ['535-5.7.8 Two lines\r\n535 5.7.8 of them', 535, '5.7.8'],
    ['454 Temporary authentication failure', 454, ''],
  ])('reads a refused sign-in: %s', async (reply, status, reason) => {
    const server = await start({ auth: () => reply });
    const facts = await faultOf(open(server));
    expect(facts).toMatchObject({ stage: 'login', code: '', status, reason, outcomeUnknown: false });
    expect(facts.reply).toBe(reply.replace(/\s+/g, ' '));
  });

  it('answers the challenge of a refusal and reads the refusal itself', async () => {
    const server = await start({
      auth: (line) => (line === '' ? '535 5.7.8 Error: authentication failed' : '334 eyJzdGF0dXMiOiI0MDAifQ=='),
    });
    expect(await faultOf(open(server))).toMatchObject({ stage: 'login', status: 535, reason: '5.7.8' });
  });

  it('shows no token that a server echoes', async () => {
    const line = Buffer.from(`user=u\x01auth=Bearer ${canary}\x01\x01`).toString('base64');
    const server = await start({ auth: (said) => `535 5.7.3 You said ${said} and ${canary} and ${line}` });
    const error = await open(server).catch((reason: unknown) => reason);
    const shown = isChannelFault(error) ? `${error.message} ${error.stack} ${JSON.stringify(error.facts)}` : '';
    expect(shown).toContain('You said');
    expect(shown).not.toMatch(/canary|Y2FuYXJ5/);
    expect(shown).not.toContain(Buffer.from(canary).toString('base64').slice(8, 40));
  });

  it('says that a way to sign in is not offered, and sends neither token nor password', async () => {
    for (const mechanisms of ['', 'LOGIN', 'CRAM-MD5 NTLM']) {
      const server = await start({ mechanisms });
      expect(await faultOf(open(server))).toMatchObject({ stage: 'login', code: 'AUTH_NOT_OFFERED' });
      expect(server.seen.filter((line) => line.startsWith('AUTH'))).toEqual([]);
    }
    const server = await start();
    const facts = await faultOf(open(server, tokensOf('u\x01', 'token').login));
    expect(facts).toMatchObject({ stage: 'login', code: 'CREDENTIAL_INVALID' });
    expect(server.seen.filter((line) => line.startsWith('AUTH'))).toEqual([]);
  });

  it.each([
    ['no greeting', { greeting: drop }, 'greeting', 'CLOSED', 0],
    ['a refusal as greeting', { greeting: '554 5.3.2 No service' }, 'greeting', '', 554],
    ['an end at sign-in', { auth: () => drop }, 'login', 'CLOSED', 0],
    ['a busy server at sign-in', { auth: () => '421 4.3.2 Service not available' }, 'login', '', 421],
  ] satisfies readonly [string, SmtpReplies, string, string, number][])(
    'tells where the conversation ended: %s',
    async (_, replies, stage, code, status) => {
      const server = await start(replies);
      expect(await faultOf(open(server))).toMatchObject({ stage, code, status, outcomeUnknown: false });
    },
  );

  it('closes its connection and gives the reason back when it is told to stop', async () => {
    const stop = new AbortController();
    const reason = new Error('stop');
    const server = await start({
      auth: (): string => {
        stop.abort(reason);
        return '';
      },
    });
    await expect(open(server, undefined, { signal: stop.signal })).rejects.toBe(reason);
    await expect.poll(() => server.open()).toBe(0);
  });
});
