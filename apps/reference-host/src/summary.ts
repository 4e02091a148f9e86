import { type ComplianceItem, listCompliance, reasons, statuses } from '@itsm-m365/compliance-engine';
import type { Language, Notice, Text } from '@itsm-m365/plugin-api';
import type { RunDetail, ServerTasks } from '@itsm-m365/server-tasks';
import { printTable } from './table.ts';
import { say, stateName } from './words.ts';

const shownNotices = 12;

/** Exit codes of `--once`. */
export const exitCodes: Readonly<Record<string, number>> = { succeeded: 0, failed: 1, partial: 2, cancelled: 130 };

const titleOf = (
  entries: readonly { readonly id: string; readonly title: Text }[],
  id: string,
  language: Language,
): string => entries.find((entry) => entry.id === id)?.title[language] ?? id;

const statusText = (item: ComplianceItem, language: Language): string => {
  const status = titleOf(statuses, item.status, language);
  return item.reason === '' ? status : `${status}: ${titleOf(reasons, item.reason, language)}`;
};

const allItems = async (tasks: ServerTasks): Promise<readonly ComplianceItem[]> => {
  const items: ComplianceItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await tasks.db.read((trx) =>
      listCompliance(trx, {
        kind: 'product',
        sort: 'name',
        descending: false,
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
};

const noticeLines = (notices: readonly Notice[], language: Language): string[] => {
  const lines = notices
    .slice(0, shownNotices)
    .flatMap(({ severity, code, message, remedy, subject }) => [
      `  ${severity === 'error' ? '✗' : severity === 'warning' ? '!' : '·'} ${subject?.name === undefined || message[language].includes(subject.name) ? '' : `${subject.name}: `}${message[language]} (${code})`,
      ...(remedy === undefined ? [] : [`    ${remedy[language]}`]),
    ]);
  const rest = notices.length - shownNotices;
  return rest > 0 ? [...lines, `  ${say(language, 'more', { count: rest })}`] : lines;
};

/** The runs that a sequence started, and the run itself: their counts and notices together. */
const withChildren = async (tasks: ServerTasks, run: RunDetail): Promise<readonly RunDetail[]> => {
  const children = run.items.flatMap((item) => (item.child === null ? [] : [item.child]));
  return [run, ...(await Promise.all(children.map((id) => tasks.runs.get(id))))];
};

/** What the run found, as text for a terminal: products with seats and status, counts, notices. */
export const summarise = async (tasks: ServerTasks, run: RunDetail, language: Language): Promise<string> => {
  const items = await allItems(tasks);
  const runs = await withChildren(tasks, run);
  const number = (value: number | null): number | string => value ?? '–';
  const products = printTable<ComplianceItem>(
    [
      { title: say(language, 'product'), value: (item) => item.name },
      { title: say(language, 'sku'), value: (item) => item.partNumber },
      { title: say(language, 'enabled'), value: (item) => number(item.enabled) },
      { title: say(language, 'grace'), value: (item) => number(item.warning) },
      { title: say(language, 'available'), value: (item) => number(item.available) },
      { title: say(language, 'consumers'), value: (item) => number(item.consumers) },
      { title: say(language, 'balance'), value: (item) => number(item.balance) },
      { title: say(language, 'status'), value: (item) => statusText(item, language) },
    ],
    items,
  );
  const counts = Object.entries(run.counts).filter(([, value]) => value > 0);
  const countTable = printTable(
    [
      { title: say(language, 'item'), value: ([name]: [string, number]) => name },
      { title: say(language, 'count'), value: ([, value]: [string, number]) => value },
    ],
    counts,
  );
  const notices = runs.flatMap((one) => one.notices.map(({ notice }) => notice));
  const seconds = ((run.endedAt ?? run.createdAt) - (run.startedAt ?? run.createdAt)) / 1000;
  const portals = new Set(items.map((item) => item.portal)).size;
  return [
    products,
    '',
    say(language, 'products', { count: items.length, portals }),
    '',
    countTable,
    ...(notices.length === 0 ? [] : ['', say(language, 'notices'), ...noticeLines(notices, language)]),
    '',
    say(language, 'run', { state: stateName(language, run.state), seconds: seconds.toFixed(1) }),
  ].join('\n');
};
