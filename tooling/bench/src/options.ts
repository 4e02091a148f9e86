import { parseArgs } from 'node:util';
import type { EngineName } from './roles.ts';

export const caseNames = [
  'full',
  'rival',
  'unchanged',
  'changed',
  'recalculation',
  'portals',
  'memory',
  'mail',
  'mailboxes',
] as const;
export type CaseName = (typeof caseNames)[number];

export const engineNames = ['sqlite', 'sql-server'] as const satisfies readonly EngineName[];

export interface BenchOptions {
  readonly users: number;
  readonly memoryUsers: number;
  readonly portals: number;
  readonly messages: number;
  readonly mailboxes: number;
  readonly repeat: number;
  readonly cases: ReadonlySet<CaseName>;
  readonly engines: ReadonlySet<EngineName>;
  readonly json: string | undefined;
  /** Folder for CPU profiles of the product's processes. */
  readonly profile: string | undefined;
}

export const help = `Usage: pnpm bench [options]

  --users N          users of the tenant (default 100000; 1000 to 1000000), with 2.5 assignments each
  --memory-users N   users of the memory run (default 1000000)
  --portals N        portals of the portals run (default 500), each a tenant of 50 to 200 users
  --messages N       messages of the mailbox of the mail run (default 10000)
  --mailboxes N      mailboxes of the mailboxes run (default 50), with 100 messages each
  --repeat N         repetitions of every case but portals, memory and mailboxes (default 3)
  --only CASE        one of ${caseNames.join(', ')}; may be given several times
  --database NAME    ${engineNames.join(' or ')} (default: both); may be given several times.
                     SQL Server needs TEST_MSSQL_URL and is reported as skipped without it; databases of the
                     bench's own are made there, and dropped
  --json FILE        also writes every single measurement as JSON, memory over time included
  --profile FOLDER   writes CPU profiles of the product's processes; these runs are slower
  --help             this text

Cases
  full           a first import, against a floor that fetches the same pages and writes the same rows:
                 by prepared statements on SQLite, by TDS bulk load on SQL Server
  rival          the same rows by PageIterator of Microsoft's Graph client and batchInsert of knex
  unchanged      the same import again, nothing changed
  changed        the same import again, 0.1 % of the users changed
  recalculation  the compliance recalculation against a bare GROUP BY of the assignments
  portals        a first import and an unchanged one of many portals in one installation
  memory         peak memory of one full import of a large tenant
  mail           fetching a mailbox from Dovecot and handing it over, against bare imapflow; needs Debian's
                 dovecot-imapd and root, and is reported as skipped without them
  mailboxes      the same with many mailboxes in one installation
`;

const among = <Name extends string>(names: readonly Name[], option: string, wanted: readonly string[]): Set<Name> => {
  const found = wanted.map((name) => {
    const known = names.find((candidate) => candidate === name);
    if (known !== undefined) return known;
    throw new Error(
      `--${option} ${name}: there is no such ${option === 'only' ? 'case' : option}; one of ${names.join(', ')}.`,
    );
  });
  return new Set(found.length === 0 ? names : found);
};

const wholeNumber = (name: string, text: string, smallest: number, largest: number): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= smallest && value <= largest) return value;
  throw new Error(`--${name} must be a whole number from ${smallest} to ${largest}, not '${text}'.`);
};

/** Reads the command line; undefined where help was asked for. Throws what a person can read. */
export const readOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      users: { type: 'string', default: '100000' },
      'memory-users': { type: 'string', default: '1000000' },
      portals: { type: 'string', default: '500' },
      messages: { type: 'string', default: '10000' },
      mailboxes: { type: 'string', default: '50' },
      repeat: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true, default: [] },
      database: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  // The simulator's tenants have up to 1,000,000 users; with 0.1 % changed, one has to be left.
  const users = (name: 'users' | 'memory-users') => wholeNumber(name, values[name], 1000, 1_000_000);
  return {
    users: users('users'),
    memoryUsers: users('memory-users'),
    portals: wholeNumber('portals', values.portals, 1, 10_000),
    messages: wholeNumber('messages', values.messages, 1, 1_000_000),
    mailboxes: wholeNumber('mailboxes', values.mailboxes, 1, 1000),
    repeat: wholeNumber('repeat', values.repeat, 1, 1000),
    cases: among(caseNames, 'only', values.only),
    engines: among(engineNames, 'database', values.database),
    json: values.json,
    profile: values.profile,
  };
};
