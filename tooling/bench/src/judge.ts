import { type Run, spreadOf } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import type { Measurements, RunName } from './run.ts';

/** A figure that the project has set itself a target for. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'x' | '%' | 'MB' | 'requests';
  readonly target: number | undefined;
}

const medianOf = (runs: readonly Run[], of: (run: Run) => number): number => spreadOf(runs.map(of)).median;
const wall = (run: Run): number => run.wallMs;
const cpu = (run: Run): number => run.cpuMs;
const requests = (run: Run): number => run.traffic?.graphRequests ?? Number.NaN;
const megabytes = (run: Run): number => run.peakBytes / 2 ** 20;

/** ⌈users / 999⌉ pages, SKUs, purchases, and where later changes start. */
export const leastRequests = (users: number): number => Math.ceil(users / 999) + 3;

/** The figures that the runs made allow; a target is told, never enforced. */
export const figuresOf = (runs: Measurements, { users, memoryUsers }: BenchOptions): Figure[] => {
  const both = (a: RunName, b: RunName): boolean => runs[a].length > 0 && runs[b].length > 0;
  const ratio = (a: RunName, b: RunName, of: (run: Run) => number): number =>
    medianOf(runs[a], of) / medianOf(runs[b], of);
  const figures: Figure[] = [];
  const add = (name: string, value: number, unit: Figure['unit'], target?: number): void => {
    figures.push({ name, value, unit, target });
  };
  if (both('full', 'floor')) {
    add('full import / floor, wall time', ratio('full', 'floor', wall), 'x', 1.5);
    add('full import / floor, CPU time', ratio('full', 'floor', cpu), 'x');
    add('full import / floor with random keys, wall time', ratio('full', 'floor-random', wall), 'x');
    add('full import / floor with random keys, CPU time', ratio('full', 'floor-random', cpu), 'x');
    add('floor / reading alone, wall time', ratio('floor', 'listing', wall), 'x');
  }
  if (runs.full.length > 0) {
    add('full import, Graph requests', medianOf(runs.full, requests), 'requests', leastRequests(users));
    add('full import, peak memory', medianOf(runs.full, megabytes), 'MB');
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
  if (runs.memory.length > 0) {
    const large = memoryUsers.toLocaleString('en');
    add(`import of ${large} users, peak memory`, medianOf(runs.memory, megabytes), 'MB', 300);
    add(
      `import of ${large} users, Graph requests`,
      medianOf(runs.memory, requests),
      'requests',
      leastRequests(memoryUsers),
    );
  }
  return figures;
};

const compared = ['users', 'contacts', 'facts', 'assignments', 'positions'] as const;

/** Where floor and product did not do the same work, so that their ratio says nothing. */
export const differencesOf = (runs: Measurements): string[] => {
  const {
    floor: [floor],
    full: [full],
  } = runs;
  if (floor === undefined || full === undefined) return [];
  const differences = compared
    .filter((name) => floor.facts[name] !== full.facts[name])
    .map((name) => `${name}: floor ${floor.facts[name]}, product ${full.facts[name]}`);
  const bytes = [floor, full].map((run) => run.traffic?.bytes ?? 0);
  const [least = 0, most = 0] = bytes.sort((a, b) => a - b);
  // The product also asks for names of groups; other fields of every user would be far more.
  if (most > least * 1.01) differences.push(`bytes read: from ${least} to ${most}`);
  return differences;
};
