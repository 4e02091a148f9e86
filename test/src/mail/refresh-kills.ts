import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailTables } from '@itsm-m365/mail-oauth';
import { simulatorDispatcher, startExchange, startSimulator } from '@itsm-m365/microsoft-simulator';
import { loopbackTcp } from '@itsm-m365/plugin-api/testing';
import { machineClock } from '@itsm-m365/server-tasks';
import { expect } from 'vitest';
import { type Client, createClient } from '../end-to-end/surroundings/client.ts';
import { temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { killProcess, meanwhile } from './kill-process.ts';
import { enterAccount, enterApplication, mailTenant } from './surroundings.ts';

const [, grants] = mailTables;
const people = ['ann', 'bea', 'cem', 'desk'].map((name) => `${name}@contoso.example`);

const day = 24 * 60 * 60_000;
/** More than the week after which a sign-in is renewed, so that a process renews each of them. */
const roundMs = 8 * day;
/**
 * Entra ends a refresh token that was not used for 90 days. Two looks are so far apart that it ends whichever was stored
 * before the former look: a sign-in whose newest token was lost there does not live until the next.
 */
const settleMs = 85 * day;

export interface Settled {
  /** Processes that were killed before their end. */
  readonly killed: number;
  /** Kills between Entra's handing out a refresh token and the row that names it. */
  readonly cut: number;
  /** Secrets that no row names. */
  readonly left: number;
}

/** A host with accounts that persons signed in for, once; killed again and again while it renews these sign-ins. */
export interface RefreshKills {
  /**
   * Another week and a day later, a process that is killed after this share of the time that all renewals take; false where
   * it had ended before.
   */
  round(share: number): Promise<boolean>;
  /** 85 days after the last time: lets a process renew everything, and checks that none is lost. 10 rounds between at most. */
  settle(): Promise<Settled>;
  close(): Promise<void>;
}

const signIn = async (client: Client, account: string, visit: (address: string) => string): Promise<void> => {
  interface Begun {
    readonly address: string;
    readonly binding: string;
  }
  const { address, binding } = await client.post<Begun>(`/mail-oauth/accounts/${account}/sign-in`, { way: 'paste' });
  await client.post('/mail-oauth/sign-ins/complete', { address: visit(address), binding });
};

export const openRefreshKills = async (): Promise<RefreshKills> => {
  const folder = temporaryFolder();
  const place = join(folder.path, 'host');
  mkdirSync(place, { recursive: true });
  // Whoever has shown a token that was given for another has no use for the other: going back to it is refused.
  const { url, simulator, close } = await startSimulator({ seed: 7, tenants: [mailTenant], strictRotation: true });
  const { tenant, exchange, statistics } = simulator;
  for (const address of people) exchange.addMailbox({ address }, tenant);
  const servers = await startExchange(simulator);
  const http = simulatorDispatcher(url);
  const tcp = loopbackTcp({ 'outlook.office365.com:993': servers.ports.imaps });
  let aheadMs = 0;
  let settledMs = 0;
  let killed = 0;

  /** For the host and for Entra alike. */
  const wait = (milliseconds: number): void => {
    aheadMs += milliseconds;
    simulator.advance(milliseconds);
  };

  const hostNow = () => ({
    ...{ folder: place, http, tcp },
    clock: { ...machineClock, now: () => machineClock.now() + aheadMs },
  });

  await meanwhile(hostNow(), async ({ url: address, prefix }) => {
    const client = createClient(`${address}${prefix}`, { 'x-person': 'root' });
    const application = await enterApplication(client, tenant, 'delegated');
    for (const mailbox of people) {
      const account = await enterAccount(client, servers, { name: mailbox, mailbox, application });
      await signIn(client, account, (visited) => simulator.signIn({ url: visited, user: mailbox }));
    }
  });
  const signedIn = statistics.report().tokensIssued;

  const renewals = killProcess(
    () => [
      ...['--folder', place, '--simulator', url, '--task', 'mail-oauth.renew-sign-ins'],
      ...['--clock-skew-seconds', String(aheadMs / 1000)],
      // The lease of a claim that a kill left behind passes in half a second.
      ...['--clock-speed', '120'],
    ],
    // What comes before, the wait for that lease among it, is none of the kill's business.
    /asking/,
  );

  const secrets = (): readonly string[] =>
    readFileSync(join(place, 'vault.txt'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(0, line.indexOf(' ')));

  const check = (since: number): Promise<Settled> =>
    meanwhile(hostNow(), async ({ tasks }) => {
      const rows = await tasks.db.read((trx) => trx.rows(grants));
      expect(rows.map(({ user_name }) => user_name).sort()).toEqual(people);
      for (const row of rows) {
        expect(row).toMatchObject({ state: 'ok', failed_code: '', claim: '' });
        expect(row.renewed_at).toBeGreaterThanOrEqual(since);
      }
      const named = rows.map(({ refresh_token }) => refresh_token);
      const stored = secrets();
      expect(stored).toEqual(expect.arrayContaining(named));
      // One renewal at a time: a kill cuts off one, and leaves one secret at most.
      const left = stored.length - named.length;
      expect(left).toBeLessThanOrEqual(killed);
      const noted = rows.reduce((sum, { version }) => sum + version - 1, 0);
      const cut = statistics.report().tokensIssued - signedIn - noted;
      expect(cut).toBeGreaterThanOrEqual(0);
      expect(cut).toBeLessThanOrEqual(killed);
      // What was saved is good for an access token that Exchange takes.
      const fetched = await tasks.wait((await tasks.start('mail-oauth.fetch')).run.id);
      expect(fetched.items.map(({ state }) => state)).toEqual(people.map(() => 'succeeded'));
      return { killed, cut, left };
    });

  return {
    async round(share) {
      wait(roundMs);
      const cut = await renewals.kill(share);
      if (cut) killed += 1;
      return cut;
    },
    async settle() {
      wait(settledMs + settleMs - aheadMs);
      settledMs = aheadMs;
      const since = machineClock.now() + aheadMs;
      await renewals.whole();
      return check(since);
    },
    async close() {
      await http.destroy();
      await servers.close();
      await close();
      folder.remove();
    },
  };
};
