import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, type RunningExchange, type Simulator, startExchange } from '../../index.ts';
import { appToken, mime, type Talk, talkTo, userToken, xoauth2 } from '../../testing/mail.ts';

const ann = 'ann@contoso.example';
const help = 'help@contoso.example';

let simulator: Simulator;
let running: RunningExchange;
const talks: Talk[] = [];

beforeEach(async () => {
  simulator = createSimulator({
    secret: 's',
    tenants: [{ users: 10, mailboxes: [{ address: ann }, { address: help, kind: 'shared' }] }],
  });
  running = await startExchange(simulator);
});
afterEach(async () => {
  for (const talk of talks.splice(0)) talk.close();
  await running.close();
});

const connect = async (): Promise<Talk> => {
  const talk = await talkTo(running, 'pop3s');
  talks.push(talk);
  await talk.until(/^\+OK The Microsoft Exchange POP3 service is ready\./);
  return talk;
};

const login = async (user = ann, token = userToken(simulator, ann)): Promise<readonly [Talk, string]> => {
  const talk = await connect();
  await talk.ask('AUTH XOAUTH2', /^\+ /);
  return [talk, await talk.ask(xoauth2(user, token), /^[+-]/)];
};

const inboxOf = (address: string) => simulator.exchange.truth.messages(address, 'INBOX');
const refused = '-ERR Authentication failure: unknown user name or bad password.\r\n';

describe('a sign-in by POP', () => {
  test('takes two lines, and refuses the response on the first', async () => {
    const talk = await connect();
    expect(await talk.ask('CAPA', /^\.\r/)).toContain('SASL PLAIN XOAUTH2\r\n');
    expect(await talk.ask(`AUTH XOAUTH2 ${xoauth2(ann, userToken(simulator, ann))}`, /^[+-]/)).toMatch(
      /^-ERR Protocol error/,
    );
    expect((await login())[1]).toBe('+OK User successfully authenticated.\r\n');
  });

  test.each([
    ['a token of Graph', ann, () => userToken(simulator, ann, { aud: 'https://graph.microsoft.com' })],
    ['a token without the POP scope', ann, () => userToken(simulator, ann, { scp: 'IMAP.AccessAsUser.All' })],
    ['a mailbox without FullAccess', help, () => userToken(simulator, ann)],
    ['an app without service principal', help, () => appToken(simulator, ['POP.AccessAsApp'])],
  ])('is refused with %s', async (_, user, token) => {
    expect((await login(user, token()))[1]).toBe(refused);
  });

  test('is refused with a password and where POP is off', async () => {
    const talk = await connect();
    await talk.ask(`USER ${ann}`, /^\+OK/);
    expect(await talk.ask('PASS secret', /^[+-]/)).toBe(refused);
    expect(await talk.ask('STAT', /^[+-]/)).toMatch(/^-ERR/);
    simulator.exchange.set(ann, { pop: false });
    expect((await login())[1]).toBe(refused);
  });
});

describe('a maildrop', () => {
  test('is listed with ids that stay, and read whole and in part', async () => {
    const raw = mime('One', {}, '.dot\r\nsecond\r\nthird');
    simulator.exchange.deliver(ann, raw);
    simulator.exchange.deliver(ann, mime('Two'));
    const [talk] = await login();
    const uidls = await talk.ask('UIDL', /^\.\r/);
    expect(uidls).toMatch(/^\+OK\r\n1 A[\w-]{24}\r\n2 A[\w-]{24}\r\n\.\r\n$/);
    expect(await talk.ask('STAT', /^[+-]/)).toBe(`+OK 2 ${raw.length + mime('Two').length}\r\n`);
    expect(await talk.ask('LIST 1', /^[+-]/)).toBe(`+OK 1 ${raw.length}\r\n`);
    expect(await talk.ask('RETR 1', /^\.\r/)).toBe(`+OK\r\n${raw.replace('\r\n.dot', '\r\n..dot')}.\r\n`);
    expect(await talk.ask('TOP 1 1', /^\.\r/)).toMatch(/\r\n\r\n\.\.dot\r\n\.\r\n$/);
    expect(await talk.ask('RETR 3', /^[+-]/)).toMatch(/^-ERR/);
    const [second] = await login();
    expect(await second.ask('UIDL', /^\.\r/)).toBe(uidls);
    simulator.exchange.moveMailbox(ann);
    const [third] = await login();
    expect(await third.ask('UIDL', /^\.\r/)).not.toBe(uidls);
  });

  test('loses what is marked at QUIT, and nothing when the connection breaks or RSET takes it back', async () => {
    for (const subject of ['One', 'Two', 'Three']) simulator.exchange.deliver(ann, mime(subject));
    const [broken] = await login();
    await broken.ask('DELE 1', /^\+OK/);
    expect(await broken.ask('UIDL 1', /^[+-]/)).toMatch(/^-ERR/);
    broken.close();
    const [talk] = await login();
    await talk.ask('DELE 1', /^\+OK/);
    await talk.ask('RSET', /^\+OK/);
    await talk.ask('DELE 2', /^\+OK/);
    expect(await talk.ask('STAT', /^[+-]/)).toMatch(/^\+OK 2 /);
    expect(inboxOf(ann)).toHaveLength(3);
    await talk.ask('QUIT', /^\+OK/);
    expect(inboxOf(ann).map(({ messageId }) => messageId)).toEqual(['<One@example.net>', '<Three@example.net>']);
  });
});
