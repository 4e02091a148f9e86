import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, type RunningExchange, type Simulator, startExchange } from '../../index.ts';
import { json, requestToken } from '../../testing/client.ts';
import { appToken, mime, type Talk, talkTo, userToken, xoauth2 } from '../../testing/mail.ts';

const ann = 'ann@contoso.example';
const help = 'help@contoso.example';
const start = Date.UTC(2026, 10, 21, 8);

let simulator: Simulator;
let running: RunningExchange;
const talks: Talk[] = [];

beforeAll(async () => {
  simulator = createSimulator({
    secret: 's',
    clock: { now: () => start },
    tenants: [
      {
        users: 10,
        mailboxes: [
          { address: ann },
          { address: 'bob.baker@contoso.example', principal: 'bob@contoso.example' },
          { address: 'off@contoso.example', imap: false },
        ],
      },
      { users: 10 },
    ],
  });
  running = await startExchange(simulator);
});

beforeEach(() => {
  if (simulator.exchange.find(help) === undefined) {
    simulator.exchange.addMailbox({ address: help, kind: 'shared', folders: ['Done', 'Gelöscht/Alt'] });
  }
});

afterEach(() => {
  for (const talk of talks.splice(0)) talk.close();
  simulator.faults.clear();
});

afterAll(() => running.close());

const connect = async (server: 'imaps' | 'imap' = 'imaps'): Promise<Talk> => {
  const talk = await talkTo(running, server);
  talks.push(talk);
  await talk.until(/^\* OK The Microsoft Exchange IMAP4 service is ready\./);
  return talk;
};

const login = async (user = ann, token = userToken(simulator, ann)): Promise<readonly [Talk, string]> => {
  const talk = await connect();
  return [talk, (await talk.ask(`a AUTHENTICATE XOAUTH2 ${xoauth2(user, token)}`, /^a /)).trim()];
};

const inbox = async (user = ann): Promise<Talk> => {
  const [talk] = await login(user);
  await talk.ask('b SELECT INBOX', /^b OK/);
  return talk;
};

const refused = 'a NO AUTHENTICATE failed.';
const done = 'a OK AUTHENTICATE completed.';

