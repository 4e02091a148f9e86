import { type RunningSimulator, simulatorDispatcher, startSimulator } from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, faultOf, readAll, tokensOf } from '../../testing/channel-context.ts';
import { handClock } from '../../testing/hand-clock.ts';
import type { ChannelContext, Login, Mailbox, Page, Position } from '../channel.ts';
import { findSentByGraph, openGraphMailbox, openGraphSubmission } from './open-graph.ts';

const help = 'help@contoso.example';
const mime = (subject: string, more = ''): string =>
  `From: Help <${help}>\r\nTo: ann@contoso.example\r\nMessage-ID: <${subject}@contoso.example>\r\n${more}Subject: ${subject}\r\n\r\ncanary ${subject}\r\n`;
const sentTo = (to: readonly string[]) => ({ from: help, to });

describe('Microsoft Graph as mailbox and as way to send', () => {
  let running: RunningSimulator;
  let http: Dispatcher;
  beforeEach(async () => {
    running = await startSimulator({
      secret: 'simulated-secret',
      tenants: [
        {
          users: 10,
          apps: [{ roles: ['Mail.ReadWrite', 'Mail.Send'] }],
          mailboxes: [
            { address: 'ann@contoso.example' },
            { address: 'bob@contoso.example' },
            { address: help, kind: 'shared', folders: ['Done', "Customer's/Deep"] },
            { address: 'onprem@contoso.example', inCloud: false },
          ],
        },
      ],
    });
    http = simulatorDispatcher(running.url);
  });
  afterEach(async () => {
    await http.destroy();
    await running.close();
  });

  const context = (overrides: Partial<ChannelContext> = {}): ChannelContext =>
    contextOf({ host: 'graph.microsoft.com', port: 443 }, { http, ...overrides });
  const tokenOf = async (): Promise<string> => {
    const { tenant } = running.simulator;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: tenant.clientId,
      client_secret: 'simulated-secret',
      scope: 'https://graph.microsoft.com/.default',
    });
    const { body } = await http.request({
      origin: 'https://login.microsoftonline.com',
      path: `/${tenant.tenantId}/oauth2/v2.0/token`,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    const { access_token } = JSON.parse(await body.text());
    return access_token;
  };
  const loginOf = async (user = help): Promise<Login> => tokensOf(user, await tokenOf()).login;
  const open = async (folder = '', user?: string): Promise<Mailbox> =>
    openGraphMailbox(await loginOf(user), folder, context());
  const pagesOf = async (mailbox: Mailbox, position?: Position): Promise<readonly Page[]> => {
    const pages: Page[] = [];
    for await (const page of mailbox.list(position)) pages.push(page);
    return pages;
  };
  const deliver = (subject: string) => running.simulator.exchange.deliver(help, Buffer.from(mime(subject)));

  it('lists all messages, the oldest first, and afterwards only what came since', async () => {
    const ids = Array.from({ length: 230 }, (_, number) => {
      const { id } = deliver(`m${number}`);
      running.simulator.advance(1000);
      return id;
    });
    const mailbox = await open();
    expect(mailbox.facts).toMatchObject({ protocol: 'graph', folder: 'inbox', messages: 230 });
    const pages = await pagesOf(mailbox);
    expect(pages.map(({ messages }) => messages.length)).toEqual([100, 100, 30]);
    expect(pages.flatMap(({ messages }) => messages.map(({ key }) => key))).toEqual(ids);
    // A listing that is broken off begins again: only the last page moves the position.
    expect(pages.slice(0, 2).map(({ position }) => position)).toEqual(
      Array.from({ length: 2 }, () => ({ kind: 'graph', folder: '', link: '' })),
    );
    const position = pages.at(-1)?.position;
    expect((await pagesOf(mailbox, position)).flatMap(({ messages }) => messages)).toEqual([]);
    const { id } = deliver('later');
    const more = await pagesOf(mailbox, position);
    expect(more.flatMap(({ messages }) => messages)).toEqual([{ key: id, size: undefined }]);
  });

  it('begins behind everything that is there now', async () => {
    deliver('old');
    const mailbox = await open();
    const position = await mailbox.now();
    const { id } = deliver('new');
    const pages = await pagesOf(mailbox, position);
    expect(pages.flatMap(({ messages }) => messages.map(({ key }) => key))).toEqual([id]);
  });

  it('says in one way that Graph has forgotten the position', async () => {
    const mailbox = await open();
    const position = await mailbox.now();
    running.simulator.faults.enable('sync-state-not-found', { status: 400, code: 'SyncStateInvalid' });
    expect(await faultOf(pagesOf(mailbox, position))).toMatchObject({ status: 400, reason: 'SyncStateNotFound' });
    running.simulator.faults.clear();
    running.simulator.exchange.find(help)?.move();
    const moved = await open();
    expect(await faultOf(pagesOf(moved, position))).toMatchObject({ stage: 'list', reason: 'SyncStateNotFound' });
  });

  it('reads messages byte by byte, and tells that one is gone', async () => {
    const raw = Buffer.concat([Buffer.from(mime('x')), Buffer.from([0xe4, 0xff, 0]), Buffer.alloc(300_000, 'a')]);
    const { id } = running.simulator.exchange.deliver(help, raw);
    const mailbox = await open();
    expect((await readAll(await mailbox.read(id))).equals(raw)).toBe(true);
    await mailbox.acknowledge([id], { kind: 'delete' });
    const folder = running.simulator.exchange.find(help)?.folder('INBOX');
    expect(folder?.messages ?? []).toEqual([]);
    expect(await faultOf(mailbox.read(`${id}x`))).toMatchObject({ stage: 'read', code: 'MESSAGE_GONE' });
  });

  it('marks and moves, under the same key, and takes no offence at messages that are gone', async () => {
    const [first, second] = [deliver('a'), deliver('b')];
    const mailbox = await open();
    await mailbox.acknowledge([first.id], { kind: 'mark' });
    await mailbox.acknowledge([second.id, 'AAkGone'], { kind: 'move', folder: 'Done' });
    await mailbox.acknowledge([second.id], { kind: 'move', folder: "Customer's/Deep" });
    const deep = await open("Customer's/Deep");
    expect(deep.facts.messages).toBe(1);
    expect((await readAll(await deep.read(second.id))).toString()).toBe(mime('b'));
    const box = running.simulator.exchange.find(help);
    const seen = box?.folders.flatMap(({ messages }) => messages).filter(({ flags }) => flags.has('\\Seen'));
    expect(seen?.map(({ id }) => id)).toEqual([first.id]);
    const nowhere = mailbox.acknowledge([first.id], { kind: 'move', folder: 'Nowhere' });
    expect(await faultOf(nowhere)).toMatchObject({ stage: 'acknowledge', code: 'FOLDER_MISSING' });
  });

  it('names what Graph refuses', async () => {
    expect(await faultOf(open('Nowhere'))).toMatchObject({ stage: 'folder', code: 'FOLDER_MISSING' });
    expect(await faultOf(open('', 'nobody@contoso.example'))).toMatchObject({
      status: 404,
      reason: 'ErrorInvalidUser',
    });
    expect(await faultOf(open('', 'onprem@contoso.example'))).toMatchObject({
      stage: 'folder',
      status: 404,
      reason: 'MailboxNotEnabledForRESTAPI',
    });
    const refused = tokensOf(help, 'canary-no-token', 'canary-another');
    const facts = await faultOf(openGraphMailbox(refused.login, '', context()));
    expect(facts).toMatchObject({ stage: 'login', status: 401 });
    expect(JSON.stringify(facts)).not.toContain('canary');
    expect(refused.asked).toEqual([undefined, 'canary-no-token']);
    const password: Login = { kind: 'password', user: help, password: 'p' };
    expect(await faultOf(openGraphMailbox(password, '', context()))).toMatchObject({ code: 'OAUTH_NEEDED' });
  });

  it('sends MIME as the mailbox, to those in Bcc too, and finds it in Sent Items', async () => {
    const login = await loginOf();
    const submission = openGraphSubmission(login, context());
    await submission.verify(sentTo(['ann@contoso.example']));
    const to = ['ann@contoso.example', 'bob@contoso.example'];
    expect(await submission.send(sentTo(to), Buffer.from(mime('out')))).toEqual({ reply: 'HTTP 202', refused: [] });
    for (const address of to) {
      const [message] = running.simulator.exchange.find(address)?.folder('INBOX')?.messages ?? [];
      expect(message?.raw.toString()).toContain('canary out');
      expect(message?.raw.toString()).not.toMatch(/^bcc:/im);
    }
    expect(await findSentByGraph(login, '<out@contoso.example>', context())).toBe(true);
    expect(await findSentByGraph(login, "<o'ther@contoso.example>", context())).toBe(false);
  });

  it.each([
    ['send-mail-lost-when-taken', true],
    ['send-mail-lost-when-not-taken', false],
  ] as const)(
    'does not know what became of a mail whose answer was lost, and Sent Items do: %s',
    async (name, taken) => {
      running.simulator.faults.enable(name);
      const login = await loginOf();
      const facts = await faultOf(
        openGraphSubmission(login, context()).send(sentTo(['ann@contoso.example']), Buffer.from(mime('lost'))),
      );
      expect(facts).toMatchObject({ stage: 'data', status: 0, outcomeUnknown: true });
      expect(running.simulator.exchange.find('ann@contoso.example')?.folder('INBOX')?.messages.length).toBe(
        taken ? 1 : 0,
      );
      expect(await findSentByGraph(login, '<lost@contoso.example>', context())).toBe(taken);
    },
  );

  it('keeps what Graph asks to wait, waits it out where it is short, and never while it sends', async () => {
    const fault = running.simulator.faults.enable('mailbox-concurrency', { retryAfterSeconds: 7 });
    const login = await loginOf();
    const facts = await faultOf(
      openGraphSubmission(login, context()).send(sentTo(['ann@contoso.example']), Buffer.from(mime('x'))),
    );
    expect(facts).toMatchObject({ stage: 'data', status: 429, waitMs: 7000, outcomeUnknown: false });
    running.simulator.pardon();
    const clock = handClock();
    const opening = openGraphMailbox(login, '', context({ clock }));
    await clock.asked(1);
    fault.disable();
    running.simulator.pardon();
    running.simulator.advance(7000);
    clock.advance(7000);
    expect((await opening).facts.messages).toBe(0);
  });
});
