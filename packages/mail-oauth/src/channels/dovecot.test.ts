import { randomBytes } from 'node:crypto';
import { type Dovecot, serversMissing, startDovecot, tokenIssuer } from '@itsm-m365/mail-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, contextOf, faultOf, readAll, serverOf, tokensOf } from '../testing/channel-context.ts';
import type { Login, Mailbox } from './channel.ts';
import { openImap } from './imap/open-imap.ts';
import { openPop } from './pop/open-pop.ts';

const missing = serversMissing('dovecot');

/** Lines longer than any limit, dots, 8-bit bytes, bare CR; no NUL, which no IMAP server gives out (RFC 9051, 9). */
const oddMessage = (index: number): Buffer => {
  const bytes = Buffer.from(randomBytes(3_000).map((byte) => (byte === 0 || byte === 10 ? 46 : byte)));
  return Buffer.concat([
    Buffer.from(`Subject: odd ${index}\r\nMessage-ID: <same@example.test>\r\n\r\n.\r\n..\r\n.hidden\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n${'x'.repeat(index * 20_000)}\r\nend\r\n`),
  ]);
};

describe.skipIf(missing)(`Dovecot${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const issuer = tokenIssuer();
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot({ keys: [issuer.key], issuers: [issuer.issuer], folders: ['Done'] });
  });
  afterAll(() => dovecot?.close());

  type Channel = 'imap' | 'starttls' | 'pop' | 'stls';

  const open = (channel: Channel, login: Login): Promise<Mailbox> => {
    const { host, authority } = dovecot;
    const ports = { imap: dovecot.imaps, starttls: dovecot.imap, pop: dovecot.pop3s, stls: dovecot.pop3 };
    const encryption = channel === 'imap' || channel === 'pop' ? 'tls' : 'starttls';
    const server = serverOf({ host, authority, port: ports[channel] }, { encryption });
    const context = contextOf(server);
    return channel === 'imap' || channel === 'starttls'
      ? openImap(server, login, '', context)
      : openPop(server, login, context);
  };
  const loginOf = async (user: string): Promise<Login> => tokensOf(user, await issuer.token(user)).login;

  it.each([
    ['imap', 50],
    ['pop', 50],
    ['starttls', 3],
    ['stls', 3],
  ] as const)(
    'MAIL-27: takes a good token by %s, and gives %i odd messages back byte for byte',
    async (channel, count) => {
      const user = `odd-${channel}@example.test`;
      const messages = Array.from({ length: count }, (_, index) => oddMessage(index));
      for (const message of messages) await dovecot.deliver(user, message);
      const mailbox = await open(channel, await loginOf(user));
      expect(mailbox.facts.messages).toBe(count);
      const listed = (await collect(mailbox.list(undefined))).flatMap((page) => page.messages);
      expect(listed).toHaveLength(count);
      for (const [index, message] of messages.entries()) {
        const { key = '', size = 0 } = listed[index] ?? {};
        const read = await readAll(await mailbox.read(key));
        expect(read.equals(message), `message ${index}`).toBe(true);
        expect(size).toBe(message.length);
      }
      await mailbox.close();
    },
  );

  it.each(['imap', 'pop'] as const)('refuses wrong, expired, foreign and truncated tokens by %s', async (channel) => {
    const user = `refused@example.test`;
    const good = await issuer.token(user);
    const bad = {
      wrong: await issuer.token('other@example.test'),
      expired: await issuer.token(user, { expiresIn: -60 }),
      foreign: await tokenIssuer().token(user),
      truncated: good.slice(0, -40),
      opaque: 'EwB4A8l6BAAU',
    };
    for (const [name, token] of Object.entries(bad)) {
      const { login, asked } = tokensOf(user, token);
      const facts = await faultOf(open(channel, login));
      expect(facts, name).toMatchObject({ stage: 'login', code: '' });
      expect(facts.reply, name).not.toBe('');
      expect(asked, name).toEqual([undefined, token]);
    }
    await (await open(channel, tokensOf(user, bad.expired, good).login)).close();
  });

  it('reads on from a position, marks, moves and deletes by IMAP', async () => {
    const user = 'cursor@example.test';
    const login = await loginOf(user);
    for (const subject of ['a', 'b', 'c']) await dovecot.deliver(user, `Subject: ${subject}\r\n\r\n${subject}\r\n`);
    const first = await open('imap', login);
    const keys = (await collect(first.list(undefined))).flatMap((page) => page.messages.map(({ key }) => key));
    await readAll(await first.read(keys[0] ?? ''));
    const behind = await first.now();
    await first.acknowledge(keys.slice(0, 1), { kind: 'mark' });
    await first.acknowledge(keys.slice(1, 2), { kind: 'move', folder: 'Done' });
    await first.acknowledge(keys.slice(2), { kind: 'delete' });
    await first.acknowledge(keys, { kind: 'delete' });
    const gone = await faultOf(first.read(keys[2] ?? ''));
    expect(gone).toMatchObject({ stage: 'read', code: 'MESSAGE_GONE' });
    await first.close();

    await dovecot.deliver(user, 'Subject: d\r\n\r\nd\r\n');
    const second = await open('imap', login);
    expect(second.facts.messages).toBe(1);
    const [page, ...more] = await collect(second.list(behind));
    expect(more).toEqual([]);
    expect(page?.messages).toHaveLength(1);
    const stream = await second.read(page?.messages[0]?.key ?? '');
    expect((await readAll(stream)).toString()).toContain('Subject: d');
    expect(await collect(second.list(page?.position))).toEqual([]);
    const missingFolder = second.acknowledge([page?.messages[0]?.key ?? ''], { kind: 'move', folder: 'Nowhere' });
    expect(await faultOf(missingFolder)).toMatchObject({ stage: 'acknowledge', code: 'FOLDER_MISSING' });
    await second.close();
  });

  it('tells a folder that is not there', async () => {
    const user = 'folder@example.test';
    const server = serverOf({ host: dovecot.host, authority: dovecot.authority, port: dovecot.imaps });
    await dovecot.deliver(user, 'Subject: x\r\n\r\n');
    const opening = openImap(server, await loginOf(user), 'Nowhere', contextOf(server));
    expect(await faultOf(opening)).toMatchObject({ stage: 'folder', code: 'FOLDER_MISSING' });
    const done = await openImap(server, await loginOf(user), 'Done', contextOf(server));
    expect(done.facts).toMatchObject({ folder: 'Done', messages: 0 });
    await done.close();
  });

  it('tells another UIDVALIDITY after the mailbox was moved, and names its messages otherwise', async () => {
    const user = 'moved@example.test';
    const login = await loginOf(user);
    await dovecot.deliver(user, 'Subject: x\r\n\r\nx\r\n');
    const before = await open('imap', login);
    const [old] = await collect(before.list(undefined));
    await before.close();
    await dovecot.forgetUids(user);
    const after = await open('imap', login);
    expect(after.facts.uidValidity).not.toBe(before.facts.uidValidity);
    const [page] = await collect(after.list(undefined));
    expect(page?.messages[0]?.key).not.toBe(old?.messages[0]?.key);
    expect(await faultOf(after.read(old?.messages[0]?.key ?? ''))).toMatchObject({ code: 'MESSAGE_GONE' });
    await after.close();
  });

  it('deletes by POP when the mailbox is closed, and not before', async () => {
    const user = 'pop@example.test';
    const login = await loginOf(user);
    for (const subject of ['a', 'b']) await dovecot.deliver(user, `Subject: ${subject}\r\n\r\n`);
    const control = new AbortController();
    const server = serverOf({ host: dovecot.host, authority: dovecot.authority, port: dovecot.pop3s });
    const aborted = await openPop(server, login, contextOf(server, { signal: control.signal }));
    const [page] = await collect(aborted.list(undefined));
    const keys = page?.messages.map(({ key }) => key) ?? [];
    expect(keys).toHaveLength(2);
    await aborted.acknowledge(keys, { kind: 'delete' });
    control.abort();
    await aborted.close();
    const second = await open('pop', login);
    expect(second.facts.messages).toBe(2);
    await second.acknowledge(keys.slice(0, 1), { kind: 'delete' });
    expect(await faultOf(second.read(keys[0] ?? ''))).toMatchObject({ code: 'MESSAGE_GONE' });
    await second.close();
    const third = await open('pop', login);
    expect((await collect(third.list(undefined))).flatMap(({ messages }) => messages.map(({ key }) => key))).toEqual(
      keys.slice(1),
    );
    await third.close();
  });
});
