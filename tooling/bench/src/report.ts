import { availableParallelism, loadavg } from 'node:os';
import { differencesOf, type Figure, figuresOf } from './judge.ts';
import { type Run, type Spread, spreadOf } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { type Measurements, type RunName, runNames } from './run.ts';

/** Everything that was measured, and what follows from it. */
export interface BenchReport {
  readonly machine: { readonly cpus: number; readonly node: string; readonly loadBefore: number };
  readonly users: number;
  readonly memoryUsers: number;
  readonly repeat: number;
  readonly figures: readonly Figure[];
  readonly differences: readonly string[];
  readonly runs: Measurements;
}

/** Other work on the machine before the first run: a figure taken beside it is worth less. */
export const machineNow = (): BenchReport['machine'] => ({
  cpus: availableParallelism(),
  node: process.version,
  loadBefore: loadavg()[0] ?? Number.NaN,
});

export const reportOf = (runs: Measurements, options: BenchOptions, machine: BenchReport['machine']): BenchReport => ({
  machine,
  users: options.users,
  memoryUsers: options.memoryUsers,
  repeat: options.repeat,
  figures: figuresOf(runs, options),
  differences: differencesOf(runs),
  runs,
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

const titles: Readonly<Record<RunName, string>> = {
  listing: 'reading alone',
  floor: 'floor',
  'floor-random': 'floor, random keys',
  full: 'full import',
  unchanged: 'unchanged',
  'unchanged-warm': 'unchanged, warm process',
  changed: '0.1 % changed',
  'group-by': 'bare GROUP BY',
  recalculation: 'recalculation',
  memory: 'memory run',
};

const runRow = (name: RunName, runs: readonly Run[]): string[] => {
  const of = (value: (run: Run) => number): Spread => spreadOf(runs.map(value));
  const requests = of((run) => run.traffic?.graphRequests ?? Number.NaN).median;
  return [
    titles[name],
    wallOf(of((run) => run.wallMs)),
    seconds(of((run) => run.cpuMs).median),
    Math.round(of((run) => run.peakBytes).median / 2 ** 20).toString(),
    Math.round(of((run) => run.pauseMs).maximum).toString(),
    Number.isNaN(requests) ? '' : requests.toString(),
  ];
};

const digits: Readonly<Record<Figure['unit'], number>> = { x: 2, '%': 2, MB: 0, requests: 0 };
const signs: Readonly<Record<Figure['unit'], string>> = { x: ' x', '%': ' %', MB: ' MB', requests: '' };

const figureRow = ({ name, value, unit, target }: Figure): string[] => [
  name,
  `${value.toFixed(digits[unit])}${signs[unit]}`,
  target === undefined ? '' : `${target}${signs[unit]}`,
  target === undefined ? '' : value <= target ? 'met' : 'missed',
];

/** The report as a person reads it on a terminal. */
export const printed = (report: BenchReport): string => {
  const { machine, users, repeat, figures, differences, runs } = report;
  const made = runNames.filter((name) => runs[name].length > 0);
  const head = ['', 'wall s: median (min to max)', 'CPU s', 'peak MB', 'pause ms', 'Graph requests'];
  return [
    `${users.toLocaleString('en')} users, ${repeat} rounds, Node ${machine.node}, ${machine.cpus} CPUs, load before ${machine.loadBefore.toFixed(2)}`,
    table([head, ...made.map((name) => runRow(name, runs[name]))]),
    table([['', 'measured', 'target', ''], ...figures.map(figureRow)]),
    ...(differences.length === 0
      ? []
      : [`Floor and product did NOT do the same work; their ratio says nothing:\n  ${differences.join('\n  ')}`]),
  ].join('\n\n');
};
