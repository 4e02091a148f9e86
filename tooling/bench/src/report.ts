import { availableParallelism, loadavg } from 'node:os';
import { differencesOf, type Figure, figuresOf, isMet, type Unit } from './judge.ts';
import { type Run, type Spread, spreadOf } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import type { EngineName } from './roles.ts';
import { type EngineRuns, type RunName, runNames } from './run.ts';

/** What was measured on one database, and what follows from it. */
export interface EngineReport extends EngineRuns {
  readonly figures: readonly Figure[];
  readonly differences: readonly string[];
}

/** Everything that was measured. */
export interface BenchReport {
  readonly machine: { readonly cpus: number; readonly node: string; readonly loadBefore: number };
  readonly users: number;
  readonly memoryUsers: number;
  readonly portals: number;
  readonly messages: number;
  readonly mailboxes: number;
  readonly repeat: number;
  readonly databases: readonly EngineReport[];
}

/** Other work on the machine before the first run: a figure taken beside it is worth less. */
export const machineNow = (): BenchReport['machine'] => ({
  cpus: availableParallelism(),
  node: process.version,
  loadBefore: loadavg()[0] ?? Number.NaN,
});

export const reportOf = (
  databases: readonly EngineRuns[],
  options: BenchOptions,
  machine: BenchReport['machine'],
): BenchReport => ({
  machine,
  users: options.users,
  memoryUsers: options.memoryUsers,
  portals: options.portals,
  messages: options.messages,
  mailboxes: options.mailboxes,
  repeat: options.repeat,
  databases: databases.map((database) => ({
    ...database,
    figures: figuresOf(database, options),
    differences: differencesOf(database.runs),
  })),
});

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
const wallOf = ({ median, minimum, maximum }: Spread): string =>
  `${seconds(median)} (${seconds(minimum)} to ${seconds(maximum)})`;

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
};

const engineTitles: Readonly<Record<EngineName, string>> = { sqlite: 'SQLite', 'sql-server': 'SQL Server' };

const titlesOf = (engine: EngineName): Readonly<Record<RunName, string>> => ({
  listing: 'reading alone',
  floor: 'floor',
  'floor-random': engine === 'sqlite' ? 'floor, random keys' : 'bare bulk load',
  rival: 'PageIterator, batchInsert',
  full: 'full import',
  unchanged: 'unchanged',
  'unchanged-warm': 'unchanged, warm process',
  changed: '0.1 % changed',
  'group-by': 'bare GROUP BY',
  recalculation: 'recalculation',
  portals: 'portals',
  'portals-unchanged': 'portals, unchanged',
  memory: 'memory run',
  'mail-bare': 'bare imapflow',
  'mail-parsed': 'imapflow, mailparser',
  mail: 'fetch mail',
  mailboxes: 'fetch mail, many mailboxes',
});

/** Empty where nothing was measured. */
const whole = (value: number): string => (Number.isFinite(value) ? Math.round(value).toString() : '');

const runRow = (title: string, runs: readonly Run[]): string[] => {
  const of = (value: (run: Run) => number): Spread => spreadOf(runs.map(value));
  return [
    title,
    wallOf(of((run) => run.wallMs)),
    seconds(of((run) => run.cpuMs).median),
    [of((run) => run.memory.minimum), of((run) => run.memory.median), of((run) => run.peakBytes / 2 ** 20)]
      .map(({ median }) => whole(median))
      .join(' / '),
    whole(of((run) => run.pauseMs).maximum),
    whole(of((run) => run.publicationPauseMs ?? Number.NaN).maximum),
    whole(of((run) => run.traffic?.graphRequests ?? Number.NaN).median),
  ];
};

const head = [
  'wall s: median (min to max)',
  'CPU s',
  'MB: least / median / peak',
  'pause ms',
  'publishing ms',
  'Graph requests',
];

const digits: Readonly<Record<Unit, number>> = {
  x: 2,
  '%': 2,
  MB: 0,
  ms: 0,
  requests: 0,
  'rows/s': 0,
  portals: 1,
  'messages/s': 0,
  connections: 0,
};

const withUnit = (value: number, unit: Unit, places = digits[unit]): string =>
  `${value.toFixed(places)}${unit === 'requests' ? '' : ` ${unit}`}`;

const figureRow = (figure: Figure): string[] => {
  const { name, value, unit, target, atLeast } = figure;
  const wanted =
    target === undefined
      ? ''
      : `${atLeast === true ? 'at least ' : ''}${withUnit(target, unit, target % 1 === 0 ? 0 : 1)}`;
  return [name, withUnit(value, unit), wanted, target === undefined ? '' : isMet(figure) ? 'met' : 'missed'];
};

const printedOn = ({ engine, skipped, runs, figures, differences }: EngineReport): string => {
  if (skipped !== undefined) return `${engineTitles[engine]}: skipped, ${skipped}`;
  const titles = titlesOf(engine);
  const made = runNames.filter((name) => runs[name].length > 0);
  return [
    table([[engineTitles[engine], ...head], ...made.map((name) => runRow(titles[name], runs[name]))]),
    table([['', 'measured', 'target', ''], ...figures.map(figureRow)]),
    ...(differences.length === 0
      ? []
      : [`These did NOT do the same work; their ratios say nothing:\n  ${differences.join('\n  ')}`]),
  ].join('\n\n');
};

/** The report as a person reads it on a terminal. */
export const printed = ({ machine, users, portals, repeat, databases }: BenchReport): string =>
  [
    `${users.toLocaleString('en')} users, ${portals} portals, ${repeat} rounds, Node ${machine.node}, ${machine.cpus} CPUs, load before ${machine.loadBefore.toFixed(2)}`,
    ...databases.map(printedOn),
  ].join('\n\n');
