import { connect as connectTcp } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimReply } from '../http.ts';
import { createSimulator, type Simulator, startSimulator } from '../index.ts';
import { deltaOf, errorOf, itemsOf, json, nextOf } from '../testing/client.ts';
import { appToken, mime, userToken } from '../testing/mail.ts';

const ann = 'ann@contoso.example';
const help = 'help@contoso.example';
const start = Date.UTC(2026, 10, 21, 8);
const graphAudience = 'https://graph.microsoft.com';

let simulator: Simulator;

beforeEach(() => {
  simulator = createSimulator({
    secret: 's',
    clock: { now: () => start },
    mailboxRequestsPerTenMinutes: 200,
    tenants: [
      {
        users: 10,
        mailboxes: [
          { address: ann },
          { address: help, kind: 'shared', folders: ['Done'] },
          { address: 'onprem@contoso.example', inCloud: false },
        ],
      },
    ],
  });
});

const asApp = (...roles: readonly string[]): string => appToken(simulator, roles, { aud: graphAudience });
const asAnn = (scp: string): string => userToken(simulator, ann, { aud: graphAudience, scp });

const ask = (
  method: string,
  target: string,
  options: {
    readonly token?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): SimReply =>
  simulator.handle({
    method,
    host: 'graph.microsoft.com',
    target: target.startsWith('https:') ? target.replace(graphAudience, '') : `/v1.0${target}`,
    headers: {
      authorization: `Bearer ${options.token ?? asApp('Mail.ReadWrite', 'Mail.Send')}`,
      prefer: 'IdType="ImmutableId"',
      ...options.headers,
    },
    body: options.body ?? '',
  });
const get = (target: string, token?: string): SimReply => ask('GET', target, token === undefined ? {} : { token });
const refusal = (reply: SimReply) => [reply.status, reply.status < 400 ? '' : errorOf(reply).code];
const inbox = `/users/${help}/mailFolders/inbox/messages`;

const sendMail = (raw: string, options: { readonly token?: string; readonly from?: string } = {}): SimReply =>
  ask('POST', `/users/${options.from ?? help}/sendMail`, {
    ...(options.token === undefined ? {} : { token: options.token }),
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(raw).toString('base64'),
  });

describe('access to mail', () => {
  test('of an app depends on its roles, or on RBAC for the mailbox', () => {
    const { exchange, tenant } = simulator;
    expect(refusal(get(inbox, asApp()))).toEqual([401, 'NoPermissionsInAccessToken']);
    expect(refusal(get(inbox, asApp('User.Read.All')))).toEqual([403, 'ErrorAccessDenied']);
    expect(refusal(get(inbox, asApp('Mail.Read')))).toEqual([200, '']);
    const { id } = simulator.exchange.deliver(help, mime('one'));
    expect(refusal(ask('DELETE', `/users/${help}/messages/${id}`, { token: asApp('Mail.Read') }))).toEqual([
      403,
      'ErrorAccessDenied',
    ]);
    exchange.newServicePrincipal({ appId: tenant.clientId, objectId: tenant.apps[0]?.objectId ?? '' });
    exchange.assignApplicationRole(tenant.clientId, 'Application Mail.Read', [help]);
    expect(refusal(get(inbox, asApp()))).toEqual([200, '']);
    expect(refusal(get(`/users/${ann}/messages`, asApp()))).toEqual([403, 'ErrorAccessDenied']);
  });

  test('of a user reaches the own mailbox, and others with the shared scope and FullAccess', () => {
    expect(refusal(get('/me/messages', asAnn('Mail.Read')))).toEqual([200, '']);
    expect(refusal(get('/me/messages', asAnn('User.Read')))).toEqual([403, 'ErrorAccessDenied']);
    expect(refusal(get(inbox, asAnn('Mail.Read')))).toEqual([403, 'ErrorAccessDenied']);
    expect(refusal(get(inbox, asAnn('Mail.Read Mail.Read.Shared')))).toEqual([404, 'ErrorItemNotFound']);
    simulator.exchange.grantFullAccess(help, ann);
    expect(refusal(get(inbox, asAnn('Mail.Read Mail.Read.Shared')))).toEqual([200, '']);
    expect(refusal(get('/me/messages'))).toEqual([400, 'BadRequest']);
    expect(refusal(get('/users?$top=1', asAnn('Mail.Read')))).toEqual([403, 'Authorization_RequestDenied']);
  });

  test('tells a name that nobody has from a user without a mailbox', () => {
    const { tenant } = simulator;
    expect(refusal(get('/users/nobody@contoso.example/messages'))).toEqual([404, 'ErrorInvalidUser']);
    expect(refusal(get(`/users/${tenant.userIdAt(0)}/messages`))).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
    expect(refusal(get('/users/onprem@contoso.example/messages'))).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
    expect(refusal(get(`${inbox}/AAkALgNothing`))).toEqual([404, 'ErrorItemNotFound']);
    expect(refusal(get(`/users/${help}/mailFolders/Nowhere/messages`))).toEqual([404, 'ErrorItemNotFound']);
    const id = tenant.directory.recordAt(tenant.directory.place(ann) ?? 0).facts.id;
    expect(refusal(get(`/users/${id}/messages`))).toEqual([200, '']);
    expect(refusal(ask('PUT', `/users/${help}/messages`))).toEqual([405, 'Request_BadRequest']);
  });
});

describe('messages', () => {
  test('are read byte by byte', () => {
    const raw = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.from([0xe4, 0xff, 0x00])]);
    const { id } = simulator.exchange.deliver(help, raw);
    expect(get(`/users/${help}/messages/${id}/$value`)).toMatchObject({ status: 200, bytes: raw });
  });

  test('keep an immutable id through a move, and change the other one', () => {
    simulator.exchange.deliver(help, mime('one'));
    const idIn = (folder: string, prefer: string): string =>
      String(itemsOf(ask('GET', `/users/${help}/mailFolders/${folder}/messages`, { headers: { prefer } }))[0]?.id);
    const [fixed, loose] = [idIn('inbox', 'IdType="ImmutableId"'), idIn('inbox', '')];
    const move = (id: string) =>
      ask('POST', `/users/${help}/messages/${id}/move`, { body: '{"destinationId":"archive"}' });
    expect([move(loose).status, move(fixed).status]).toEqual([201, 201]);
    expect(idIn('archive', 'IdType="ImmutableId"')).toBe(fixed);
    expect(idIn('archive', '')).not.toBe(loose);
    expect(refusal(get(`/users/${help}/messages/${loose}`))).toEqual([404, 'ErrorItemNotFound']);
  });

  test('are marked as read, and deleted into Deleted Items first', () => {
    const { id } = simulator.exchange.deliver(help, mime('one'));
    const target = `/users/${help}/messages/${id}`;
    expect(json(ask('PATCH', target, { body: '{"isRead":true}' })).isRead).toBe(true);
    expect(simulator.exchange.truth.messages(help)).toMatchObject([{ folder: 'INBOX', flags: ['\\Seen'] }]);
    expect(ask('DELETE', target).status).toBe(204);
    expect(simulator.exchange.truth.messages(help)).toMatchObject([{ folder: 'Deleted Items' }]);
    expect(ask('DELETE', target).status).toBe(204);
    expect(simulator.exchange.truth.messages(help)).toEqual([]);
  });

  test('are found by their internetMessageId, and come newest first in pages', () => {
    for (let at = 1; at <= 12; at += 1) simulator.exchange.deliver(help, mime(`Nr ${at}`));
    const filter = encodeURIComponent("internetMessageId eq '<Nr3@example.net>'");
    expect(itemsOf(get(`${inbox}?$filter=${filter}&$select=subject`))).toMatchObject([{ subject: 'Nr 3' }]);
    const first = get(`${inbox}?$select=subject`);
    expect(
      itemsOf(first)
        .map(({ subject }) => subject)
        .slice(0, 2),
    ).toEqual(['Nr 12', 'Nr 11']);
    expect(itemsOf(get(nextOf(first))).map(({ subject }) => subject)).toEqual(['Nr 2', 'Nr 1']);
  });

  test('lie in folders that are listed', () => {
    const folders = itemsOf(get(`/users/${help}/mailFolders?$top=100`));
    expect(folders.map(({ displayName }) => displayName)).toEqual(
      expect.arrayContaining(['Inbox', 'Sent Items', 'Done']),
    );
    const filter = encodeURIComponent("displayName eq 'Done'");
    const [done] = itemsOf(get(`/users/${help}/mailFolders?$filter=${filter}`));
    expect(json(get(`/users/${help}/mailFolders/${String(done?.id)}`)).displayName).toBe('Done');
  });
});

