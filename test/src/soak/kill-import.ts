import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skus } from '@itsm-m365/licence-catalog';
import type { TruthUser } from '@itsm-m365/microsoft-simulator';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { expect } from 'vitest';
import { built, type Started, startNode } from '../end-to-end/surroundings/processes.ts';
import { onceArguments, type SimulatorProcess, skusOf } from '../end-to-end/surroundings/simulator-process.ts';
import type { Draw } from './draw.ts';
import { type Found, foundIn, look, nothing, type State, stateOfTenant } from './state.ts';

export interface Report {
  readonly state: string;
  readonly takenUp: readonly string[];
  readonly portalUsers: number;
  readonly usersRead: number;
}

export interface Killable {
  readonly simulator: SimulatorProcess;
  readonly folder: string;
  /** A server's database instead of a file in the folder. */
  readonly connection?: DatabaseConnection;
}

/** What is run in the process that is killed. */
export type Deed = 'import' | 'full import' | 'recalculation' | 'refresh';

const taskOf: Readonly<Record<Deed, string>> = {
  import: 'compliance-engine.recalculate-completely',
  'full import': 'compliance-engine.recalculate-completely',
  recalculation: 'compliance-engine.recalculate',
  refresh: 'licence-catalog.refresh-sku-titles',
};

