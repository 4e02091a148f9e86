import { afterEach, describe, expect, it, vi } from 'vitest';
import { collect, contextOf, faultOf, readAll, serverOf, tokensOf } from '../../testing/channel-context.ts';
import { handClock } from '../../testing/hand-clock.ts';
import { answerImap, contentImap, type ImapAnswers, speakImap } from '../../testing/imap-script.ts';
import { type Peer, type ScriptedOptions, type ScriptedServer, scriptedServer } from '../../testing/scripted-server.ts';
import type { ChannelContext, Login } from '../channel.ts';
import { openImap } from './open-imap.ts';

const token = 'canary-token-abcdefghijklmnopqrstuvwxyz';
const user = 'a@example.test';
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = async (
  script: ImapAnswers | ((peer: Peer) => Promise<void> | void),
  options?: ScriptedOptions,
): Promise<ScriptedServer> => {
  server = await scriptedServer(typeof script === 'function' ? script : speakImap(script), options);
  return server;
};

interface Overrides {
  readonly login?: Login;
  readonly folder?: string;
  readonly context?: Partial<ChannelContext>;
}

const open = (target: ScriptedServer, { login, folder = '', context }: Overrides = {}) =>
  openImap(serverOf(target), login ?? tokensOf(user, token).login, folder, contextOf(target, context));

const sasl = Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
const commands = (target: ScriptedServer): readonly string[] => target.seen.map((line) => line.replace(/^\w+ /, ''));