describe('delta of messages', () => {
  const walk = (
    target: string,
  ): { readonly items: readonly Readonly<Record<string, unknown>>[]; readonly link: string } => {
    const items: Readonly<Record<string, unknown>>[] = [];
    let link = target;
    for (let at = 0; at < 100; at += 1) {
      const reply = get(link);
      expect(reply.status).toBe(200);
      items.push(...itemsOf(reply));
      link = nextOf(reply);
      if (link === '') return { items, link: deltaOf(reply) };
    }
    throw new Error('The walk does not end.');
  };

  test('gives everything once, then what is new, what changed and what left', () => {
    for (let at = 1; at <= 23; at += 1) simulator.exchange.deliver(help, mime(`Nr ${at}`));
    const first = walk(`${inbox}/delta?$select=subject`);
    expect(new Set(first.items.map(({ subject }) => subject)).size).toBe(23);
    expect(walk(first.link).items).toEqual([]);
    const [gone, read] = first.items.map(({ id }) => String(id));
    simulator.exchange.deliver(help, mime('New'));
    ask('PATCH', `/users/${help}/messages/${read}`, { body: '{"isRead":true}' });
    ask('POST', `/users/${help}/messages/${gone}/move`, { body: '{"destinationId":"archive"}' });
    const second = walk(first.link);
    expect(second.items).toMatchObject([
      { subject: 'New' },
      { id: read, isRead: true },
      { id: gone, '@removed': { reason: 'deleted' } },
    ]);
    expect(walk(first.link).items).toHaveLength(3);
    expect(walk(second.link).items).toEqual([]);
  });

  test('loses nothing that arrives in the middle of a round', () => {
    for (let at = 1; at <= 15; at += 1) simulator.exchange.deliver(help, mime(`Nr ${at}`));
    const page = get(`${inbox}/delta`);
    simulator.exchange.deliver(help, mime('Meanwhile'));
    const rest = walk(nextOf(page));
    expect([...itemsOf(page), ...rest.items]).toHaveLength(15);
    for (let at = 1; at <= 14; at += 1) simulator.exchange.deliver(help, mime(`Later ${at}`));
    const second = get(rest.link);
    simulator.exchange.deliver(help, mime('Last'));
    const end = walk(nextOf(second));
    expect([...itemsOf(second), ...end.items].map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Meanwhile', 'Later 1', 'Later 14']),
    );
    expect([...itemsOf(second), ...end.items]).toHaveLength(15);
    expect(walk(end.link).items).toMatchObject([{ subject: 'Last' }]);
  });

  test('gives created ones alone where the client wants no others', () => {
    const { id } = simulator.exchange.deliver(help, mime('one'));
    const first = walk(`${inbox}/delta?changeType=created`);
    ask('PATCH', `/users/${help}/messages/${id}`, { body: '{"isRead":true}' });
    simulator.exchange.deliver(help, mime('two'));
    expect(walk(first.link).items).toMatchObject([{ subject: 'two' }]);
  });

  test('starts over with 410 after the mailbox was moved, or by a fault', () => {
    const { link } = walk(`${inbox}/delta`);
    const fault = simulator.faults.enable('sync-state-not-found', { endpoint: 'messages-delta', times: 1 });
    expect(refusal(get(link))).toEqual([410, 'SyncStateNotFound']);
    expect([fault.struck, get(link).status]).toEqual([1, 200]);
    simulator.exchange.moveMailbox(help);
    expect(refusal(get(link))).toEqual([410, 'SyncStateNotFound']);
    expect(refusal(get(`${link}x`))).toEqual([400, 'BadRequest']);
  });
});

