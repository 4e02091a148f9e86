import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConnection, OutboundTcp, Tickets } from '@itsm-m365/plugin-api';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { request } from 'undici';
import { mostOpen } from './measurement.ts';
import type { MailPlace, Prepared } from './roles.ts';

const task = 'mail-oauth.fetch';

const called = async <T>(host: TestHost, method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await host.call(method, path, body === undefined ? {} : { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} was refused: ${JSON.stringify(answer.body)}`);
  return answer.body as T;
};

const enter = async (host: TestHost, section: string, value: object): Promise<string> => {
  const { id } = await called<{ readonly id: string }>(host, 'POST', `/settings/mail-oauth.${section}/items`, {
    value,
  });
  return id;
};

/** Signs a person in as a browser would, with the address pasted afterwards. */
const signIn = async (host: TestHost, place: MailPlace, account: string, user: string): Promise<void> => {
  const begun = await called<{ readonly address: string; readonly binding: string }>(
    host,
    'POST',
    `/mail-oauth/accounts/${account}/sign-in`,
    { way: 'paste' },
  );
  const page = await request(`${place.url}/_control/sign-in`, {
    method: 'POST',
    body: JSON.stringify({ url: begun.address, user }),
  });
  const { location } = (await page.body.json()) as { readonly location: string };
  await called(host, 'POST', '/mail-oauth/sign-ins/complete', { address: location, binding: begun.binding });
};

/** Enters an application and every mailbox of the place as an administrator would, and signs each in. */
const setUp = async (host: TestHost, place: MailPlace): Promise<void> => {
  const { tenantId, clientId, authority, accounts } = place;
  const application = await enter(host, 'applications', {
    name: 'Mail',
    flow: 'delegated',
    accountType: 'directory',
    tenantId,
    clientId,
    enterpriseObjectId: '',
    deviceCode: false,
    credential: { type: 'none' },
  });
  const { defaults } = await called<{ readonly defaults: { readonly receiving: object; readonly sending: object } }>(
    host,
    'GET',
    '/settings/mail-oauth.accounts',
  );
  for (const { user } of accounts) {
    const account = await enter(host, 'accounts', {
      ...defaults,
      name: user,
      mailbox: user,
      application,
      receiving: { ...defaults.receiving, host: place.host, authority },
      sending: { ...defaults.sending, protocol: 'none' },
    });
    await signIn(host, place, account, user);
  }
};

/**
 * *Fetch mail* of every mailbox of the place, from an empty store, in a process with everything in it that a server has.
 * What is handed over is read to its end, as a help desk would that keeps the message.
 */
export const prepareMail = async (store: DatabaseConnection, place: MailPlace): Promise<Prepared> => {
  const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-bench-mail-'));
  let messages = 0;
  let bytes = 0;
  const tickets: Tickets = {
    async receive(message) {
      for await (const chunk of await message.raw()) bytes += (chunk as Uint8Array).length;
      messages += 1;
    },
  };
  const tcp: OutboundTcp = { route: async () => [{ address: '127.0.0.1', port: place.port }] };
  const host = await startTestHost({ folder, simulatorUrl: place.url, connection: store, tcp, tickets });
  await setUp(host, place);
  return {
    async work() {
      const { run } = await host.tasks.start(task);
      const ended = await host.tasks.wait(run.id);
      if (ended.state !== 'succeeded')
        throw new Error(`Fetching ended as ${ended.state}: ${JSON.stringify(ended.notices)}`);
      return { messages, bytes };
    },
    rows: async () => ({ connectionsMost: mostOpen(readFileSync(place.logFile, 'utf8')) }),
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