describe('a sign-in', () => {
  test('succeeds in one line and in two, and tells the capabilities of Exchange before and after', async () => {
    const talk = await connect();
    expect(await talk.ask('1 CAPABILITY', /^1 /)).toBe(
      '* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+\r\n1 OK CAPABILITY completed.\r\n',
    );
    talk.send('2 AUTHENTICATE XOAUTH2\r\n');
    expect(await talk.until(/^\+/)).toBe('+ \r\n');
    expect(await talk.ask(xoauth2(ann, userToken(simulator, ann)), /^2 /)).toBe('2 OK AUTHENTICATE completed.\r\n');
    expect(await talk.ask('3 CAPABILITY', /^3 /)).toMatch(
      / UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL\+ /,
    );
    expect((await login())[1]).toBe(done);
  });

  test.each([
    ['damaged', () => `${userToken(simulator, ann).slice(0, -6)}AAAAAA`],
    ['truncated', () => userToken(simulator, ann).slice(0, 200)],
    ['expired', () => userToken(simulator, ann, { exp: start / 1000 - 1 })],
    ['of Graph', () => userToken(simulator, ann, { aud: 'https://graph.microsoft.com' })],
    ['of another tenant', () => userToken(simulator, ann, { tid: simulator.tenants[1]?.tenantId })],
    ['without the IMAP scope', () => userToken(simulator, ann, { scp: 'POP.AccessAsUser.All SMTP.Send' })],
    ['of an app that is none here', () => userToken(simulator, ann, { appid: crypto.randomUUID() })],
  ])('is refused with a token %s', async (_, token) => {
    expect((await login(ann, token()))[1]).toBe(refused);
  });

  test('is refused with a password, whatever it is', async () => {
    const talk = await connect();
    expect(await talk.ask(`1 LOGIN ${ann} "secret"`, /^1 /)).toBe('1 NO LOGIN failed.\r\n');
    const plain = Buffer.from(`\0${ann}\0secret`).toString('base64');
    expect(await talk.ask(`2 AUTHENTICATE PLAIN ${plain}`, /^2 /)).toBe('2 NO AUTHENTICATE failed.\r\n');
  });

  test('is refused where IMAP is off for the mailbox', async () => {
    const off = 'off@contoso.example';
    expect((await login(off, userToken(simulator, off)))[1]).toBe(refused);
    simulator.exchange.set(off, { imap: true });
    expect((await login(off, userToken(simulator, off)))[1]).toBe(done);
  });

  test('takes the user principal name for a user, not the mail address', async () => {
    const token = userToken(simulator, 'bob@contoso.example');
    expect((await login('bob.baker@contoso.example', token))[1]).toBe(refused);
    expect((await login('bob@contoso.example', token))[1]).toBe(done);
  });

  test('is refused for a disabled user', async () => {
    const token = userToken(simulator, 'bob@contoso.example');
    const { tenant } = simulator;
    const id = tenant.directory.recordAt(tenant.directory.place('bob@contoso.example') ?? 0).facts.id;
    tenant.updateUser(id, { accountEnabled: false });
    expect((await login('bob@contoso.example', token))[1]).toBe(refused);
    tenant.updateUser(id, { accountEnabled: true });
    expect((await login('bob@contoso.example', token))[1]).toBe(done);
  });

  test('to a mailbox that the user may not open succeeds, and the first command is refused', async () => {
    simulator.exchange.revokeFullAccess(help, ann);
    const [talk, answer] = await login(help);
    expect(answer).toBe(done);
    expect(await talk.ask('b SELECT INBOX', /^b /)).toBe('b BAD User is authenticated but not connected.\r\n');
    simulator.exchange.grantFullAccess(help, ann);
    const [second] = await login(help);
    expect(await second.ask('b SELECT INBOX', /^b /)).toContain('b OK [READ-WRITE] SELECT completed.');
  });

  test('of an app needs its role, the service principal by the enterprise application, and FullAccess', async () => {
    const { exchange, tenant } = simulator;
    const objectId = tenant.apps[0]?.objectId ?? '';
    const token = appToken(simulator, ['IMAP.AccessAsApp']);
    const ask = async (used = token) => (await login(help, used))[1];
    expect(await ask()).toBe(refused);
    exchange.grantFullAccess(help, objectId);
    expect(await ask()).toBe(refused);
    exchange.newServicePrincipal({ appId: tenant.clientId, objectId: crypto.randomUUID() });
    expect(await ask()).toBe(refused);
    exchange.newServicePrincipal({ appId: tenant.clientId, objectId });
    expect(await ask()).toBe(done);
    expect(await ask(appToken(simulator, ['SMTP.SendAsApp']))).toBe(refused);
    expect(await ask(appToken(simulator, ['IMAP.AccessAsApp'], { aud: 'https://outlook.office.com' }))).toBe(refused);
    exchange.revokeFullAccess(help, objectId);
    expect(await ask()).toBe(refused);
  });

  test('takes the token that the login host issues to an app', async () => {
    const own = createSimulator({
      secret: 's',
      tenants: [
        { users: 10, apps: [{ exchangeRoles: ['IMAP.AccessAsApp'] }], mailboxes: [{ address: help, kind: 'shared' }] },
      ],
    });
    const { clientId, apps } = own.tenant;
    const objectId = apps[0]?.objectId ?? '';
    own.exchange.newServicePrincipal({ appId: clientId, objectId });
    own.exchange.grantFullAccess(help, objectId);
    const scope = 'https://outlook.office365.com/.default';
    const token = String(json(requestToken(own, { client_secret: 's', scope })).access_token);
    const other = await startExchange(own);
    const talk = await talkTo(other, 'imaps');
    talks.push(talk);
    expect(await talk.ask(`a AUTHENTICATE XOAUTH2 ${xoauth2(help, token)}`, /^a /)).toContain(done);
    await other.close();
  });

  test('over STARTTLS works, and nothing of it before', async () => {
    const talk = await connect('imap');
    expect(await talk.ask('1 CAPABILITY', /^1 /)).toContain('LOGINDISABLED STARTTLS');
    const response = xoauth2(ann, userToken(simulator, ann));
    expect(await talk.ask(`2 AUTHENTICATE XOAUTH2 ${response}`, /^2 /)).toMatch(/^2 BAD/);
    await talk.ask('3 STARTTLS', /^3 OK/);
    const secured = await talk.startTls();
    talks.push(secured);
    expect(await secured.ask(`4 AUTHENTICATE XOAUTH2 ${response}`, /^4 /)).toMatch(/^4 OK/);
  });

  test('ends when a client speaks on before the handshake', async () => {
    const talk = await connect('imap');
    talk.send('1 STARTTLS\r\n2 CAPABILITY\r\n');
    expect(await talk.rest()).toBe('1 OK Begin TLS negotiation now.\r\n');
  });
});