describe('openImap', () => {
  it('MAIL-27: signs in with XOAUTH2 and tells what the folder says of itself', async () => {
    const target = await start({});
    const mailbox = await open(target);
    expect(mailbox.facts).toMatchObject({
      protocol: 'imap',
      folder: 'INBOX',
      messages: 3,
      uidValidity: '14',
      uidNext: 9,
    });
    expect(mailbox.facts.capabilities).toContain('MOVE');
    expect(commands(target)).toContain(`AUTHENTICATE XOAUTH2 ${sasl}`);
    expect(commands(target)).toContain('ID ("name" "mail-oauth")');
    await mailbox.close();
    expect(commands(target).at(-1)).toBe('LOGOUT');
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it('ADV-31: tells a refused sign-in with the words of Exchange, after one other token and no more', async () => {
    const target = await start({ AUTHENTICATE: '# NO AUTHENTICATE failed.\r\n' });
    const { login, asked } = tokensOf(user, token, `${token}2`);
    const facts = await faultOf(open(target, { login }));
    expect(facts).toMatchObject({ stage: 'login', protocol: 'imap', code: '', reply: 'AUTHENTICATE failed.' });
    expect(facts.server).toBe(`mail.example.test:${target.port}`);
    expect(asked).toEqual([undefined, token]);
    expect(target.connections()).toBe(2);
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it('goes on with the second token where the first one was refused', async () => {
    const target = await start(async (peer) => {
      const first = server?.connections() === 1;
      await speakImap(first ? { AUTHENTICATE: '# NO AUTHENTICATE failed.\r\n' } : {})(peer);
    });
    const mailbox = await open(target, { login: tokensOf(user, token, `${token}2`).login });
    expect(mailbox.facts.messages).toBe(3);
    await mailbox.close();
  });

  it('answers the challenge of a refusal, and tells the refusal', async () => {
    const challenge = Buffer.from('{"status":"401","schemes":"bearer"}').toString('base64');
    const target: ScriptedServer = await start(async (peer) => {
      peer.send('* OK ready\r\n');
      const answers = { ...contentImap, AUTHENTICATE: `+ ${challenge}\r\n` };
      const responding = answerImap(peer, answers);
      await vi.waitFor(() => expect(target.seen).toContain(''));
      const tag = target.seen.find((line) => line.includes('AUTHENTICATE'))?.split(' ')[0];
      peer.send(`${tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n`);
      await responding;
    });
    const facts = await faultOf(open(target));
    expect(facts).toMatchObject({ stage: 'login', reason: 'AUTHENTICATIONFAILED', reply: 'Authentication failed.' });
  });

  it('tells a signed-in user without access to the mailbox from a bad token, and asks for no other one', async () => {
    const words = 'User is authenticated but not connected.';
    const target = await start({ NAMESPACE: `# BAD ${words}\r\n` });
    const { login, asked } = tokensOf(user, token, `${token}2`);
    expect(await faultOf(open(target, { login }))).toMatchObject({ stage: 'login', code: '', reply: words });
    expect(asked).toEqual([undefined]);
    await target.close();
    const late = await start({ SELECT: `# BAD ${words}\r\n` });
    expect(await faultOf(open(late))).toMatchObject({ stage: 'login', code: '', reply: words });
  });

  it.each(['AUTHENTICATE', 'SELECT'])(
    'tells throttling of %s with the time asked for, without sitting it out',
    async (command) => {
      const words = 'Request is throttled. Suggested Backoff Time: 92415 milliseconds';
      const target = await start({ [command]: `# BAD ${words}\r\n` });
      const facts = await faultOf(open(target));
      expect(facts).toMatchObject({ code: 'ETHROTTLE', waitMs: 92_415 });
      expect(facts.stage).toBe(command === 'SELECT' ? 'folder' : 'login');
    },
  );

  it('keeps the reason of a BYE', async () => {
    const target = await start((peer) => {
      peer.socket.end('* BYE Too many connections\r\n');
    });
    expect(await faultOf(open(target))).toMatchObject({ code: 'CLOSED', reply: 'Too many connections' });
    await target.close();
    const later: ScriptedServer = await start(async (peer) => {
      const speaking = speakImap({ AUTHENTICATE: '* BYE Server unavailable. 15\r\n' })(peer);
      await vi.waitFor(() => expect(later.seen.join()).toContain('AUTHENTICATE'));
      peer.socket.end();
      await speaking;
    });
    expect(await faultOf(open(later))).toMatchObject({ stage: 'login', code: 'CLOSED' });
  });

  it('MAIL-17: sends nothing to a server whose certificate is not trusted', async () => {
    const target = await start({});
    const login = tokensOf(user, token).login;
    for (const acceptUntrusted of [false, true]) {
      const opening = openImap(serverOf(target, { authority: '', acceptUntrusted }), login, '', contextOf(target));
      expect(await faultOf(opening)).toMatchObject({ stage: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    }
    expect(target.seen).toEqual([]);
    const password = { kind: 'password', user, password: 'p' } as const;
    const accepting = serverOf(target, { authority: '', acceptUntrusted: true });
    await openImap(accepting, password, '', contextOf(target)).catch(() => undefined);
    expect(target.seen).not.toEqual([]);
  });

  it('sends no token where the server offers neither XOAUTH2 nor OAUTHBEARER', async () => {
    const target = await start({ CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n# OK\r\n' });
    expect(await faultOf(open(target))).toMatchObject({ stage: 'login', code: 'MECHANISM_MISSING' });
    expect(commands(target)).not.toContain('AUTHENTICATE');
    expect(target.seen.join()).not.toContain(sasl);
  });

  it('trusts no connection that is signed in before it began', async () => {
    const target = await start(async (peer) => {
      peer.send('* PREAUTH welcome\r\n');
      await answerImap(peer, contentImap);
    });
    expect(await faultOf(open(target))).toMatchObject({ stage: 'greeting', code: 'PREAUTH' });
  });

  it('upgrades with STARTTLS before it signs in', async () => {
    const target = await start(
      async (peer) => {
        peer.send('* OK ready\r\n');
        for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
          const [tag = '', command = ''] = line.split(' ');
          if (command === 'STARTTLS') {
            peer.upgrade(`${tag} OK\r\n`);
            await answerImap(peer, contentImap);
          } else if (command === 'CAPABILITY')
            peer.send(`* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n${tag} OK\r\n`);
          else peer.send(`${tag} BAD\r\n`);
        }
      },
      { encryption: 'starttls' },
    );
    const opening = openImap(
      serverOf(target, { encryption: 'starttls' }),
      tokensOf(user, token).login,
      '',
      contextOf(target),
    );
    const mailbox = await opening;
    expect(commands(target).indexOf('STARTTLS')).toBeLessThan(commands(target).indexOf(`AUTHENTICATE XOAUTH2 ${sasl}`));
    await mailbox.close();
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it.each([
    ['is not offered', { CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n# OK\r\n' }, 'STARTTLS_MISSING'],
    [
      'comes with injected lines',
      {
        CAPABILITY: '* CAPABILITY IMAP4rev1 STARTTLS AUTH=XOAUTH2\r\n# OK\r\n',
        STARTTLS: '# OK\r\n* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n',
      },
      'STARTTLS_INJECTION',
    ],
  ])('sends no token where STARTTLS %s', async (_name, answers, code) => {
    const target = await start(speakImap(answers), { encryption: 'starttls' });
    const starttls = serverOf(target, { encryption: 'starttls' });
    const facts = await faultOf(openImap(starttls, tokensOf(user, token).login, '', contextOf(target)));
    expect(facts).toMatchObject({ stage: 'tls', code });
    expect(target.seen.join()).not.toContain('AUTHENTICATE');
  });

  it('tells a missing folder, and keeps the words', async () => {
    const target = await start({ SELECT: '# NO Archive does not exist.\r\n', LIST: '# OK\r\n' });
    const facts = await faultOf(open(target, { folder: 'Archive' }));
    expect(facts).toMatchObject({ stage: 'folder', code: 'FOLDER_MISSING', reply: 'Archive does not exist.' });
    expect(await faultOf(open(target, { folder: 'x\r\nA1 DELETE INBOX' }))).toMatchObject({ code: 'FOLDER_MISSING' });
  });

  it('lists only what is above the position, though the server answers with the last message', async () => {
    const target = await start({ 'UID SEARCH': '* SEARCH 8\r\n# OK\r\n' });
    const mailbox = await open(target);
    const after = { kind: 'imap', folder: 'INBOX', uidValidity: '14', uid: 8 } as const;
    expect(await collect(mailbox.list(after))).toEqual([]);
    expect(commands(target).at(-1)).toBe('UID SEARCH UID 9:*');
    expect(await mailbox.now()).toEqual({ kind: 'imap', folder: 'INBOX', uidValidity: '14', uid: 8 });
  });

  it('passes over what was expunged between the listing and the sizes', async () => {
    const target = await start({
      'UID SEARCH': '* SEARCH 7 5 6\r\n# OK\r\n',
      'UID FETCH': '* 1 FETCH (UID 5 RFC822.SIZE 50)\r\n* 2 FETCH (UID 7 RFC822.SIZE 70)\r\n# OK\r\n',
    });
    const mailbox = await open(target);
    expect(await collect(mailbox.list(undefined))).toEqual([
      {
        messages: [
          { key: 'INBOX;14;5', size: 50 },
          { key: 'INBOX;14;7', size: 70 },
        ],
        position: { kind: 'imap', folder: 'INBOX', uidValidity: '14', uid: 7 },
      },
    ]);
  });

  it('lists in pages of 100, oldest first, without fetching a body, and reads without leaving a mark', async () => {
    const uids = Array.from({ length: 250 }, (_, index) => index + 1);
    const rows = uids.map((uid) => `* ${uid} FETCH (UID ${uid} RFC822.SIZE 10)\r\n`).join('');
    const target = await start({
      'UID SEARCH': `* SEARCH ${uids.toReversed().join(' ')}\r\n# OK\r\n`,
      'UID FETCH': `${rows}# OK\r\n`,
    });
    const mailbox = await open(target);
    const pages = await collect(mailbox.list(undefined));
    expect(pages.map(({ messages }) => messages.length)).toEqual([100, 100, 50]);
    expect(pages.map(({ position }) => position)).toMatchObject([{ uid: 100 }, { uid: 200 }, { uid: 250 }]);
    const fetches = () => commands(target).filter((line) => line.startsWith('UID FETCH'));
    expect(fetches()[2]).toBe(`UID FETCH ${uids.slice(200).join(',')} (UID RFC822.SIZE)`);
    await mailbox.read('INBOX;14;5').catch(() => undefined);
    expect(fetches().at(-1)).toBe('UID FETCH 5 (UID RFC822.SIZE BODY.PEEK[]<0.262144>)');
  });

  it('keeps the words of a message that Exchange cannot give, and tells one that is gone', async () => {
    const words = 'Retrieval using the IMAP4 protocol failed for the following message: 5';
    const mailbox = await open(await start({ 'UID FETCH': `# NO ${words}\r\n` }));
    expect(await faultOf(mailbox.read('INBOX;14;5').then(readAll))).toMatchObject({
      stage: 'read',
      code: '',
      reply: words,
    });
    await server?.close();
    const other = await open(await start({ 'UID FETCH': '# OK\r\n' }));
    for (const key of ['INBOX;14;5', 'INBOX;13;5', 'Other;14;5', 'INBOX;14;5:*', ''])
      expect(await faultOf(other.read(key))).toMatchObject({ stage: 'read', code: 'MESSAGE_GONE' });
  });

  it('reads a mail from outside that bears the subject of Exchange’s notice', async () => {
    const subject = 'Subject: Retrieval using the IMAP4 protocol failed for the following message: 5';
    const fetched = (text: string) => ({
      'UID FETCH': `* 1 FETCH (UID 5 RFC822.SIZE ${text.length} BODY[]<0> {${text.length}}\r\n${text})\r\n# OK\r\n`,
    });
    const outside = `Received: from x by y; now\r\n${subject}\r\n\r\nHello\r\n`;
    const mailbox = await open(await start(fetched(outside)));
    expect((await mailbox.read('INBOX;14;5').then(readAll)).toString()).toBe(outside);
    await server?.close();
    const other = await open(await start(fetched(`${subject}\r\n\r\nSorry\r\n`)));
    expect(await faultOf(other.read('INBOX;14;5').then(readAll))).toMatchObject({ stage: 'read', code: '' });
  });

  it('fails a message that breaks off, instead of ending it', async () => {
    const target: ScriptedServer = await start(async (peer) => {
      const speaking = speakImap({ 'UID FETCH': '' })(peer);
      await vi.waitFor(() => expect(target.seen.join()).toContain('UID FETCH'));
      peer.socket.end('* 1 FETCH (UID 5 RFC822.SIZE 500000 BODY[]<0> {262144}\r\nhalf');
      await speaking;
    });
    const mailbox = await open(target);
    expect(await faultOf(mailbox.read('INBOX;14;5').then(readAll))).toMatchObject({ stage: 'read', code: 'CLOSED' });
  });

  it('marks, moves and deletes these messages and no others', async () => {
    const target = await start({ 'UID STORE': '# OK\r\n', 'UID MOVE': '# OK\r\n', 'UID EXPUNGE': '# OK\r\n' });
    const mailbox = await open(target);
    const keys = ['INBOX;14;5', 'INBOX;13;6', 'INBOX;14;7'];
    await mailbox.acknowledge(keys, { kind: 'mark' });
    await mailbox.acknowledge(keys, { kind: 'move', folder: 'Done' });
    await mailbox.acknowledge(keys, { kind: 'delete' });
    expect(commands(target).slice(-4)).toEqual([
      'UID STORE 5,7 +FLAGS (\\Seen)',
      'UID MOVE 5,7 Done',
      'UID STORE 5,7 +FLAGS (\\Deleted)',
      'UID EXPUNGE 5,7',
    ]);
  });

  it('expunges nothing where the server cannot expunge single messages', async () => {
    const without = '* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n# OK\r\n';
    const target = await start({ CAPABILITY: without, AUTHENTICATE: without });
    const mailbox = await open(target);
    for (const how of [{ kind: 'delete' }, { kind: 'move', folder: 'Done' }] as const)
      expect(await faultOf(mailbox.acknowledge(['INBOX;14;5'], how))).toMatchObject({
        stage: 'acknowledge',
        code: 'UIDPLUS_MISSING',
      });
    expect(target.seen.join()).not.toContain('EXPUNGE');
  });

  it('tells what could not be acknowledged, with the words', async () => {
    const target = await start({
      'UID MOVE': '# NO [TRYCREATE] Mailbox is not there\r\n',
      'UID STORE': '# NO read-only\r\n',
    });
    const mailbox = await open(target);
    const keys = ['INBOX;14;5'];
    const moved = await faultOf(mailbox.acknowledge(keys, { kind: 'move', folder: 'Done' }));
    expect(moved).toMatchObject({ stage: 'acknowledge', code: 'FOLDER_MISSING', reason: 'TRYCREATE' });
    const marked = await faultOf(mailbox.acknowledge(keys, { kind: 'mark' }));
    expect(marked).toMatchObject({ stage: 'acknowledge', code: '', reply: 'read-only' });
  });

  it('keeps token and SASL out of what an echoing server says, and writes nothing to a log or the console', async () => {
    const written = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const spies = written.map((name) => vi.spyOn(console, name));
    const target = await start({ AUTHENTICATE: `# NO bad ${token} and ${sasl.slice(0, 50)} \x1b[31m\r\n` });
    const context = contextOf(target);
    const facts = await faultOf(openImap(serverOf(target), tokensOf(user, token).login, '', context));
    expect(facts.stage).toBe('login');
    expect(JSON.stringify(facts)).not.toMatch(/canary|\\u001b/);
    expect(facts.reply).not.toContain(sasl.slice(0, 30));
    expect(context.logger).toMatchObject({ lines: [] });
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('gives up a line without end', async () => {
    const target = await start((peer) => {
      peer.send('* OK ');
      const more = (error?: Error | null): void => {
        if (!error && !peer.socket.destroyed) peer.socket.write(Buffer.alloc(1_000_000, 'x'), more);
      };
      more();
    });
    expect(await faultOf(open(target))).toMatchObject({ code: 'LINE_TOO_LONG' });
    await vi.waitFor(() => expect(target.open()).toBe(0));
  });

  it.each([
    ['greeting', {}],
    ['login', { AUTHENTICATE: '' }],
    ['folder', { SELECT: '' }],
  ] as const)('gives a silent server up at stage %s', async (stage, silence) => {
    const clock = handClock();
    let last = '';
    const target = await start(async (peer) => {
      last = 'connected';
      if (stage === 'greeting') await peer.line();
      else await speakImap(silence)(peer);
    });
    const opening = faultOf(open(target, { context: { clock } }));
    await vi.waitFor(() => {
      last = target.seen.at(-1) ?? last;
      expect(last).toMatch({ greeting: /connected/, login: / AUTHENTICATE /, folder: / SELECT / }[stage]);
    });
    // The client may have to hear of the end of the handshake, and the answer before, still.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    expect(await opening).toMatchObject({ stage, code: 'TIMEOUT' });
    await vi.waitFor(() => expect(target.open()).toBe(0));
    expect(clock.sleeping()).toBe(0);
  });

  it('closes at once when it is aborted, while it waits and while it is idle', async () => {
    const target = await start({ 'UID SEARCH': '' });
    const control = new AbortController();
    const mailbox = await open(target, { context: { signal: control.signal } });
    const listing = collect(mailbox.list(undefined));
    await vi.waitFor(() => expect(target.seen.join()).toContain('SEARCH'));
    const reason = new Error('enough');
    control.abort(reason);
    await expect(listing).rejects.toBe(reason);
    await expect(mailbox.read('INBOX;14;5')).rejects.toBe(reason);
    await vi.waitFor(() => expect(target.open()).toBe(0));
    await mailbox.close();
  });
});