describe('sendMail', () => {
  test('delivers MIME without Bcc and keeps a copy in Sent Items of the mailbox', () => {
    const raw = mime('Out', { From: help, To: ann, Bcc: 'secret@example.net' });
    expect(sendMail(raw)).toMatchObject({ status: 202, body: '' });
    expect(simulator.exchange.truth.messages(ann, 'INBOX')[0]?.raw.toString()).toBe(raw.replace(/Bcc:.*\r\n/, ''));
    expect(simulator.exchange.truth.outgoing()).toMatchObject([{ to: ['secret@example.net'] }]);
    const filter = encodeURIComponent("internetMessageId eq '<Out@example.net>'");
    expect(itemsOf(get(`/users/${help}/mailFolders/sentitems/messages?$filter=${filter}`))).toHaveLength(1);
  });

  test('is refused without right, recipients or base64', () => {
    const fromAnn = mime('x', { From: ann, To: ann });
    expect(refusal(sendMail(fromAnn))).toEqual([403, 'ErrorSendAsDenied']);
    expect(refusal(sendMail(mime('x', { From: help, To: '' })))).toEqual([400, 'ErrorInvalidRecipients']);
    const options = { headers: { 'content-type': 'text/plain' }, body: 'not base64!' };
    expect(refusal(ask('POST', `/users/${help}/sendMail`, options))).toEqual([
      400,
      'ErrorMimeContentInvalidBase64String',
    ]);
    const shared = asAnn('Mail.Send Mail.Send.Shared');
    const raw = mime('x', { From: help, To: ann });
    expect(refusal(sendMail(raw, { token: shared }))).toEqual([403, 'ErrorSendAsDenied']);
    simulator.exchange.grantSendAs(help, ann);
    expect(sendMail(raw, { token: shared }).status).toBe(202);
    expect(refusal(sendMail(raw, { token: asApp('Mail.ReadWrite') }))).toEqual([403, 'ErrorAccessDenied']);
  });

  test('may lose its answer, with the message sent or not', () => {
    const raw = mime('Out', { From: help, To: ann });
    simulator.faults.enable('send-mail-lost-when-not-taken', { times: 1 });
    expect(sendMail(raw).wire).toEqual({ kind: 'drop' });
    expect(simulator.exchange.truth.messages(ann)).toEqual([]);
    simulator.faults.enable('send-mail-lost-when-taken', { times: 1 });
    expect(sendMail(raw).wire).toEqual({ kind: 'drop' });
    expect(simulator.exchange.truth.messages(ann)).toHaveLength(1);
  });
});

