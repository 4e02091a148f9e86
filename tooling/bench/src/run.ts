import { serversMissing } from '@itsm-m365/mail-servers';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { Run } from './measurement.ts';
import { type BenchOptions, type CaseName, engineNames } from './options.ts';
import { measured, start } from './processes.ts';
import type { EngineName, MailPlace, MeasuredOrder } from './roles.ts';
import { type Simulator, startTenants } from './simulator.ts';

export const runNames = [
  'listing',
  'floor',
  'floor-random',
  'rival',
  'full',
  'unchanged',
  'unchanged-warm',
  'changed',
  'group-by',
  'recalculation',
  'portals',
  'portals-unchanged',
  'memory',
  'mail-bare',
  'mail-parsed',
  'mail',
  'mailboxes',
] as const;
export type RunName = (typeof runNames)[number];

/** All measurements on one database, by what was measured, in the order in which they were made. */
export type Measurements = Readonly<Record<RunName, readonly Run[]>>;

export interface EngineRuns {
  readonly engine: EngineName;
  /** Why nothing was measured on it. */
  readonly skipped?: string;
  readonly runs: Measurements;
}

type Say = (line: string) => void;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

const noRuns = (): Record<RunName, Run[]> => ({
  listing: [],
  floor: [],
  'floor-random': [],
  rival: [],
  full: [],
  unchanged: [],
  'unchanged-warm': [],
  changed: [],
  'group-by': [],
  recalculation: [],
  portals: [],
  'portals-unchanged': [],
  memory: [],
  'mail-bare': [],
  'mail-parsed': [],
  mail: [],
  mailboxes: [],
});

const productRoles: ReadonlySet<MeasuredOrder['role']> = new Set(['import', 'recalculate', 'portals', 'fetch-mail']);

/** Cases that one tenant is simulated for. */
const tenantCases = ['full', 'rival', 'unchanged', 'changed', 'recalculation'] as const satisfies readonly CaseName[];

/** The cases on one database. */
class Bench {
  readonly engine: EngineName;
  readonly runs = noRuns();
  readonly #options: BenchOptions;
  readonly #say: Say;

  constructor(engine: EngineName, options: BenchOptions, say: Say) {
    this.engine = engine;
    this.#options = options;
    this.#say = say;
  }

  /** One run of everything on one tenant. Floor and product take turns, so that a busy minute hits both. */
  async round(tenant: Simulator, round: number): Promise<void> {
    const { place } = tenant;
    if (this.#wants('full')) await this.#floors(tenant);
    if (this.#wants('rival'))
      await this.#onFresh((store) => this.#measure('rival', { role: 'rival', store, place }, tenant));
    await this.#onFresh(async (store) => {
      const again: MeasuredOrder = { role: 'import', store, place };
      await this.#measure('full', again, tenant);
      if (this.#wants('unchanged')) {
        await this.#measure('unchanged', again, tenant);
        // Without the tenant: its traffic would count the cycles before the measured one too.
        await this.#measure('unchanged-warm', { ...again, warm: true });
      }
      if (this.#wants('changed')) {
        await tenant.change(round);
        await this.#measure('changed', again, tenant);
      }
      if (this.#wants('recalculation')) {
        await this.#measure('group-by', { role: 'group-by', store });
        await this.#measure('recalculation', { role: 'recalculate', store });
      }
    });
  }

  /** Two stores: the second run would find what the first has left. */
  async portals(tenants: Simulator): Promise<void> {
    const { places } = tenants;
    await this.#onFresh((store) => this.#measure('portals', { role: 'portals', store, places }, tenants));
    // Without the tenants' traffic, as with a warm process above.
    await this.#onFresh((store) => this.#measure('portals-unchanged', { role: 'portals', store, places, warm: true }));
  }

  memory(tenant: Simulator): Promise<void> {
    return this.#onFresh((store) => this.#measure('memory', { role: 'import', store, place: tenant.place }, tenant));
  }

  async mail(place: MailPlace): Promise<void> {
    await this.#measure('mail-bare', { role: 'bare-mail', mail: place, parsed: false });
    await this.#measure('mail-parsed', { role: 'bare-mail', mail: place, parsed: true });
    await this.#onFresh((store) => this.#measure('mail', { role: 'fetch-mail', store, mail: place }));
  }

  mailboxes(place: MailPlace): Promise<void> {
    return this.#onFresh((store) => this.#measure('mailboxes', { role: 'fetch-mail', store, mail: place }));
  }

