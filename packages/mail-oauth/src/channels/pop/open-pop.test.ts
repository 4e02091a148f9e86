import { afterEach, describe, expect, it, vi } from 'vitest';
import { collect, contextOf, faultOf, readAll, serverOf, tokensOf } from '../../testing/channel-context.ts';
import { handClock } from '../../testing/hand-clock.ts';
import { contentPop, type PopAnswers, speakPop } from '../../testing/pop-script.ts';
import { type Peer, type ScriptedOptions, type ScriptedServer, scriptedServer } from '../../testing/scripted-server.ts';
import { openPop } from './open-pop.ts';

const token = 'canary-token-abcdefghijklmnopqrstuvwxyz';
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = async (
  answers: PopAnswers | ((peer: Peer) => void),
  options?: ScriptedOptions,
): Promise<ScriptedServer> => {
  server = await scriptedServer(
    typeof answers === 'function' ? answers : speakPop({ ...contentPop, ...answers }),
    options,
  );
  return server;
};

const open = (target: ScriptedServer, login = tokensOf('a@example.test', token).login, context = contextOf(target)) =>
  openPop(serverOf(target), login, context);

describe('openPop', () => {
  it('MAIL-27: signs in with XOAUTH2 in two lines, lists, reads and deletes by POP', async () => {
    const target = await start({});
    const mailbox = await open(target);
    expect(mailbox.facts).toMatchObject({ protocol: 'pop', messages: 2, capabilities: ['UIDL', 'SASL PLAIN XOAUTH2'] });
    const pages = await collect(mailbox.list(undefined));
    expect(pages).toEqual([
      {
        messages: [
          { key: 'a1', size: 10 },
          { key: 'b2', size: 20 },
        ],
        position: { kind: 'pop' },
      },
    ]);
    expect((await readAll(await mailbox.read('a1'))).toString()).toBe('first\r\n.\r\n');
    await mailbox.acknowledge(['a1'], { kind: 'mark' });
    await mailbox.acknowledge(['b2', 'unknown'], { kind: 'delete' });
    await mailbox.close();
    const sasl = Buffer.from(`user=a@example.test\x01auth=Bearer ${token}\x01\x01`).toString('base64');
    expect(target.seen.slice(0, 4)).toEqual(['CAPA', 'AUTH XOAUTH2', sasl, 'STAT']);
    expect(target.seen.slice(-2)).toEqual(['DELE 2', 'QUIT']);
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it('answers the challenge of a refusal with an empty line, and asks for one other token, no more', async () => {
    const challenge = Buffer.from('{"status":"401"}').toString('base64');
    const words = 'Authentication failure: unknown user name or bad password.';
    const target = await start({ '<token>': `+ ${challenge}\r\n`, '': `-ERR [AUTH] ${words}\r\n` });
    const { login, asked } = tokensOf('a@example.test', token, `${token}2`);
    const facts = await faultOf(open(target, login));
    expect(facts).toMatchObject({ stage: 'login', code: '', reason: 'AUTH', reply: `[AUTH] ${words}` });
    expect(asked).toEqual([undefined, token]);
    expect(target.seen.filter((line) => line === 'AUTH XOAUTH2')).toHaveLength(2);
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it('goes on with the second token where the first one was refused', async () => {
    const target = await start(async (peer) => {
      const second = (server?.connections() ?? 0) > 1;
      await speakPop({ ...contentPop, '<token>': second ? '+OK\r\n' : '-ERR Authentication failure\r\n' })(peer);
    });
    const mailbox = await open(target, tokensOf('a@example.test', token, `${token}2`).login);
    expect(mailbox.facts.messages).toBe(2);
    await mailbox.close();
  });

  it('sends no token where the server offers no XOAUTH2', async () => {
    const target = await start({ CAPA: '+OK\r\nSASL PLAIN\r\n.\r\n' });
    expect(await faultOf(open(target))).toMatchObject({ stage: 'login', code: 'MECHANISM_MISSING' });
    expect(target.seen).toEqual(['CAPA']);
  });

  it('MAIL-17: sends nothing to a server whose certificate is of another name, with OAuth even where untrusted ones are accepted', async () => {
    const target = await start({}, { certificateHost: 'other.example.test' });
    const login = tokensOf('a@example.test', token).login;
    for (const acceptUntrusted of [false, true]) {
      const opening = openPop(serverOf(target, { acceptUntrusted }), login, contextOf(target));
      expect(await faultOf(opening)).toMatchObject({ stage: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    }
    expect(target.seen).toEqual([]);
  });

  it('keeps token and SASL out of what an echoing server says', async () => {
    const sasl = Buffer.from(`user=a@example.test\x01auth=Bearer ${token}\x01\x01`).toString('base64');
    const target = await start({ '<token>': `-ERR bad ${token} and ${sasl.slice(0, 50)} \x1b[31m\r\n` });
    const facts = await faultOf(open(target));
    expect(facts.reply).toContain('-ERR bad'.slice(5));
    expect(JSON.stringify(facts)).not.toContain('canary');
    expect(facts.reply).not.toContain(sasl.slice(0, 30));
    expect(facts.reply).not.toContain('\x1b');
  });

  it('tells throttling with the time that the server asks for', async () => {
    const words = 'Request is throttled. Suggested Backoff Time: 92415 milliseconds';
    const target = await start({ '<token>': `-ERR ${words}\r\n` });
    const { login, asked } = tokensOf('a@example.test', token);
    expect(await faultOf(open(target, login))).toMatchObject({ code: 'ETHROTTLE', waitMs: 92_415, reply: words });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a greeting that is none', 'HTTP/1.1 400 Bad Request\r\n', 'greeting', 'GARBLED'],
    ['a refusal as greeting', '-ERR [SYS/TEMP] busy\r\n', 'greeting', ''],
    ['a line without end', '+OK '.padEnd(10_000, 'x'), 'greeting', 'LINE_TOO_LONG'],
    ['more than a greeting', '+OK\r\n+OK\r\n', 'greeting', 'GARBLED'],
  ])('refuses %s', async (_name, greeting, stage, code) => {
    const target = await start(async (peer) => {
      peer.send(greeting);
      await peer.line();
    });
    expect(await faultOf(open(target))).toMatchObject({ stage, code });
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it.each([
    ['a token taken before it was sent', { 'AUTH XOAUTH2': '+OK\r\n' }, 'login', 'GARBLED'],
    ['a number of messages that is none', { STAT: '+OK many\r\n' }, 'folder', 'GARBLED'],
    ['more messages than anybody can list', { STAT: '+OK 999999999 1\r\n' }, 'folder', 'TOO_MANY'],
  ])('refuses %s', async (_name, answers, stage, code) => {
    expect(await faultOf(open(await start(answers)))).toMatchObject({ stage, code });
  });

  it.each([
    ['a UIDL with a space', { UIDL: '+OK\r\n1 a b\r\n.\r\n' }, 'UIDL_INVALID'],
    ['a UIDL of 71 characters', { UIDL: `+OK\r\n1 ${'x'.repeat(71)}\r\n.\r\n` }, 'UIDL_INVALID'],
    ['a UIDL in another script', { UIDL: '+OK\r\n1 ä\r\n.\r\n' }, 'UIDL_INVALID'],
    ['more UIDLs than messages', { UIDL: '+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n' }, 'GARBLED'],
    ['sizes that are none', { LIST: '+OK\r\n1 -5\r\n.\r\n' }, 'GARBLED'],
  ])('refuses a listing with %s', async (_name, answers, code) => {
    const mailbox = await open(await start(answers));
    expect(await faultOf(collect(mailbox.list(undefined)))).toMatchObject({ stage: 'list', code });
  });

  it('keeps the words of a refused message, and goes on with the next one', async () => {
    const words = 'Retrieval using the IMAP4 protocol failed for the following message: 1';
    const mailbox = await open(await start({ 'RETR 1': `-ERR ${words}\r\n` }));
    expect(await faultOf(mailbox.read('a1'))).toMatchObject({ stage: 'read', code: '', reply: words });
    expect((await readAll(await mailbox.read('b2'))).toString()).toBe('second\r\n');
    expect(await faultOf(mailbox.read('none'))).toMatchObject({ stage: 'read', code: 'MESSAGE_GONE' });
  });

  it('skips what is left of a message that nobody reads to its end', async () => {
    const big = Buffer.concat([Buffer.from('+OK\r\n'), Buffer.alloc(2_000_000, 'x\r\n'), Buffer.from('\r\n.\r\n')]);
    const mailbox = await open(await start({ 'RETR 1': big }));
    const stream = await mailbox.read('a1');
    for await (const chunk of stream) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await readAll(await mailbox.read('b2'))).toString()).toBe('second\r\n');
    await mailbox.close();
  });

  it('fails a message that breaks off, instead of ending it', async () => {
    const target = await start(async (peer) => {
      const other = speakPop({ ...contentPop, 'RETR 1': '' })(peer);
      await vi.waitFor(() => expect(server?.seen).toContain('RETR 1'));
      peer.socket.end('+OK\r\nhalf');
      await other;
    });
    const mailbox = await open(target);
    expect(await faultOf(mailbox.read('a1').then(readAll))).toMatchObject({ stage: 'read', code: 'CLOSED' });
  });

  it('tells when the deletions were not confirmed', async () => {
    const mailbox = await open(await start({ QUIT: '-ERR [SYS/PERM] some deleted messages not removed\r\n' }));
    await mailbox.acknowledge(['a1'], { kind: 'delete' });
    expect(await faultOf(mailbox.close())).toMatchObject({ stage: 'acknowledge', reason: 'SYS/PERM' });
    await mailbox.close();
  });

  it('lists and reads identical copies once, and deletes all of them', async () => {
    const target = await start({ UIDL: '+OK\r\n1 same\r\n2 same\r\n.\r\n' });
    const mailbox = await open(target);
    const [page] = await collect(mailbox.list(undefined));
    expect(page?.messages).toEqual([{ key: 'same', size: 10 }]);
    await mailbox.acknowledge(['same'], { kind: 'delete' });
    expect(target.seen.slice(-2)).toEqual(['DELE 1', 'DELE 2']);
    expect(await collect(mailbox.list(undefined))).toEqual([]);
  });

  it('speaks to nobody before TLS stands where STARTTLS is asked for', async () => {
    const target = await start(
      async (peer) => {
        peer.send('+OK\r\n');
        if ((await peer.line()) !== 'STLS') return;
        peer.upgrade('+OK\r\n');
        const rest = { ...contentPop };
        for (let line = await peer.line(); line !== undefined; line = await peer.line())
          peer.send(rest[line.length > 60 ? '<token>' : line] ?? '-ERR\r\n');
      },
      { encryption: 'starttls' },
    );
    const login = tokensOf('a@example.test', token).login;
    const mailbox = await openPop(serverOf(target, { encryption: 'starttls' }), login, contextOf(target));
    expect((await readAll(await mailbox.read('a1'))).toString()).toBe('first\r\n.\r\n');
    await mailbox.close();
  });

  it.each([
    ['is refused', '-ERR no\r\n', 'STARTTLS_MISSING'],
    ['comes with injected lines', '+OK\r\n+OK injected\r\n', 'STARTTLS_INJECTION'],
  ])('sends no token where STARTTLS %s', async (_name, answer, code) => {
    const target = await start(speakPop({ STLS: answer }), { encryption: 'starttls' });
    const login = tokensOf('a@example.test', token).login;
    const opening = openPop(serverOf(target, { encryption: 'starttls' }), login, contextOf(target));
    expect(await faultOf(opening)).toMatchObject({ stage: 'tls', code });
    expect(target.seen).toEqual(['STLS']);
  });

  it('signs in with a password by PLAIN, or by USER and PASS, and hides it', async () => {
    const plain = await start({ 'AUTH PLAIN': '+ \r\n', [btoa('\0u\0pass-word')]: '+OK\r\n' });
    await (await open(plain, { kind: 'password', user: 'u', password: 'pass-word' })).close();
    await plain.close();
    const target = await start({
      CAPA: '-ERR\r\n',
      'USER u': '+OK\r\n',
      'PASS pass-word': '-ERR pass-word is wrong\r\n',
    });
    const facts = await faultOf(open(target, { kind: 'password', user: 'u', password: 'pass-word' }));
    expect(facts).toMatchObject({ stage: 'login', reply: '[redacted] is wrong' });
  });

  it('refuses a user name that would begin another command or another field', async () => {
    const target = await start({ CAPA: '+OK\r\n.\r\n' });
    const password = { kind: 'password', user: 'u\r\nDELE 1', password: 'p' } as const;
    expect(await faultOf(open(target, password))).toMatchObject({ stage: 'settings', code: 'LOGIN_INVALID' });
    const login = tokensOf('a\x01auth=Bearer x', token).login;
    expect(await faultOf(open(target, login))).toMatchObject({ stage: 'settings', code: 'LOGIN_INVALID' });
    expect(target.seen).toEqual(['CAPA', 'CAPA']);
  });

  it.each([
    ['greeting', 4, () => undefined],
    ['login', 5, (peer: Peer) => peer.send('+OK\r\n')],
  ] as const)('gives a silent server up at stage %s', async (stage, sleeps, script) => {
    const clock = handClock();
    const target = await start(async (peer) => {
      script(peer);
      for (let line = await peer.line(); line !== undefined; line = await peer.line());
    });
    const opening = faultOf(open(target, undefined, contextOf(target, { clock })));
    await clock.asked(sleeps);
    clock.advance(60_000);
    expect(await opening).toMatchObject({ stage, code: 'TIMEOUT' });
    await vi.waitFor(() => expect(target.open()).toBe(0));
    expect(clock.sleeping()).toBe(0);
  });

  it('closes at once when it is aborted, while it waits and while it is idle', async () => {
    const target = await start({ 'RETR 1': '+OK\r\nhalf' });
    const control = new AbortController();
    const mailbox = await open(target, undefined, contextOf(target, { signal: control.signal }));
    const reading = mailbox.read('a1').then(readAll);
    await vi.waitFor(() => expect(target.seen).toContain('RETR 1'));
    const reason = new Error('enough');
    control.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(mailbox.read('b2')).rejects.toBe(reason);
    await mailbox.close();
    await vi.waitFor(() => expect(target.open()).toBe(0));
    expect(target.seen).not.toContain('QUIT');
  });
});