describe('limits of a mailbox', () => {
  test('refuse more requests than ten minutes allow, until the time told has passed', () => {
    for (let at = 0; at < 200; at += 1) expect(get(inbox).status).toBe(200);
    const reply = get(inbox);
    expect([reply.status, reply.headers['retry-after'], errorOf(reply).code]).toEqual([
      429,
      '600',
      'ApplicationThrottled',
    ]);
    expect(get(`/users/${ann}/messages`).status).toBe(200);
    simulator.advance(600_000);
    expect(get(inbox).status).toBe(200);
  });

  test('refuse a fifth request while four are being answered, and drop a connection where the answer is lost', async () => {
    const running = await startSimulator({ simulator });
    simulator.faults.enable('hang', { endpoint: 'messages', times: 4 });
    const port = Number(new URL(running.url).port);
    const open = (method: string, path: string, body = '') => {
      const socket = connectTcp({ port, host: '127.0.0.1' });
      const token = asApp('Mail.ReadWrite', 'Mail.Send');
      const head = `${method} /v1.0${path} HTTP/1.1\r\nhost: graph.microsoft.com\r\nauthorization: Bearer ${token}\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`;
      socket.write(`${head}${body}`);
      const answer = new Promise<string>((resolve) => {
        let text = '';
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('\r\n\r\n')) resolve(text);
        });
        socket.on('close', () => resolve(text));
        socket.on('error', () => resolve(text));
      });
      return { socket, answer };
    };
    const held = Array.from({ length: 4 }, () => open('GET', inbox));
    await expect.poll(() => simulator.statistics.report().requests.messages).toBe(4);
    const fifth = open('GET', inbox);
    expect(await fifth.answer).toMatch(/^HTTP\/1\.1 429 .*MailboxConcurrency/s);
    for (const { socket } of held) socket.destroy();
    await expect.poll(async () => (await open('GET', inbox).answer).slice(0, 12)).toBe('HTTP/1.1 200');
    simulator.faults.enable('send-mail-lost-when-taken', { times: 1 });
    const raw = Buffer.from(mime('Out', { From: help, To: ann })).toString('base64');
    expect(await open('POST', `/users/${help}/sendMail`, raw).answer).toBe('');
    expect(simulator.exchange.truth.messages(ann)).toHaveLength(1);
    await running.close();
  });
});