  async #floors(tenant: Simulator): Promise<void> {
    const { place } = tenant;
    await this.#measure('listing', { role: 'listing', place }, tenant);
    // Ascending keys are a bound of our own for SQLite; on SQL Server the final rows as they are stay the only measure.
    const orders = this.engine === 'sqlite' ? (['ascending', 'random'] as const) : (['random'] as const);
    for (const keys of orders) {
      const name = keys === 'random' ? 'floor-random' : 'floor';
      await this.#onFresh((store) => this.#measure(name, { role: 'floor', store, place, keys }, tenant));
    }
  }

  #wants(name: CaseName): boolean {
    return this.#options.cases.has(name);
  }

  async #measure(name: RunName, order: MeasuredOrder, tenant?: Simulator): Promise<void> {
    const { profile } = this.#options;
    const isProduct = productRoles.has(order.role);
    const nodeOptions = profile !== undefined && isProduct ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const work = () => measured(order, nodeOptions);
    let run: Run;
    if (tenant === undefined) run = await work();
    else {
      const { result, traffic } = await tenant.traffic(work);
      run = { ...result, traffic };
    }
    this.runs[name].push(run);
    this.#say(`  ${this.engine} ${name}: ${seconds(run.wallMs)}, ${Math.round(run.peakBytes / 2 ** 20)} MB`);
  }

  async #onFresh(work: (store: DatabaseConnection) => Promise<void>): Promise<void> {
    const { answer, end } = await start({ role: 'store', engine: this.engine });
    try {
      await work(answer as DatabaseConnection);
    } finally {
      await end();
    }
  }
}

const withTenants = async (
  users: readonly number[],
  say: Say,
  work: (tenants: Simulator) => Promise<void>,
): Promise<void> => {
  const all = users.reduce((sum, count) => sum + count, 0).toLocaleString('en');
  say(users.length === 1 ? `Simulating a tenant of ${all} users` : `Simulating ${users.length} tenants, ${all} users`);
  const tenants = await startTenants(users);
  try {
    await work(tenants);
  } finally {
    await tenants.end();
  }
};

/** The simulator makes its pages when they are asked for first; without this the first measured run would pay for it. */
const makePages = async ({ place }: Simulator): Promise<void> => void (await measured({ role: 'listing', place }));

/** Messages of each mailbox where there are many. */
const messagesEach = 100;

const withMailboxes = async (
  mailboxes: number,
  messages: number,
  say: Say,
  work: (place: MailPlace) => Promise<void>,
): Promise<void> => {
  say(`Filling ${mailboxes} mailboxes with ${messages.toLocaleString('en')} messages each`);
  const { answer, end } = await start({ role: 'mail', mailboxes, messages });
  try {
    await work(answer as MailPlace);
  } finally {
    await end();
  }
};

/** From 50 to 200 users each, mixed, and the same every time. */
export const portalSizes = (portals: number): readonly number[] =>
  Array.from({ length: portals }, (_, number) => 50 + ((number * 37) % 151));

const skippedOf = (engine: EngineName): string | undefined =>
  engine === 'sql-server' && (process.env.TEST_MSSQL_URL ?? '') === '' ? 'TEST_MSSQL_URL is not set' : undefined;

/** Runs the cases asked for, one measured process at a time. Throws where a run fails; never for being slow. */
export const runBench = async (options: BenchOptions, say: Say): Promise<readonly EngineRuns[]> => {
  const { users, memoryUsers, portals, messages, mailboxes, repeat, cases, engines } = options;
  const wanted = engineNames.filter((engine) => engines.has(engine));
  const benches = wanted
    .filter((engine) => skippedOf(engine) === undefined)
    .map((engine) => new Bench(engine, options, say));
  if (benches.length > 0 && tenantCases.some((name) => cases.has(name))) {
    await withTenants([users], say, async (tenant) => {
      for (let round = 1; round <= repeat; round += 1) {
        say(`Round ${round} of ${repeat}`);
        for (const [at, bench] of benches.entries()) {
          await makePages(tenant);
          await bench.round(tenant, round * benches.length + at);
        }
      }
    });
  }
  if (benches.length > 0 && cases.has('portals')) {
    await withTenants(portalSizes(portals), say, async (tenants) => {
      for (const bench of benches) await bench.portals(tenants);
    });
  }
  if (benches.length > 0 && cases.has('memory')) {
    await withTenants([memoryUsers], say, async (tenant) => {
      await makePages(tenant);
      for (const bench of benches) await bench.memory(tenant);
    });
  }
  const mailMissing = serversMissing('dovecot');
  if (mailMissing !== undefined && (cases.has('mail') || cases.has('mailboxes')))
    say(`Mail is skipped: ${mailMissing}`);
  if (benches.length > 0 && cases.has('mail') && mailMissing === undefined) {
    await withMailboxes(1, messages, say, async (place) => {
      for (let round = 1; round <= repeat; round += 1) for (const bench of benches) await bench.mail(place);
    });
  }
  if (benches.length > 0 && cases.has('mailboxes') && mailMissing === undefined) {
    for (const bench of benches) await withMailboxes(mailboxes, messagesEach, say, (place) => bench.mailboxes(place));
  }
  return wanted.map((engine) => {
    const skipped = skippedOf(engine);
    const runs = benches.find((bench) => bench.engine === engine)?.runs ?? noRuns();
    return skipped === undefined ? { engine, runs } : { engine, skipped, runs };
  });
};
