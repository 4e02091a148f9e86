import { parseArgs } from 'node:util';

export const caseNames = ['full', 'unchanged', 'changed', 'recalculation', 'memory'] as const;
export type CaseName = (typeof caseNames)[number];

export interface BenchOptions {
  readonly users: number;
  readonly memoryUsers: number;
  readonly repeat: number;
  readonly cases: ReadonlySet<CaseName>;
  readonly json: string | undefined;
  /** Folder for CPU profiles of the product's processes. */
  readonly profile: string | undefined;
}

export const help = `Usage: pnpm bench [options]

  --users N          users of the tenant (default 100000), with 2.5 assignments each
  --memory-users N   users of the memory run (default 1000000)
  --repeat N         repetitions of every case but the memory run (default 3)
  --only CASE        one of ${caseNames.join(', ')}; may be given several times
  --json FILE        also writes every single measurement as JSON
  --profile FOLDER   writes CPU profiles of the product's processes; these runs are slower
  --help             this text

Cases
  full           a first import, against a floor that fetches the same pages and writes the same rows
  unchanged      the same import again, nothing changed
  changed        the same import again, 0.1 % of the users changed
  recalculation  the compliance recalculation against a bare GROUP BY of the assignments
  memory         peak memory of one full import of a large tenant
`;

const isCase = (name: string): name is CaseName => (caseNames as readonly string[]).includes(name);

const wholeNumber = (name: string, text: string, smallest: number): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= smallest) return value;
  throw new Error(`--${name} must be a whole number of at least ${smallest}, not '${text}'.`);
};

/** Reads the command line; undefined where help was asked for. Throws what a person can read. */
export const readOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      users: { type: 'string', default: '100000' },
      'memory-users': { type: 'string', default: '1000000' },
      repeat: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const cases = values.only.map((name) => {
    if (isCase(name)) return name;
    throw new Error(`--only ${name}: there is no such case; one of ${caseNames.join(', ')}.`);
  });
  return {
    // The simulator's tenants have from 10 to 1,000,000 users; with 0.1 % changed, one has to be left.
    users: wholeNumber('users', values.users, 1000),
    memoryUsers: wholeNumber('memory-users', values['memory-users'], 1000),
    repeat: wholeNumber('repeat', values.repeat, 1),
    cases: new Set(cases.length === 0 ? caseNames : cases),
    json: values.json,
    profile: values.profile,
  };
};
