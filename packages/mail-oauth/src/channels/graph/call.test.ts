import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, faultOf, readAll, tokensOf } from '../../testing/channel-context.ts';
import type { ChannelContext, Position } from '../channel.ts';
import { waitOf } from './answer.ts';
import { openGraphMailbox, openGraphSubmission } from './open-graph.ts';
import { withBcc } from './open-graph-submission.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const canary = 'canary-token-of-the-mailbox';
const mime = Buffer.from('To: ann@x.test\r\nMessage-ID: <1@x.test>\r\n\r\ncanary of the body\r\n');
const folder = JSON.stringify({ id: 'inbox-id', totalItemCount: 1 });

describe('answers that Graph must not give', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const start = async (answer: Answer, overrides: Partial<ChannelContext> = {}) => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.headers.host} ${request.url}`);
      answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const http = simulatorDispatcher(`http://127.0.0.1:${port}`);
    return { seen, context: contextOf({ host: 'graph.microsoft.com', port: 443 }, { http, ...overrides }) };
  };
  const { login } = tokensOf('a@x.test', canary);
  const listing =
    (page: object): Answer =>
    (request, response) =>
      response.end(request.url?.includes('/delta') ? JSON.stringify(page) : folder);
  const list = async (context: ChannelContext, position?: Position): Promise<void> => {
    const mailbox = await openGraphMailbox(login, '', context);
    for await (const _page of mailbox.list(position));
  };

  it.each([
    'https://evil.test/v1.0/users',
    'https://graph.microsoft.com.evil.test/',
    'https://graph.microsoft.com@evil.test/',
    'https://graph.microsoft.com:8443/v1.0',
    'http://graph.microsoft.com/v1.0',
    '//evil.test/',
    '/v1.0/users',
    `https://graph.microsoft.com/${'x'.repeat(9000)}`,
    'https://graph.microsoft.com/a b',
  ])('follows and keeps no link to elsewhere (%#)', async (link) => {
    for (const name of ['@odata.nextLink', '@odata.deltaLink']) {
      const { context, seen } = await start(listing({ value: [], [name]: link }));
      expect(await faultOf(list(context))).toMatchObject({ stage: 'list', code: 'FOREIGN_LINK' });
      expect(seen).toHaveLength(2);
    }
    const { context, seen } = await start(listing({ value: [] }));
    expect(await faultOf(list(context, { kind: 'graph', folder: '', link }))).toMatchObject({ code: 'FOREIGN_LINK' });
    expect(seen).toHaveLength(1);
  });

  it('ends where pages lead in a circle, or make no sense', async () => {
    const again = 'https://graph.microsoft.com/v1.0/users/delta?$skiptoken=1';
    for (const [page, code] of [
      [{ value: [], '@odata.nextLink': again }, 'PAGE_LOOP'],
      [{ value: [] }, 'REPLY_UNREADABLE'],
      [{ value: 'x', '@odata.deltaLink': again }, 'REPLY_UNREADABLE'],
      [{ value: [{ id: 'x'.repeat(401) }], '@odata.deltaLink': again }, 'KEY_INVALID'],
    ] as const) {
      const { context } = await start(listing(page));
      expect(await faultOf(list(context))).toMatchObject({ stage: 'list', code });
    }
  });

  it('reads no body without end, follows no redirection, and shows nothing that was sent', async () => {
    const endless = await start((_request, response) => {
      response.write('{"value":"');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(await faultOf(list(endless.context))).toMatchObject({ stage: 'folder', code: 'REPLY_TOO_LARGE' });
    const elsewhere = await start((_request, response) =>
      response.writeHead(302, { location: 'https://evil.test/' }).end(),
    );
    expect(await faultOf(list(elsewhere.context))).toMatchObject({ status: 302 });
    expect(elsewhere.seen).toHaveLength(1);
    const echo = await start((request, response) => {
      const error = { code: 'Err or', message: `You said ${request.headers.authorization}\n\u202e` };
      response.writeHead(403).end(JSON.stringify({ error }));
    });
    const facts = await faultOf(list(echo.context));
    expect(facts).toMatchObject({ status: 403, reason: '' });
    expect(JSON.stringify(facts)).not.toContain('canary');
    expect(facts.reply).toMatch(/^You said/);
  });

  it('tells a message that broke off from one that ended', async () => {
    const { context } = await start((request, response) => {
      if (!request.url?.includes('$value')) {
        response.end(folder);
        return;
      }
      response.writeHead(200, { 'content-length': '100000' });
      response.write('half of it');
      setImmediate(() => response.destroy());
    });
    const mailbox = await openGraphMailbox(login, '', context);
    expect(await faultOf(mailbox.read('key').then(readAll))).toMatchObject({ stage: 'read', outcomeUnknown: false });
  });

  it.each([
    [202, false, undefined],
    [400, false, 'refused'],
    [401, false, 'refused'],
    [403, false, 'refused'],
    [413, false, 'refused'],
    [429, false, 'refused'],
    [500, true, 'unknown'],
    [502, true, 'unknown'],
    [503, false, 'refused'],
    [504, true, 'unknown'],
  ] as const)('HTTP %i to a mail that was sent: outcome unknown %s', async (status, outcomeUnknown, kind) => {
    const { context, seen } = await start((request, response) => {
      request.resume().on('end', () => response.writeHead(status, { 'retry-after': '3' }).end());
    });
    const sending = openGraphSubmission(login, context).send({ from: 'a@x.test', to: ['ann@x.test'] }, mime);
    if (kind === undefined) await sending;
    else expect(await faultOf(sending)).toMatchObject({ status, outcomeUnknown, waitMs: 3000 });
    expect(seen).toHaveLength(status === 401 ? 2 : 1);
  });

  it('knows that nothing went where there was no connection, and nothing where it was stopped after the mail', async () => {
    const { context } = await start(() => undefined);
    const send = (over: Partial<ChannelContext>) =>
      openGraphSubmission(login, { ...context, ...over }).send({ from: 'a@x.test', to: ['ann@x.test'] }, mime);
    const nobody = { http: simulatorDispatcher('http://127.0.0.1:1') };
    expect(await faultOf(send(nobody))).toMatchObject({
      stage: 'connect',
      code: 'ECONNREFUSED',
      outcomeUnknown: false,
    });
    const early = new Error('early');
    await expect(send({ signal: AbortSignal.abort(early) })).rejects.toBe(early);
    const stop = new AbortController();
    const hanging = await start((request) => {
      request.resume().on('end', () => stop.abort(new Error('late')));
    });
    const late = openGraphSubmission(login, { ...hanging.context, signal: stop.signal });
    const facts = await faultOf(late.send({ from: 'a@x.test', to: ['ann@x.test'] }, mime));
    expect(facts).toMatchObject({ stage: 'data', code: 'ABORTED', outcomeUnknown: true });
  });

  it('sends nothing that is too large, and to nobody that is no address', async () => {
    const { context, seen } = await start((_request, response) => response.end());
    const submission = openGraphSubmission(login, context);
    const large = Buffer.alloc(3_000_001, 'a');
    expect(await faultOf(submission.send({ from: 'a@x.test', to: ['b@x.test'] }, large))).toMatchObject({
      code: 'TOO_LARGE',
    });
    const evil = 'b@x.test\r\nX-Evil: 1';
    expect(await faultOf(submission.send({ from: 'a@x.test', to: [evil] }, mime))).toMatchObject({ code: 'EENVELOPE' });
    expect(seen).toEqual([]);
  });

  it('names in Bcc those alone who are not named already', () => {
    expect(withBcc(mime, ['ANN@x.test'])).toBe(mime);
    expect(withBcc(mime, ['ann@x.test', 'b@x.test']).toString()).toBe(`Bcc: b@x.test\r\n${mime}`);
  });

  it('reads what Retry-After asks for', () => {
    const now = Date.UTC(2026, 0, 15, 8);
    expect(waitOf('7', undefined, now)).toBe(7000);
    expect(waitOf('0.5', undefined, now)).toBe(500);
    expect(waitOf('Thu, 15 Jan 2026 08:00:09 GMT', 'Thu, 15 Jan 2026 08:00:05 GMT', now)).toBe(4000);
    expect(waitOf('Thu, 15 Jan 2026 08:00:09 GMT', undefined, now)).toBe(9000);
    for (const nothing of [undefined, '', '-5', 'soon', 'Thu, 15 Jan 2015 08:00:00 GMT'])
      expect(waitOf(nothing, undefined, now)).toBe(0);
    expect(waitOf('999999999', undefined, now)).toBe(86_400_000);
  });
});
