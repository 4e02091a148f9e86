import { enqueue } from '@itsm-m365/mail-oauth';
import type { Simulator, SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import type { Services, Tickets } from '@itsm-m365/plugin-api';
import type { Client } from '../../end-to-end/surroundings/client.ts';
import { runToEnd } from '../../end-to-end/surroundings/runs.ts';
import {
  ann,
  desk,
  enterAccount,
  enterApplication,
  type MailServers,
  mailFrom,
  shared,
} from '../../mail/surroundings.ts';

export interface MailDay {
  readonly client: Client;
  readonly services: Services;
  readonly simulator: Simulator;
  readonly tenant: SimulatorTenant;
  readonly servers: MailServers;
}

/** Takes everything but what says no: that comes again, and is set aside in the end. */
export const pickyTickets: Tickets = {
  receive: ({ subject }) => (subject === 'No' ? Promise.reject(new Error('no')) : Promise.resolve()),
};

/** A day of mail: sign-ins, fetching with and without new mail, sending, a mailbox that is moved, what a person decides. */
export const mailDay = async ({ client, services, simulator, tenant, servers }: MailDay): Promise<void> => {
  const application = await enterApplication(client, tenant, 'app-only');
  const account = await enterAccount(client, servers, { name: 'Service', mailbox: shared, application });
  const run = async (...tasks: readonly string[]): Promise<void> => {
    for (const task of tasks) await runToEnd(client, `mail-oauth.${task}`);
  };
  for (const subject of ['One', 'Two', 'No']) simulator.exchange.deliver(shared, mailFrom('x@example.org', subject));
  await run('fetch', 'fetch', 'check', 'renew-sign-ins');
  const mail = { account, from: shared, fromName: 'Service', to: ['x@example.org'], subject: 'Answer', text: 'Yes.' };
  for (const automatic of [true, false])
    await enqueue(services, { ...mail, eventKey: `event ${String(automatic)}`, automatic });
  simulator.faults.enable('smtp-lost-when-taken', { endpoint: 'smtp', times: 1 });
  await run('send', 'send');
  simulator.exchange.moveMailbox(shared);
  await run('fetch');
  await client.post(`/mail-oauth/accounts/${account}/cursor`, { answer: 'fetch-all' });
  await run('fetch');
  for (const { id } of (
    await client.get<{ readonly items: readonly { readonly id: string }[] }>(`/mail-oauth/accounts/${account}/messages`)
  ).items)
    await client.call('POST', `/mail-oauth/accounts/${account}/messages/${id}/decision`, {
      body: { decision: 'skip' },
    });
  for (const { id } of (
    await client.get<{ readonly items: readonly { readonly id: string }[] }>(`/mail-oauth/accounts/${account}/outbox`)
  ).items)
    await client.call('POST', `/mail-oauth/accounts/${account}/outbox/${id}/decision`, {
      body: { decision: 'cancel' },
    });

  const delegated = await enterApplication(client, tenant, 'delegated');
  const person = await enterAccount(client, servers, { name: 'Desk', mailbox: desk, application: delegated });
  const begin = () =>
    client.post<{ readonly address: string; readonly binding: string }>(`/mail-oauth/accounts/${person}/sign-in`, {
      way: 'paste',
    });
  const other = await begin();
  await client.call('POST', '/mail-oauth/sign-ins/complete', {
    body: { address: simulator.signIn({ url: other.address, user: ann }), binding: other.binding },
  });
  const { address, binding } = await begin();
  await client.post('/mail-oauth/sign-ins/complete', {
    address: simulator.signIn({ url: address, user: desk }),
    binding,
  });
  await run('fetch', 'renew-sign-ins');
};
