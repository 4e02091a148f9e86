import { memoryGrowth, type Run, spreadOf } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import type { EngineName } from './roles.ts';
import type { EngineRuns, Measurements, RunName } from './run.ts';

export type Unit = 'x' | '%' | 'MB' | 'ms' | 'requests' | 'rows/s' | 'portals' | 'messages/s' | 'connections';

/** A figure that the project has set itself a target for. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** At most that much; `atLeast`: at least. */
  readonly target?: number;
  readonly atLeast?: true;
}

const medianOf = (runs: readonly Run[], of: (run: Run) => number): number => spreadOf(runs.map(of)).median;
const wall = (run: Run): number => run.wallMs;
const cpu = (run: Run): number => run.cpuMs;
const requests = (run: Run): number => run.traffic?.graphRequests ?? Number.NaN;
const megabytes = (run: Run): number => run.peakBytes / 2 ** 20;

const written = ['contacts', 'facts', 'assignments', 'positions'] as const;

/** Final rows by second, from the first request to the commit. */
export const rowsPerSecond = ({ facts, wallMs }: Pick<Run, 'facts' | 'wallMs'>): number =>
  (written.reduce((sum, table) => sum + (facts[table] ?? Number.NaN), 0) * 1000) / wallMs;

const messagesPerSecond = ({ facts, wallMs }: Run): number => ((facts.messages ?? Number.NaN) * 1000) / wallMs;

/** Accounts that *Fetch mail* works on at one time on each node, one connection each. */
const mostConnections = 4;

/** ⌈users / 999⌉ pages, SKUs, purchases, and where later changes start. */
export const leastRequests = (users: number): number => Math.ceil(users / 999) + 3;

/** What the product's full import is held against on each database, and how many times as long it may take. */
const floors: Readonly<Record<EngineName, { readonly name: string; readonly run: RunName; readonly target: number }>> =
  {
    sqlite: { name: 'floor', run: 'floor', target: 1.5 },
    'sql-server': { name: 'bare bulk load', run: 'floor-random', target: 2 },
  };