const guidOf = (number: number): string => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`;

/** As many as make the writing of the list last a while. */
const listLength = 3000;

const listOf = (edition: number): string =>
  [
    'Product_Display_Name,String_Id,GUID',
    ...Array.from({ length: listLength }, (_, at) => `Title ${at} edition ${edition},PART_${at},${guidOf(at)}`),
  ].join('\n');

/** People come, go, get licences and lose them; seats are bought. Few enough that no import is held. */
const changeTenant = async (simulator: SimulatorProcess, draw: Draw): Promise<void> => {
  const users = await simulator.truth<readonly TruthUser[]>('/truth/users?count=100000');
  const bought = (await skusOf(simulator)).filter(({ listed, appliesTo }) => listed && appliesTo === 'User');
  const deeds: object[] = [{ do: 'set-seats', skuId: draw.one(bought).skuId, seats: 1 + draw.whole(3000) }];
  const chosen = new Set(Array.from({ length: 16 }, () => draw.one(users)));
  for (const { id, held, paths } of chosen) {
    const direct = paths.find(({ groupId, holds }) => groupId === null && holds);
    if (direct !== undefined && draw.fraction() < 0.5) {
      deeds.push({ do: 'unassign', userId: id, skuId: direct.skuId });
    } else {
      const other = bought.find(({ skuId }) => !held.includes(skuId) && !paths.some((path) => path.skuId === skuId));
      if (other !== undefined) deeds.push({ do: 'assign', userId: id, skuId: other.skuId });
    }
  }
  const spared = users.filter((user) => !chosen.has(user));
  deeds.push({ do: 'remove-user', userId: draw.one(spared).id });
  await simulator.mutate(deeds);
};

/**
 * A folder, or a server's database, in which runs are killed. Remembers every state that a complete run could have
 * published, and the last that was seen: what is there after a kill is one of them, whole, and never an older one.
 */
export class KilledRuns {
  readonly seen = { unchanged: 0, changed: 0, deltas: 0, fulls: 0 };
  readonly #at: Killable;
  readonly #states: State[] = [nothing];
  #catalogue = 0;
  #compliance = 0;
  #exclusions = 0;
  #edition = 0;
  #shownEdition = 0;
  /** How long the last run of each deed took, in milliseconds, decides when the next may be killed. */
  readonly #lengths = new Map<Deed, number>();

  constructor(at: Killable) {
    this.#at = at;
    mkdirSync(at.folder, { recursive: true });
  }

  get connection(): DatabaseConnection {
    return this.#at.connection ?? { dialect: 'sqlite', file: join(this.#at.folder, 'plugins.db') };
  }

  start(deed: Deed): Started {
    const { simulator, folder, connection } = this.#at;
    const more = ['--task', taskOf[deed]];
    // A SKU that nobody has: the list is another one, and what is imported is the same.
    if (this.#exclusions > 0) more.push('--exclusions', guidOf(900_000 + this.#exclusions));
    if (this.#edition > 0) more.push('--sku-file', join(folder, 'titles.csv'));
    return startNode(
      built('tooling', 'test-host', 'dist', 'once.js'),
      [...onceArguments(simulator, folder), ...more],
      connection === undefined ? {} : { env: { DATABASE_CONNECTION: JSON.stringify(connection) } },
    );
  }

  /** Something to do for the next run of a deed. */
  async prepare(deed: Deed, draw: Draw): Promise<void> {
    if (deed === 'refresh') {
      this.#edition += 1;
      writeFileSync(join(this.#at.folder, 'titles.csv'), listOf(this.#edition));
      return;
    }
    if (deed === 'full import') this.#exclusions += 1;
    if (this.#states.length > 1) await changeTenant(this.#at.simulator, draw);
    this.#states.push(await stateOfTenant(this.#at.simulator));
  }

  /** Starts a deed, kills it somewhere in its time, and looks. Gives where, for the message of a failing test. */
  async kill(deed: Deed, draw: Draw): Promise<string> {
    const after = draw.fraction() * (this.#lengths.get(deed) ?? 1500) * 1.05;
    const run = this.start(deed);
    await run.says(/started/);
    await new Promise((resolve) => setTimeout(resolve, after));
    return this.#end(run, `${deed}, killed after ${after.toFixed(0)} ms`);
  }

  /** The same, so many milliseconds after the process says that it is there. */
  async killAt(deed: Deed, said: RegExp, after = 0): Promise<string> {
    const run = this.start(deed);
    await run.says(said);
    await new Promise((resolve) => setTimeout(resolve, after));
    return this.#end(run, `${deed}, killed at ${said}`);
  }

  async #end(run: Started, what: string): Promise<string> {
    run.child.kill('SIGKILL');
    const { code } = await run.ended;
    const where = code === null ? what : `${what}, when it had ended`;
    const before = [this.#catalogue, this.#compliance, this.#shownEdition].join();
    await this.check(where);
    if ([this.#catalogue, this.#compliance, this.#shownEdition].join() === before) this.seen.unchanged += 1;
    else this.seen.changed += 1;
    return where;
  }

  /** Lets a deed run to its end, which it must reach, and which must leave the truth and nothing else. */
  async complete(deed: Deed, where: string): Promise<void> {
    const run = this.start(deed);
    await run.says(/started/);
    const since = performance.now();
    const { code, stderr, stdout } = await run.ended;
    expect(code, `${where}: ${stderr}`).toBe(0);
    const report: Report = JSON.parse(stdout);
    expect(report.state, `${where}: ${stderr}${stdout}`).toBe('succeeded');
    // A run that was killed three times is given up, and says so; nothing else makes one fail.
    if (report.takenUp.includes('failed')) expect(report.takenUp, where).toContain('ITEM_INTERRUPTED');
    this.#lengths.set(deed, performance.now() - since);
    if (deed === 'import' || deed === 'full import') {
      if (report.usersRead < report.portalUsers) this.seen.deltas += 1;
      else this.seen.fulls += 1;
    }
    await this.check(`${where}, then let end`, deed);
  }

  /** What is published is one whole state, no older than the last that was seen; after a complete run it is the newest. */
  async check(where: string, completed?: Deed): Promise<void> {
    const found = await foundIn(this.connection);
    expect(found.problems, where).toEqual([]);
    const latest = this.#states.length - 1;
    const imported = completed === 'import' || completed === 'full import';
    this.#catalogue = this.#stateOf(found, 'catalogue', imported ? latest : this.#catalogue, where);
    const least = imported ? latest : completed === 'recalculation' ? this.#catalogue : this.#compliance;
    this.#compliance = this.#stateOf(found, 'compliance', least, where);
    if (imported) expect(found.staged, `${where}: rows were left in staging`).toBe(0);
    await this.#checkTitles(where, completed === 'refresh');
  }

  #stateOf(found: Found, part: keyof State, least: number, where: string): number {
    const number = this.#states.findIndex((state, at) => at >= least && state[part] === found[part]);
    expect(number, `${where}: the ${part} is no complete state since number ${least}`).toBeGreaterThanOrEqual(least);
    return number;
  }

  async #checkTitles(where: string, completed: boolean): Promise<void> {
    const rows = await look(this.connection, (db) => db.read((trx) => trx.rows(skus)));
    const editions = new Set(rows.map(({ title }) => Number(/edition (\d+)$/.exec(title)?.[1] ?? Number.NaN)));
    expect(editions.size, `${where}: titles of several editions`).toBeLessThanOrEqual(1);
    expect([0, listLength], `${where}: a part of the titles`).toContain(rows.length);
    const [edition = 0] = editions;
    expect(edition, `${where}: titles of an older list`).toBeGreaterThanOrEqual(
      completed ? this.#edition : this.#shownEdition,
    );
    this.#shownEdition = edition;
  }
}
