import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enqueue, mailTables } from '@itsm-m365/mail-oauth';
import { startTestHost } from '@itsm-m365/test-host';
import { expect } from 'vitest';
import { createClient } from '../end-to-end/surroundings/client.ts';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { built, startNode } from '../end-to-end/surroundings/processes.ts';
import { type Simulated, simulate } from '../end-to-end/surroundings/simulated.ts';
import {
  enterAccount,
  enterApplication,
  type MailServers,
  mailFrom,
  mailTenant,
  openMailServers,
  shared,
} from './surroundings.ts';

const [, , , , outbox] = mailTables;
const newEachRound = 4;

interface Ticket {
  readonly id: string;
  readonly attempt: number;
  readonly subject: string;
}

/** A host with one account, killed again and again while it fetches and sends. */
export interface MailKills {
  /** New mail both ways, then a process that is killed after this share of the time that a whole one takes. */
  round(share: number): Promise<void>;
  /** Lets a process end, and checks what came of everything. */
  settle(): Promise<{ readonly tickets: number; readonly repeated: number; readonly uncertain: number }>;
  close(): Promise<void>;
}

export const openMailKills = async (): Promise<MailKills> => {
  const folder: Folder = temporaryFolder();
  const place = join(folder.path, 'host');
  mkdirSync(place, { recursive: true });
  const simulated: Simulated = await simulate(mailTenant);
  const servers: MailServers = await openMailServers(simulated, simulated.tenant());
  const { exchange } = simulated.simulator;
  const expected: string[] = [];
  let account = '';
  let events = 0;
  let wholeMs = 2000;

  /** The host in this process, between two others: settings, the queue, a look at its tables. */
  const meanwhile = async <T>(work: (host: Awaited<ReturnType<typeof startTestHost>>) => Promise<T>): Promise<T> => {
    const host = await startTestHost({ folder: place, http: simulated.http, tcp: servers.tcp });
    try {
      return await work(host);
    } finally {
      await host.close();
    }
  };

  account = await meanwhile(async ({ url, prefix }) => {
    const client = createClient(`${url}${prefix}`, { 'x-person': 'root' });
    const application = await enterApplication(client, simulated.tenant(), 'app-only');
    return enterAccount(client, servers, { name: 'Service', mailbox: shared, application });
  });

  const more = (): Promise<void> =>
    meanwhile(async ({ tasks }) => {
      for (let count = 0; count < newEachRound; count += 1) {
        events += 1;
        expected.push(`Number ${events}`);
        exchange.deliver(shared, mailFrom('x@example.org', `Number ${events}`));
        await enqueue(tasks.services, {
          account,
          eventKey: `event ${events}`,
          from: shared,
          fromName: '',
          to: [`customer-${events}@example.org`],
          subject: `Answer ${events}`,
          text: 'x',
          automatic: false,
        });
      }
    });

  const { imaps, submission } = servers.ports;
  const start = () =>
    startNode(built('tooling', 'test-host', 'dist', 'mail.js'), [
      ...['--folder', place, '--simulator', simulated.url],
      '--servers',
      JSON.stringify({ 'outlook.office365.com:993': imaps, 'smtp.office365.com:587': submission }),
    ]);

  const tickets = (): readonly Ticket[] => {
    const file = join(place, 'tickets.jsonl');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Ticket);
  };

  const check = async (): Promise<{ tickets: number; repeated: number; uncertain: number }> => {
    const handed = tickets();
    // Nothing lost, and nothing handed over twice as if it were new.
    expect([...new Set(handed.map(({ subject }) => subject))].sort()).toEqual([...expected].sort());
    const last = new Map<string, number>();
    for (const { id, attempt } of handed) {
      expect(attempt).toBeGreaterThan(last.get(id) ?? 0);
      last.set(id, attempt);
    }
    expect(last.size).toBe(expected.length);
    const rows = await meanwhile(({ tasks }) => tasks.db.read((trx) => trx.rows(outbox)));
    expect(rows).toHaveLength(events);
    const gone = exchange.truth.outgoing().flatMap(({ to }) => to);
    for (const { recipients, state } of rows) {
      const times = gone.filter((one) => one === recipients[0]).length;
      // Uncertain mail waits for its look into Sent Items; it went once or not at all.
      if (state === 'uncertain') expect(times).toBeLessThanOrEqual(1);
      else expect([recipients[0], state, times]).toEqual([recipients[0], 'sent', 1]);
    }
    const uncertain = rows.filter(({ state }) => state === 'uncertain').length;
    return { tickets: handed.length, repeated: handed.length - last.size, uncertain };
  };

  return {
    async round(share) {
      await more();
      const run = start();
      await run.says(/started/);
      await new Promise((resolve) => setTimeout(resolve, share * wholeMs));
      run.child.kill('SIGKILL');
      await run.ended;
    },
    async settle() {
      const run = start();
      await run.says(/started/);
      const since = performance.now();
      await run.says(/done/);
      wholeMs = performance.now() - since;
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(0);
      return check();
    },
    async close() {
      await servers.close();
      await simulated.close();
      folder.remove();
    },
  };
};