/** The figures that the runs made allow; a target is told, never enforced. */
export const figuresOf = (
  { engine, runs }: EngineRuns,
  { users, memoryUsers, portals, mailboxes }: BenchOptions,
): Figure[] => {
  const both = (a: RunName, b: RunName): boolean => runs[a].length > 0 && runs[b].length > 0;
  const ratio = (a: RunName, b: RunName, of: (run: Run) => number): number =>
    medianOf(runs[a], of) / medianOf(runs[b], of);
  const figures: Figure[] = [];
  const add = (name: string, value: number, unit: Unit, target?: number): void => {
    figures.push({ name, value, unit, ...(target === undefined ? {} : { target }) });
  };
  const floor = floors[engine];
  if (both('full', floor.run)) {
    add(`full import / ${floor.name}, wall time`, ratio('full', floor.run, wall), 'x', floor.target);
    add(`full import / ${floor.name}, CPU time`, ratio('full', floor.run, cpu), 'x');
    add(`${floor.name}, rows written`, medianOf(runs[floor.run], rowsPerSecond), 'rows/s');
    add(`${floor.name} / reading alone, wall time`, ratio(floor.run, 'listing', wall), 'x');
  }
  if (engine === 'sqlite' && both('full', 'floor-random')) {
    add('full import / floor with random keys, wall time', ratio('full', 'floor-random', wall), 'x');
    add('full import / floor with random keys, CPU time', ratio('full', 'floor-random', cpu), 'x');
  }
  if (runs.full.length > 0) {
    add('full import, rows written', medianOf(runs.full, rowsPerSecond), 'rows/s');
    add('full import, Graph requests', medianOf(runs.full, requests), 'requests', leastRequests(users));
    add('full import, peak memory', medianOf(runs.full, megabytes), 'MB');
    const pauses = runs.full.map((run) => run.publicationPauseMs ?? Number.NaN);
    add('full import, longest pause while publishing', spreadOf(pauses).maximum, 'ms');
  }
  if (both('full', 'rival')) {
    const faster = { name: 'PageIterator and batchInsert / full import, wall time', unit: 'x', target: 2 } as const;
    figures.push({ ...faster, value: ratio('rival', 'full', wall), atLeast: true });
    add('PageIterator and batchInsert / full import, CPU time', ratio('rival', 'full', cpu), 'x');
    add('PageIterator and batchInsert, rows written', medianOf(runs.rival, rowsPerSecond), 'rows/s');
    add('PageIterator and batchInsert, peak memory', medianOf(runs.rival, megabytes), 'MB');
  }
  if (both('unchanged', 'full')) {
    add('unchanged / full import, wall time', ratio('unchanged', 'full', wall) * 100, '%', 2);
    add('unchanged / full import, CPU time', ratio('unchanged', 'full', cpu) * 100, '%');
    add('unchanged in a warm process / full import, wall time', ratio('unchanged-warm', 'full', wall) * 100, '%', 2);
    add('unchanged in a warm process / full import, CPU time', ratio('unchanged-warm', 'full', cpu) * 100, '%');
    add('unchanged, Graph requests', medianOf(runs.unchanged, requests), 'requests', 3);
  }
  if (both('changed', 'full')) {
    add('0.1 % changed / full import, wall time', ratio('changed', 'full', wall) * 100, '%');
    add('0.1 % changed / full import, CPU time', ratio('changed', 'full', cpu) * 100, '%');
    add('0.1 % changed, Graph requests', medianOf(runs.changed, requests), 'requests');
  }
  if (both('recalculation', 'group-by')) {
    add('recalculation / bare GROUP BY, wall time', ratio('recalculation', 'group-by', wall), 'x', 3);
    add('recalculation / bare GROUP BY, CPU time', ratio('recalculation', 'group-by', cpu), 'x');
  }
  if (runs.portals.length > 0) {
    const of = (fact: string) => (run: Run) => run.facts[fact] ?? Number.NaN;
    const imported = { name: `${portals} portals, imported`, unit: 'portals', target: portals, atLeast: true } as const;
    figures.push({ ...imported, value: medianOf(runs.portals, of('succeeded')) });
    add(`${portals} portals, at one time at most`, medianOf(runs.portals, of('atOnceMost')), 'portals');
    add(`${portals} portals, at one time on average`, medianOf(runs.portals, of('atOnceMean')), 'portals');
    add(`${portals} portals, wall time of each`, medianOf(runs.portals, wall) / portals, 'ms');
    add(`${portals} portals, peak memory`, medianOf(runs.portals, megabytes), 'MB');
  }
  if (both('portals', 'portals-unchanged'))
    add(
      `${portals} portals unchanged / first import, wall time`,
      ratio('portals-unchanged', 'portals', wall) * 100,
      '%',
    );
  if (runs.memory.length > 0) {
    const large = `import of ${memoryUsers.toLocaleString('en')} users`;
    add(`${large}, peak memory`, medianOf(runs.memory, megabytes), 'MB', 300);
    add(`${large}, Graph requests`, medianOf(runs.memory, requests), 'requests', leastRequests(memoryUsers));
  }
  for (const [name, run] of [
    ['bare imapflow', 'mail-bare'],
    ['imapflow and mailparser', 'mail-parsed'],
  ] as const) {
    if (!both('mail', run)) continue;
    add(`fetch mail / ${name}, wall time`, ratio('mail', run, wall), 'x');
    add(`fetch mail / ${name}, CPU time`, ratio('mail', run, cpu), 'x');
    add(`${name}, messages`, medianOf(runs[run], messagesPerSecond), 'messages/s');
  }
  if (runs.mail.length > 0) {
    add('fetch mail, messages', medianOf(runs.mail, messagesPerSecond), 'messages/s');
    add('fetch mail, peak memory', medianOf(runs.mail, megabytes), 'MB');
    add(
      'fetch mail, memory of the last quarter / second quarter',
      medianOf(runs.mail, ({ memory }) => memoryGrowth(memory)),
      'x',
      1.1,
    );
  }
  if (runs.mailboxes.length > 0) {
    const connections = medianOf(runs.mailboxes, ({ facts }) => facts.connectionsMost ?? Number.NaN);
    add(`${mailboxes} mailboxes, connections at one time at most`, connections, 'connections', mostConnections);
    add(`${mailboxes} mailboxes, messages`, medianOf(runs.mailboxes, messagesPerSecond), 'messages/s');
    add(`${mailboxes} mailboxes, peak memory`, medianOf(runs.mailboxes, megabytes), 'MB');
  }
  return figures;
};

export const isMet = ({ value, target, atLeast }: Figure): boolean =>
  target !== undefined && (atLeast === true ? value >= target : value <= target);

const compared = ['users', ...written] as const;

/** Where floor, rival and product did not do the same work, so that their ratio says nothing. */
export const differencesOf = (runs: Measurements): string[] => [...importDifferences(runs), ...mailDifferences(runs)];

const mailDifferences = (runs: Measurements): string[] => {
  const [fetched] = runs.mail;
  if (fetched === undefined) return [];
  return (['mail-bare', 'mail-parsed'] as const).flatMap((name) =>
    (['messages', 'bytes'] as const)
      .filter((fact) => runs[name][0] !== undefined && runs[name][0].facts[fact] !== fetched.facts[fact])
      .map((fact) => `${fact}: ${name} ${runs[name][0]?.facts[fact]}, product ${fetched.facts[fact]}`),
  );
};

const importDifferences = (runs: Measurements): string[] => {
  const [full] = runs.full;
  if (full === undefined) return [];
  return (['floor', 'floor-random', 'rival'] as const).flatMap((name) => {
    const [other] = runs[name];
    if (other === undefined) return [];
    const differences = compared
      .filter((fact) => other.facts[fact] !== full.facts[fact])
      .map((fact) => `${fact}: ${name} ${other.facts[fact]}, product ${full.facts[fact]}`);
    const bytes = [other, full].map((run) => run.traffic?.bytes ?? 0);
    const [least = 0, most = 0] = bytes.sort((a, b) => a - b);
    // The product also asks for names of groups; other fields of every user would be far more.
    if (most > least * 1.01) differences.push(`bytes read: ${name} and product from ${least} to ${most}`);
    return differences;
  });
};
