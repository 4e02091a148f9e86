import { Worker } from 'node:worker_threads';
import type { SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import { startTestHost } from '@itsm-m365/test-host';
import Sqlite from 'better-sqlite3';
import { createClient } from '../../end-to-end/surroundings/client.ts';
import { describedBy, fillPath, knownIds, operationsOf } from '../../end-to-end/surroundings/crawl.ts';
import { addPortal, changePortal, portalOf } from '../../end-to-end/surroundings/portals.ts';
import { runToEnd, tasks } from '../../end-to-end/surroundings/runs.ts';
import { simulate } from '../../end-to-end/surroundings/simulated.ts';
import { mailTenant, openMailServers } from '../../mail/surroundings.ts';
import { mailDay, pickyTickets } from './mail-day.ts';

const sqlOf = (message: unknown): string | undefined => {
  const sql: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, 'sql') : undefined;
  return typeof sql === 'string' ? sql : undefined;
};

/** Hears what is asked of the driver: by the reader on this thread, and by way of messages of the writer on its own. */
const listen = (heard: Set<string>): (() => void) => {
  const { prepare } = Sqlite.prototype;
  const { postMessage } = Worker.prototype;
  Sqlite.prototype.prepare = function (this: Sqlite.Database, sql: string) {
    heard.add(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  Worker.prototype.postMessage = function (this: Worker, message: unknown) {
    const sql = sqlOf(message);
    if (sql !== undefined) heard.add(sql);
    postMessage.call(this, message);
  };
  return () => {
    Sqlite.prototype.prepare = prepare;
    Worker.prototype.postMessage = postMessage;
  };
};

const changeSome = (tenant: SimulatorTenant): void => {
  const [sku] = tenant.truth.skus().filter(({ listed, appliesTo }) => listed && appliesTo === 'User');
  const [first, second] = [...tenant.truth.holders(sku?.skuId ?? '')];
  tenant.unassign(first ?? '', sku?.skuId ?? '');
  tenant.removeUser(second ?? '');
};

/** Each route takes of it what it knows. */
const question = new URLSearchParams({ limit: '5', search: 'a', text: 'a', at: '2026-01-01T00:00:00Z' }).toString();

/**
 * Every statement that the product sends in a day of its life: a first import, one without changes, one of changes, a
 * full listing over stored data, recalculations, mail, every page of the interface.
 */
export const statementsOfADay = async (folder: string): Promise<ReadonlySet<string>> => {
  const heard = new Set<string>();
  const simulated = await simulate({ users: 60 }, { users: 20 }, mailTenant);
  const { simulator, http } = simulated;
  const tenant = simulated.tenant(2);
  const servers = await openMailServers(simulated, tenant);
  const stop = listen(heard);
  const host = await startTestHost({ folder, http, tcp: servers.tcp, tickets: pickyTickets });
  try {
    const client = createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' });
    const portal = await addPortal(client, portalOf(simulated.tenant(0), 'One'));
    await addPortal(client, portalOf(simulated.tenant(1), 'Two'));
    await runToEnd(client, tasks.completely);
    await runToEnd(client, tasks.completely);
    changeSome(simulated.tenant(0));
    await runToEnd(client, tasks.completely);
    // Without its delta link, the portal is listed in full again.
    await changePortal(client, portal.id, { exclusions: [simulated.tenant(0).truth.skus()[0]?.skuId] });
    await runToEnd(client, tasks.completely);
    await mailDay({ client, services: host.tasks.services, simulator, tenant, servers });
    const known = await knownIds(client);
    for (const { method, path } of operationsOf(await describedBy(client)))
      if (method === 'GET' && !path.endsWith('}/events'))
        for (const filled of fillPath(path, known)) {
          await client.call(method, filled);
          await client.call(method, `${filled}?${question}`);
        }
    for (const run of known.run ?? []) await client.get(`/runs?parent=${run}`);
    await runToEnd(client, 'licence-catalog.forget-evidence');
    return heard;
  } finally {
    await host.close();
    stop();
    await servers.close();
    await simulated.close();
  }
};
