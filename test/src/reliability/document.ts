import { defaultGraphLimits } from '@itsm-m365/graph-auth';
import { faultTable } from '@itsm-m365/microsoft-simulator';
import { table } from '../documentation/markdown.ts';
import type { Outcome } from './cell.ts';
import { importFaults } from './faults.ts';
import type { Entry } from './matrix.ts';
import { type Start, starts } from './places.ts';
import { groupRows, wordsOf } from './rows.ts';

export const outcomeHead = [
  'Fault',
  'Where',
  'Import',
  'Once',
  'Changed',
  'Lasting',
  'Changed',
  'The administrator reads',
] as const;

export const startsText = (ids: readonly Start[] | 'all'): string =>
  ids === 'all'
    ? ids
    : starts
        .filter(({ id }) => ids.includes(id))
        .map(({ title }) => title)
        .join(', ');

/** What differs from run to run: ids, times, and how many assignments there happen to be. */
const settled = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '…')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, '…')
    .replace(/\b\d{10}\b/g, '…')
    .replace(/\b\d+ of \d+ assignments/g, '… of … assignments')
    .replace(/\s+/g, ' ');

const outcomesOf = (entries: readonly Entry[]): readonly (Outcome & { readonly fault: string })[] =>
  entries.flatMap(({ fault, cell }) =>
    cell === undefined ? [] : [cell.once, cell.lasting].map((outcome) => ({ ...outcome, fault })),
  );

const outcomeTable = (entries: readonly Entry[]): string =>
  table(
    outcomeHead,
    groupRows(entries, ({ cell }) => (cell === undefined ? undefined : wordsOf(cell))).map((row) => [
      `\`${row.fault}\``,
      row.places.join(', '),
      startsText(row.starts),
      ...row.words,
    ]),
  );

const absenceOf = (entries: readonly Entry[], fault: string): string => {
  const mine = entries.filter((entry) => entry.fault === fault);
  if (mine.every(({ cell }) => cell === undefined)) return 'anywhere: this product gives it no occasion';
  return groupRows(mine, ({ cell }) => (cell === undefined ? [''] : undefined))
    .map((row) => `${row.places.join(', ')}${row.starts === 'all' ? '' : ` (${startsText(row.starts)})`}`)
    .join('; ');
};

const faultRows = (entries: readonly Entry[]): string =>
  table(
    ['Fault', 'What Microsoft, or something on the way, does', 'Does not occur at'],
    importFaults.map((name) => [`\`${name}\``, faultTable[name].description, absenceOf(entries, name)]),
  );

const sentences = (entries: readonly Entry[]): string => {
  const faults = new Map<string, Set<string>>();
  for (const { code, message, remedy, fault } of outcomesOf(entries)) {
    if (code === '') continue;
    const key = JSON.stringify([code, settled(message), settled(remedy)]);
    faults.set(key, (faults.get(key) ?? new Set()).add(`\`${fault}\``));
  }
  const rows = [...faults].map(([key, names]): string[] => {
    const [code, message, remedy]: string[] = JSON.parse(key);
    return [`\`${code ?? ''}\``, message ?? '', remedy ?? '', [...names].join(', ')];
  });
  return table(
    ['Code', 'Message', 'Remedy', 'Faults'],
    rows.sort((a, b) => (a.join() < b.join() ? -1 : 1)),
  );
};

const minutes = (milliseconds: number): number => milliseconds / 60_000;

const summary = (entries: readonly Entry[]): readonly string[] => {
  const struck = entries.filter(({ cell }) => cell !== undefined).length;
  const { attempts, totalMs, timeoutMs, backoffMs, maxBackoffMs } = defaultGraphLimits;
  return [
    '# Reliability',
    '',
    'What an import comes to when Microsoft, or something between Microsoft and this server, fails it: every fault of the',
    'simulator at every place of an import, made by running it.',
    '',
    '## What is guaranteed',
    '',
    '- **All or nothing.** An import publishes all it read, in one transaction, or changes not one row. There is no fault',
    '  below that leaves a part: *all* means that licences, seats, assignments and facts of persons equal the tenant’s own',
    '  record, *nothing* that every row of the catalogue and of the portal’s SKUs is what it was.',
    '- **The delta link belongs to the data.** It is written in the transaction that publishes what it follows; an import',
    '  that fails or is held keeps the former one, so that the next import misses no change. Where changes that were',
    '  published do not fit Microsoft’s own figures, the link is dropped and everybody is listed in the same run; should',
    '  that listing fail, the changes stay, whole, and the next run lists everybody.',
    '- **One portal’s failure stops no other.** It is a notice of that portal, with code and remedy.',
    '- **The next import mends.** After each fault below an import without it succeeded and left everything as at Microsoft.',
    '- **A short failure is waited out.** A request that fails (5xx, broken connection, no answer within',
    `  ${timeoutMs / 1000} seconds) is sent up to ${attempts} times, after ${backoffMs / 1000}, 2, 4 … at most`,
    `  ${maxBackoffMs / 1000} seconds; a throttled one as often as Microsoft asks to wait, each wait in full, for`,
    `  ${minutes(totalMs)} minutes in all. A success that cannot be read is asked for three times. A token is asked for four`,
    '  times within 5 minutes. A listing whose place Microsoft forgot begins again up to three times; a delta link that',
    '  Microsoft refuses is replaced by a full listing in the same run.',
    '- **What cannot get better is not repeated**: a missing permission, a link to a foreign host, a page of a proxy with',
    '  403, a refused credential.',
    '',
    '## What nobody can know',
    '',
    '- A listing that ends early looks complete. It is noticed by Microsoft’s own count of assigned units and of users, and',
    '  where listing and count differ too little to be sure, by asking for the persons who are missing. A *first* import',
    '  knows nobody to ask for: one that ends at most two users early, or 0.2 % of a large tenant, is published, and the',
    '  next full listing brings them.',
    '- A list of changes that ends early is noticed where it held back licences, again by the assigned units. Where it held',
    '  back facts of persons only, the next full listing brings them, within a day.',
    '- National clouds do not tell how many units are locked out: they count as 0.',
    '',
    '## How this is made',
    '',
    'A tenant of 60 users in three pages, small pages of changes, and a clock set by hand. Each fault strikes at one place,',
    'once and lasting, in a *first import*, in a *full listing* over existing data, and when the *changes* since the last',
    'import are read; over existing data, persons, licences, facts and seats have changed at Microsoft beforehand, so that',
    '*nothing* is a claim. *All* imports are those that come by the place: pages of users are no matter of changes. A fault does not occur at a place where the simulator counts that it never struck there. The',
    'batch of a first import and of a full listing asks for names of groups, which never decide an import.',
    '',
    `\`test/src/soak/reliability.soak.ts\` tries all ${entries.length} combinations, of which ${struck} occur, and writes`,
    'this page; `test/src/reliability` repeats one cell of each fault with every test run, and fails for a fault that',
    'is not on this page, or a code that is not in [errors.md](errors.md), where the German texts are.',
  ];
};

export const documentOf = (entries: readonly Entry[]): string =>
  [
    ...summary(entries),
    '',
    '## Outcomes',
    '',
    outcomeTable(entries),
    '',
    '## What the administrator reads',
    '',
    'Ids, times and numbers of assignments are left out as …. Notices without an error are in [errors.md](errors.md).',
    '',
    sentences(entries),
    '',
    '## The faults',
    '',
    faultRows(entries),
    '',
  ].join('\n');
