import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enqueue, mailTables } from '@itsm-m365/mail-oauth';
import { expect } from 'vitest';
import { createClient } from '../end-to-end/surroundings/client.ts';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { type Simulated, simulate } from '../end-to-end/surroundings/simulated.ts';
import { killProcess, meanwhile } from './kill-process.ts';
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

export interface MailSettled {
  /** Processes that were killed before their end. */
  readonly killed: number;
  /** Mail handed over, each attempt. */
  readonly tickets: number;
  /** Of these, again with a higher attempt. */
  readonly repeated: number;
  /** Mails cut off while they were sent, that wait for their look into Sent Items. */
  readonly uncertain: number;
}

/** A host with one account, killed again and again while it fetches and sends. */
export interface MailKills {
  /**
   * New mail both ways, then a process that is killed after this share of the time that a whole one takes; false where it
   * had ended before.
   */
  round(share: number): Promise<boolean>;
  /** New mail once more, then a process that is let end; checks what came of everything. */
  settle(): Promise<MailSettled>;
  close(): Promise<void>;
}

/**
 * `answerMs`: how long the mail servers wait before each answer, as servers far away do, so that kills fall into what is under
 * way there rather than into the work before and after. Default: not at all.
 */
export const openMailKills = async ({ answerMs = 0 } = {}): Promise<MailKills> => {
  const folder: Folder = temporaryFolder();
  const place = join(folder.path, 'host');
  mkdirSync(place, { recursive: true });
  const simulated: Simulated = await simulate(mailTenant);
  const servers: MailServers = await openMailServers(simulated, simulated.tenant());
  const { exchange, faults } = simulated.simulator;
  if (answerMs > 0) faults.enable('mail-slow', { milliseconds: answerMs });
  const expected: string[] = [];
  let account = '';
  let events = 0;
  let killed = 0;

  const host = { folder: place, http: simulated.http, tcp: servers.tcp };

  account = await meanwhile(host, async ({ url, prefix }) => {
    const client = createClient(`${url}${prefix}`, { 'x-person': 'root' });
    const application = await enterApplication(client, simulated.tenant(), 'app-only');
    return enterAccount(client, servers, { name: 'Service', mailbox: shared, application });
  });

  const more = (): Promise<void> =>
    meanwhile(host, async ({ tasks }) => {
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
  const mail = killProcess(
    () => [
      ...['--folder', place, '--simulator', simulated.url],
      '--servers',
      JSON.stringify({ 'outlook.office365.com:993': imaps, 'smtp.office365.com:587': submission }),
    ],
    /started/,
  );

  const tickets = (): readonly Ticket[] => {
    const file = join(place, 'tickets.jsonl');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Ticket);
  };

  const check = async (): Promise<MailSettled> => {
    const handed = tickets();
    // Nothing lost, and nothing handed over twice as if it were new.
    expect([...new Set(handed.map(({ subject }) => subject))].sort()).toEqual([...expected].sort());
    const last = new Map<string, number>();
    for (const { id, attempt } of handed) {
      expect(attempt).toBeGreaterThan(last.get(id) ?? 0);
      last.set(id, attempt);
    }
    expect(last.size).toBe(expected.length);
    const rows = await meanwhile(host, ({ tasks }) => tasks.db.read((trx) => trx.rows(outbox)));
    expect(rows).toHaveLength(events);
    const gone = exchange.truth.outgoing().flatMap(({ to }) => to);
    for (const { recipients, state } of rows) {
      const times = gone.filter((one) => one === recipients[0]).length;
      // Uncertain mail waits for its look into Sent Items; it went once or not at all.
      if (state === 'uncertain') expect(times).toBeLessThanOrEqual(1);
      else expect([recipients[0], state, times]).toEqual([recipients[0], 'sent', 1]);
    }
    const uncertain = rows.filter(({ state }) => state === 'uncertain').length;
    return { killed, tickets: handed.length, repeated: handed.length - last.size, uncertain };
  };

  return {
    async round(share) {
      await more();
      const cut = await mail.kill(share);
      if (cut) killed += 1;
      return cut;
    },
    async settle() {
      // As much as a round has, so that the time of a whole one is that of a round's.
      await more();
      await mail.whole();
      return check();
    },
    async close() {
      await servers.close();
      await simulated.close();
      folder.remove();
    },
  };
};
