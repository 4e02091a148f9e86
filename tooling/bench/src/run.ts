import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { measured, start } from './processes.ts';
import type { MeasuredOrder } from './roles.ts';
import { type Simulator, startTenant } from './simulator.ts';

export const runNames = [
  'listing',
  'floor',
  'floor-random',
  'full',
  'unchanged',
  'unchanged-warm',
  'changed',
  'group-by',
  'recalculation',
  'memory',
] as const;
export type RunName = (typeof runNames)[number];

/** All measurements, by what was measured, in the order in which they were made. */
export type Measurements = Readonly<Record<RunName, readonly Run[]>>;

type Say = (line: string) => void;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

class Bench {
  readonly runs: Record<RunName, Run[]> = {
    listing: [],
    floor: [],
    'floor-random': [],
    full: [],
    unchanged: [],
    'unchanged-warm': [],
    changed: [],
    'group-by': [],
    recalculation: [],
    memory: [],
  };
  readonly #options: BenchOptions;
  readonly #say: Say;
  readonly #folder = mkdtempSync(join(tmpdir(), 'itsm-m365-bench-'));
  #files = 0;

  constructor(options: BenchOptions, say: Say) {
    this.#options = options;
    this.#say = say;
  }

  clean(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One run of everything but the memory case. Floor and product take turns, so that a busy minute hits both. */
  async round(tenant: Simulator, round: number): Promise<void> {
    const { cases } = this.#options;
    const { place } = tenant;
    const wants = (name: 'full' | 'unchanged' | 'changed' | 'recalculation') => cases.has(name);
    if (wants('full')) {
      await this.#measure('listing', { role: 'listing', place }, tenant);
      for (const keys of ['ascending', 'random'] as const) {
        const file = await this.#freshFile();
        await this.#measure(keys === 'random' ? 'floor-random' : 'floor', { role: 'floor', file, place, keys }, tenant);
        this.#remove(file);
      }
    }
    const file = await this.#freshFile();
    const again: MeasuredOrder = { role: 'import', file, place };
    await this.#measure('full', again, tenant);
    if (wants('unchanged')) {
      await this.#measure('unchanged', again, tenant);
      // Without the tenant: its traffic would count the cycles before the measured one too.
      await this.#measure('unchanged-warm', { ...again, warm: true });
    }
    if (wants('changed')) {
      await tenant.change(Math.max(1, Math.round(tenant.users / 1000)), round);
      await this.#measure('changed', again, tenant);
    }
    if (wants('recalculation')) {
      await this.#measure('group-by', { role: 'group-by', file });
      await this.#measure('recalculation', { role: 'recalculate', file });
    }
    this.#remove(file);
  }

  async memory(tenant: Simulator): Promise<void> {
    const file = await this.#freshFile();
    await this.#measure('memory', { role: 'import', file, place: tenant.place }, tenant);
    this.#remove(file);
  }

  async #measure(name: RunName, order: MeasuredOrder, tenant?: Simulator): Promise<void> {
    const { profile } = this.#options;
    const isProduct = order.role === 'import' || order.role === 'recalculate';
    const nodeOptions = profile !== undefined && isProduct ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const work = () => measured(order, nodeOptions);
    let run: Run;
    if (tenant === undefined) run = await work();
    else {
      const { result, traffic } = await tenant.traffic(work);
      run = { ...result, traffic };
    }
    this.runs[name].push(run);
    this.#say(`  ${name}: ${seconds(run.wallMs)}, ${Math.round(run.peakBytes / 2 ** 20)} MB`);
  }

  async #freshFile(): Promise<string> {
    this.#files += 1;
    const file = join(this.#folder, `${this.#files}.db`);
    const { end } = await start({ role: 'prepare', file });
    await end();
    return file;
  }

  #remove(file: string): void {
    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  }
}

const withTenant = async (users: number, say: Say, work: (tenant: Simulator) => Promise<void>): Promise<void> => {
  say(`Simulating a tenant of ${users.toLocaleString('en')} users`);
  const tenant = await startTenant(users);
  try {
    await work(tenant);
  } finally {
    await tenant.end();
  }
};

/** Runs the cases asked for, one measured process at a time. Throws where a run fails; never for being slow. */
export const runBench = async (options: BenchOptions, say: Say): Promise<Measurements> => {
  const bench = new Bench(options, say);
  const { users, memoryUsers, repeat, cases } = options;
  try {
    if (cases.size > 1 || !cases.has('memory')) {
      await withTenant(users, say, async (tenant) => {
        // The simulator's code is compiled while it serves; without this the first measured run would pay for it.
        await measured({ role: 'listing', place: tenant.place });
        for (let round = 1; round <= repeat; round += 1) {
          say(`Round ${round} of ${repeat}`);
          await bench.round(tenant, round);
        }
      });
    }
    if (cases.has('memory')) await withTenant(memoryUsers, say, (tenant) => bench.memory(tenant));
    return bench.runs;
  } finally {
    bench.clean();
  }
};