test('a changed right is known after the delay that was chosen', async () => {
  const slow = createSimulator({
    exchangeDelaySeconds: 600,
    clock: { now: () => start },
    tenants: [{ users: 10, mailboxes: [{ address: ann }, { address: help, kind: 'shared' }] }],
  });
  const other = await startExchange(slow);
  const select = async (): Promise<string> => {
    const talk = await talkTo(other, 'imaps');
    talks.push(talk);
    await talk.ask(`a AUTHENTICATE XOAUTH2 ${xoauth2(help, userToken(slow, ann))}`, /^a OK/);
    return talk.ask('b SELECT INBOX', /^b /);
  };
  slow.exchange.grantFullAccess(help, ann);
  expect(await select()).toContain('not connected');
  slow.advance(599_000);
  expect(await select()).toContain('not connected');
  slow.advance(1_000);
  expect(await select()).toContain('b OK');
  await other.close();
});

describe('folders', () => {
  beforeEach(() => simulator.exchange.grantFullAccess(help, ann));

  test('are listed with their names in modified UTF-7 and what they are for', async () => {
    const [talk] = await login(help);
    const list = await talk.ask('b LIST "" "*"', /^b OK/);
    expect(list).toContain('* LIST (\\HasNoChildren) "/" "INBOX"\r\n');
    expect(list).toContain('* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"\r\n');
    expect(list).toContain(
      '* LIST (\\HasChildren) "/" "Gel&APY-scht"\r\n* LIST (\\HasNoChildren) "/" "Gel&APY-scht/Alt"\r\n',
    );
    expect(await talk.ask('c LIST "" %', /^c OK/)).not.toContain('Alt');
    expect(await talk.ask('d SELECT Gel&APY-scht/Alt', /^d /)).toContain('d OK');
    expect(await talk.ask('e SELECT Nowhere', /^e /)).toBe("e NO Nowhere doesn't exist.\r\n");
    expect(await talk.ask('f FETCH 1 UID', /^f /)).toBe('f BAD Command received in Invalid state.\r\n');
  });

  test('tell their UIDVALIDITY and UIDNEXT, which a move makes anew, ending open sessions', async () => {
    const { exchange } = simulator;
    for (const subject of ['one', 'two', 'three']) exchange.deliver(help, mime(subject));
    const [talk] = await login(help);
    const before = await talk.ask('b SELECT inbox', /^b OK/);
    expect(before).toContain('* 3 EXISTS');
    expect(before).toMatch(/\[UIDNEXT 4\]/);
    await talk.ask('c UID STORE 1 +FLAGS.SILENT (\\Deleted)', /^c OK/);
    await talk.ask('d EXPUNGE', /^d OK/);
    exchange.moveMailbox(help);
    expect(await talk.rest()).toContain('* BYE');
    const [second] = await login(help);
    const after = await second.ask('b SELECT INBOX', /^b OK/);
    expect(after).toContain('* 2 EXISTS');
    expect(after).toMatch(/\[UIDNEXT 3\]/);
    expect(/UIDVALIDITY (\d+)/.exec(after)?.[1]).not.toBe(/UIDVALIDITY (\d+)/.exec(before)?.[1]);
    expect(await second.ask('c STATUS INBOX (MESSAGES UIDNEXT)', /^c OK/)).toContain(
      '* STATUS "INBOX" (MESSAGES 2 UIDNEXT 3)',
    );
  });
});

