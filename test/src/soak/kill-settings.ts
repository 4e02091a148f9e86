import { join } from 'node:path';
import { defineTable, json, text } from '@itsm-m365/database';
import type { SecretRef } from '@itsm-m365/plugin-api';
import { openHost, readConfiguration } from '@itsm-m365/reference-host';
import { allPlugins, createServerTasks } from '@itsm-m365/server-tasks';
import { expect } from 'vitest';
import { built, startNode } from '../end-to-end/surroundings/processes.ts';
import type { Draw } from './draw.ts';
import { integrityOf, look } from './state.ts';

const section = 'm365-import.portals';
const audits = defineTable('task_audit', {
  action: text(100),
  object: text(400),
  details: json<{ version?: number }>(),
});
const settings = defineTable('host_setting', { section: text(200) });
const secrets = defineTable('host_secret', { owner: text(300) });
const pending = defineTable('task_pending_change', { section: text(200) });

interface Stored {
  readonly name: string;
  readonly description: string;
  readonly active: boolean;
  readonly guardMinCount: number;
  readonly tenantId: string;
  readonly clientId: string;
  readonly cloud: string;
  readonly exclusions: readonly string[];
  readonly credential: { readonly value: SecretRef };
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Kills a process that changes portals and their secrets without end, and looks at what is stored. */
export class KilledSettings {
  readonly seen = { changes: 0, cutOff: 0 };
  readonly #folder: string;
  #number = 1;
  /** Versions by item, as far as they were told to be done. */
  readonly #done = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = join(folder, 'settings');
  }

  async round(draw: Draw, where: string): Promise<string> {
    const after = 20 + draw.fraction() * 700;
    const told = `${where}, settings, killed after ${after.toFixed(0)} ms`;
    await this.#killWhen(/ready/, told, after);
    return told;
  }

  /** Kills a process that has so many changes behind it, in the middle of the next. */
  async killAfter(changes: number): Promise<void> {
    const number = this.#number + changes;
    await this.#killWhen(new RegExp(`begin ${number} `), `killed at change ${number}`);
  }

  /** Kills the process so many milliseconds after it said something. */
  async #killWhen(said: RegExp, where: string, after = 0): Promise<void> {
    const run = startNode(built('tooling', 'test-host', 'dist', 'editing.js'), [
      ...['--folder', this.#folder, '--from', String(this.#number)],
    ]);
    await run.says(said);
    await new Promise((resolve) => setTimeout(resolve, after));
    run.child.kill('SIGKILL');
    const { stdout, stderr } = await run.ended;
    expect(stdout, `${where}: ${stderr}`).not.toMatch(/failed/);
    await this.#check(where, this.#follow(stdout));
  }

  /** Reads what the process said; gives the number of the change that it was at, if any. */
  #follow(stdout: string): number | undefined {
    let begun: number | undefined;
    for (const line of stdout.split('\n')) {
      const [word, number = '0', , item = '', more = ''] = line.split(' ');
      if (word === 'begin') {
        begun = Number(number);
        this.#number = begun + 1;
      } else if (word === 'done') {
        begun = undefined;
        this.seen.changes += 1;
        if (line.includes(' remove ')) this.#done.delete(item);
        else this.#done.set(item, Number(more));
      }
    }
    if (begun !== undefined) this.seen.cutOff += 1;
    return begun;
  }

  async #check(where: string, begun: number | undefined): Promise<void> {
    // The restart: what was cut off is found out.
    const configuration = readConfiguration(['--data', this.#folder, '--port', '0'], {});
    const reference = await openHost(configuration, { logger: silent, http: undefined });
    const tasks = await createServerTasks(reference.host, allPlugins, { schedules: false });
    const rows = await tasks.db.read((trx) => trx.rows(audits, (query) => query.orderBy('at')));
    expect(await tasks.db.read((trx) => trx.rows(pending)), `${where}: a change is not settled`).toEqual([]);
    expect(await integrityOf(tasks.db), where).toEqual([]);
    const items = await reference.host.settings.list(section);
    for (const [item, version] of this.#done)
      if (!items.some(({ id }) => id === item)) {
        const removal = rows.filter((row) => row.object === `${section}/${item}` && row.action === 'settings.removed');
        expect(begun, `${where}: ${item} is gone, version ${version} was there`).toBeDefined();
        expect(removal, `${where}: ${item} is gone without a word`).toHaveLength(1);
        this.#done.delete(item);
      }
    for (const { id, value, version } of items) {
      const stored = value as Stored;
      const number = Number(stored.description);
      // All fields of one change, and none of another.
      expect(stored.name, where).toMatch(new RegExp(`^Place \\d ${number}$`));
      expect([stored.guardMinCount, stored.active], where).toEqual([number, number % 2 === 0]);
      expect(
        stored.exclusions.map((guid) => Number(guid.slice(-12))),
        where,
      ).toEqual([number]);
      const least = this.#done.get(id) ?? 1;
      expect(version, `${where}: ${id} went back`).toBeGreaterThanOrEqual(least);
      expect(version, `${where}: ${id} has a version that nobody made`).toBeLessThanOrEqual(least + 1);
      this.#done.set(id, version);
      const secret = await reference.host.secrets.reveal(stored.credential.value, {
        owner: `${section}/${id}`,
        field: 'credential.value',
        boundTo: { tenantId: stored.tenantId, clientId: stored.clientId, cloud: stored.cloud },
      });
      const from = Number(/^secret-(\d+)$/.exec(secret)?.[1] ?? Number.NaN);
      // Every fourth change keeps the secret of one before.
      if (number % 4 === 3) expect(from, where).toBeLessThanOrEqual(number);
      else expect(from, where).toBe(number);
      const versions = rows
        .filter((row) => row.object === `${section}/${id}` && /^settings\.(created|changed)$/.test(row.action))
        .map(({ details }) => details.version ?? 0)
        .sort((a, b) => a - b);
      expect(versions, `${where}: the audit of ${id}`).toEqual(Array.from({ length: version }, (_, at) => at + 1));
    }
    await tasks.stop();
    await reference.close();
    await this.#checkSecrets(where, items.length);
  }

  /** Each portal has one secret. A kill between a secret and its change may leave one more that nothing refers to. */
  async #checkSecrets(where: string, portals: number): Promise<void> {
    await look({ dialect: 'sqlite', file: join(this.#folder, 'host.sqlite') }, async (db) => {
      expect(await integrityOf(db), where).toEqual([]);
      const [stored, sealed] = await db.read(
        async (trx) => [await trx.rows(settings), await trx.rows(secrets)] as const,
      );
      expect(
        stored.filter((row) => row.section === section),
        where,
      ).toHaveLength(portals);
      expect(sealed.length, `${where}: secrets`).toBeGreaterThanOrEqual(portals);
      expect(sealed.length, `${where}: secrets pile up`).toBeLessThanOrEqual(portals + this.seen.cutOff);
    });
  }
}