describe('messages', () => {
  const fill = (...subjects: readonly string[]): void => {
    const mailbox = simulator.exchange.mailbox(ann);
    for (const folder of mailbox.folders) mailbox.remove(folder, folder.messages);
    for (const subject of subjects) simulator.exchange.deliver(ann, mime(subject));
  };
  const uids = (): readonly number[] => simulator.exchange.truth.messages(ann, 'INBOX').map(({ uid }) => uid);

  test('come byte by byte, whole and in parts, and stay unread when peeked at', async () => {
    fill();
    const raw = Buffer.concat([
      Buffer.from('Subject: x\r\nFrom: a@b.example\r\n\r\n'),
      Buffer.from([0xe4, 0xfc, 0x0d, 0x0a]),
    ]);
    const { uid } = simulator.exchange.deliver(ann, raw);
    const talk = await inbox();
    const text = raw.toString('latin1');
    const whole = await talk.ask(`c UID FETCH ${uid} (UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])`, /^c OK/);
    expect(whole).toBe(
      `* 1 FETCH (UID ${uid} FLAGS () RFC822.SIZE ${raw.length} INTERNALDATE "21-Nov-2026 08:00:00 +0000" BODY[] {${raw.length}}\r\n${text})\r\nc OK FETCH completed.\r\n`,
    );
    expect(await talk.ask(`d UID FETCH ${uid} BODY.PEEK[]<5.7>`, /^d OK/)).toContain(
      `BODY[]<5> {7}\r\n${text.slice(5, 12)})`,
    );
    expect(await talk.ask(`e UID FETCH ${uid} (BODY.PEEK[HEADER.FIELDS (From)])`, /^e OK/)).toContain(
      '{21}\r\nFrom: a@b.example\r\n\r\n)',
    );
    expect(await talk.ask(`f UID FETCH ${uid} BODY[HEADER]`, /^f OK/)).toContain(' FLAGS (\\Seen))');
    expect(await talk.ask(`g UID FETCH ${uid + 100} BODY.PEEK[]`, /^g/)).toBe('g OK FETCH completed.\r\n');
  });

  test('give the last one to a range that begins behind the end', async () => {
    fill('one', 'two');
    const talk = await inbox();
    const last = uids().at(-1) ?? 0;
    expect(await talk.ask(`c UID FETCH ${last + 1}:* (UID)`, /^c OK/)).toContain(`(UID ${last})`);
  });

  test('are found by their Message-ID, quoted, literal and with LITERAL+', async () => {
    fill('one', 'two');
    const talk = await inbox();
    const last = uids().at(-1);
    expect(await talk.ask('c UID SEARCH HEADER Message-ID "<two@example.net>"', /^c OK/)).toContain(
      `* SEARCH ${last}\r\n`,
    );
    expect(await talk.ask('d UID SEARCH HEADER Message-ID {17+}\r\n<two@example.net>', /^d OK/)).toContain(
      `* SEARCH ${last}\r\n`,
    );
    talk.send('e UID SEARCH HEADER Message-ID {17}\r\n');
    await talk.until(/^\+ /);
    expect(await talk.ask('<two@example.net>', /^e OK/)).toContain(`* SEARCH ${last}\r\n`);
    expect(await talk.ask('f UID SEARCH HEADER Message-ID "<nine@example.net>"', /^f OK/)).toContain('* SEARCH\r\n');
    expect(await talk.ask(`g UID SEARCH UID 1:${last} NOT UID ${last}`, /^g OK/)).toContain(
      `* SEARCH ${uids()[0]}\r\n`,
    );
  });

  test('are marked, moved, copied and deleted by UID, with the UIDs they get', async () => {
    fill('one', 'two', 'three');
    const [one, two, three] = uids();
    const talk = await inbox();
    expect(await talk.ask(`c UID STORE ${one} +FLAGS (\\Seen)`, /^c OK/)).toContain(
      `* 1 FETCH (FLAGS (\\Seen) UID ${one})`,
    );
    const moved = await talk.ask(`d UID MOVE ${one} Archive`, /^d OK/);
    expect(moved).toMatch(new RegExp(`\\* OK \\[COPYUID \\d+ ${one} \\d+\\]\r\n\\* 1 EXPUNGE\r\nd OK`));
    expect(simulator.exchange.truth.messages(ann, 'Archive')).toMatchObject([
      { flags: ['\\Seen'], messageId: '<one@example.net>' },
    ]);
    expect(await talk.ask(`e UID COPY ${two} Archive`, /^e OK/)).toMatch(
      new RegExp(`^e OK \\[COPYUID \\d+ ${two} \\d+\\]`),
    );
    await talk.ask(`f UID STORE ${two},${three} +FLAGS (\\Deleted)`, /^f OK/);
    expect(await talk.ask(`g UID EXPUNGE ${two}`, /^g OK/)).toContain('* 1 EXPUNGE');
    expect(uids()).toEqual([three]);
    await talk.ask('h CLOSE', /^h OK/);
    expect(uids()).toEqual([]);
  });

  test('are only read where the folder was opened with EXAMINE', async () => {
    fill('one');
    const [talk] = await login();
    await talk.ask('b EXAMINE INBOX', /^b OK \[READ-ONLY\]/);
    expect(await talk.ask('c STORE 1 +FLAGS (\\Deleted)', /^c /)).toMatch(/^c NO/);
    await talk.ask('d FETCH 1 BODY[]', /^d OK/);
    expect(simulator.exchange.truth.messages(ann, 'INBOX')[0]?.flags).toEqual([]);
  });

  test('that arrive or go are told at NOOP and while IDLE, not in the middle of a FETCH', async () => {
    fill('one', 'two');
    const talk = await inbox();
    const mailbox = simulator.exchange.mailbox(ann);
    const folder = mailbox.folder('INBOX');
    if (folder === undefined) throw new Error('no inbox');
    mailbox.remove(folder, folder.messages.slice(0, 1));
    expect(await talk.ask('c FETCH 2 (FLAGS)', /^c OK/)).toBe('* 2 FETCH (FLAGS ())\r\nc OK FETCH completed.\r\n');
    expect(await talk.ask('d NOOP', /^d OK/)).toBe('* 1 EXPUNGE\r\nd OK NOOP completed.\r\n');
    talk.send('e IDLE\r\n');
    await talk.until(/^\+ IDLE/);
    simulator.exchange.deliver(ann, mime('three'));
    expect(await talk.until(/EXISTS/)).toBe('* 2 EXISTS\r\n');
    expect(await talk.ask('DONE', /^e /)).toBe('e OK IDLE completed.\r\n');
  });

  test('have an envelope', async () => {
    fill('Hello "you"');
    const talk = await inbox();
    expect(await talk.ask('c FETCH 1 (ENVELOPE)', /^c OK/)).toContain(
      'ENVELOPE ("Sat, 21 Nov 2026 08:00:00 +0000" "Hello \\"you\\"" (("Customer" NIL "customer" "example.net"))',
    );
  });
});

test('nonsense is refused and the session goes on', async () => {
  const talk = await inbox();
  expect(await talk.ask('c FETCH', /^c /)).toMatch(/^c BAD/);
  expect(await talk.ask('d UID FETCH 1 (UID', /^d /)).toMatch(/^d BAD/);
  expect(await talk.ask('e CONSTRUCTOR', /^e /)).toMatch(/^e BAD/);
  expect(await talk.ask('f NOOP', /^f /)).toMatch(/OK/);
  expect(await talk.ask('g LOGOUT', /^g /)).toContain('* BYE');
});
