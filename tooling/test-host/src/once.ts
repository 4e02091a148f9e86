import { inspect, parseArgs } from 'node:util';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from './start.ts';

// A process for tests that look at a process: its memory, its end by kill -9. Sets up a portal, runs one task, says as one
// line of JSON what came out. On standard error it says where it is: `migrating`, `started`, and each phase of the task.
// `DATABASE_CONNECTION` holds a connection as JSON; without it the tables are in a SQLite file of the folder.

interface ComplianceRow {
  readonly sku: string;
  readonly status: string;
  readonly consumers: number | null;
}

export interface OnceReport {
  readonly state: string;
  /** States of the run and its parts, and codes of what failed. */
  readonly outcome: readonly string[];
  /** How a run of an earlier process ended that this one went on with; empty: there was none. */
  readonly takenUp: readonly string[];
  readonly portalUsers: number;
  /** Users that the import of this run read: few of them where it read changes only. */
  readonly usersRead: number;
  readonly products: readonly ComplianceRow[];
  readonly peakMegabytes: number;
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    simulator: { type: 'string', default: '' },
    tenant: { type: 'string', default: '' },
    client: { type: 'string', default: '' },
    secret: { type: 'string', default: '' },
    'guard-percent': { type: 'string', default: '10' },
    task: { type: 'string', default: 'compliance-engine.recalculate-completely' },
    /** SKUs with commas between; another list than before makes the next import a full one. */
    exclusions: { type: 'string', default: '' },
    /** Where titles of SKUs are read from; Microsoft's address without it. */
    'sku-file': { type: 'string', default: '' },
  },
});

const section = '/settings/m365-import.portals/items';

const outcomeOf = async (host: TestHost, run: RunDetail): Promise<readonly string[]> => {
  const parts = run.items.flatMap(({ child }) => (child === null ? [] : [host.tasks.runs.get(child)]));
  return [run, ...(await Promise.all(parts))].flatMap(({ state, items, notices }) => [
    state,
    ...items.map((item) => item.state),
    ...notices.filter(({ notice }) => notice.severity === 'error').map(({ notice }) => notice.code),
  ]);
};

interface Item {
  readonly id: string;
  readonly version: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Writes each phase as soon as it begins. */
const tellPhases = (host: TestHost): void => {
  const told = new Set<string>();
  host.tasks.core.changes.listen((id) => {
    host.tasks.runs.get(id).then(
      ({ items }) => {
        for (const { progress } of items) {
          const line = progress === null ? '' : `phase ${id} ${progress.phase.en}`;
          if (line === '' || told.has(line)) continue;
          told.add(line);
          process.stderr.write(`${line}\n`);
        }
      },
      () => undefined,
    );
  });
};

const connectionGiven = (): DatabaseConnection | undefined => {
  const text = process.env.DATABASE_CONNECTION;
  return text === undefined ? undefined : (JSON.parse(text) as DatabaseConnection);
};

const main = async (): Promise<void> => {
  const connection = connectionGiven();
  process.stderr.write('migrating\n');
  const host = await startTestHost({
    folder: values.folder,
    simulatorUrl: values.simulator,
    ...(connection === undefined
      ? {}
      : { connection, core: { timing: { heartbeatMs: 300, leaseMs: 2000, tickMs: 300 } } }),
  });
  // A server does not know that the process before is dead: it is found out, look by look.
  const ticking = connection === undefined ? undefined : setInterval(() => void host.tick(), 300);
  const answer = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, body: said } = await host.call(method, path, body === undefined ? {} : { body });
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(said)}`);
    return said as T;
  };
  const exclusions = values.exclusions.split(',').filter(Boolean);
  const [present] = (await answer<{ items: readonly Item[] }>('GET', section)).items;
  if (present === undefined) {
    const credential = { type: 'secret', value: values.secret, validUntil: '2099-12-31' };
    await answer('POST', section, {
      value: {
        name: 'Portal',
        description: '',
        active: true,
        guardMaxSharePercent: Number(values['guard-percent']),
        guardMinCount: 20,
        fullListingHours: 24,
        cloud: 'global',
        tenantId: values.tenant,
        clientId: values.client,
        credential,
        exclusions,
      },
    });
  } else if (JSON.stringify(present.value.exclusions) !== JSON.stringify(exclusions)) {
    const { id, version, value } = present;
    await answer('PUT', `${section}/${id}`, { value: { ...value, exclusions }, ifVersion: version });
  }
  if (values['sku-file'] !== '') {
    const source = '/settings/licence-catalog.sku-source/value';
    const { version } = await answer<Item>('GET', source);
    await answer('PUT', source, { value: { source: 'file', file: values['sku-file'] }, ifVersion: version });
  }
  const { task } = values;
  tellPhases(host);
  const first = await host.tasks.start(task);
  process.stderr.write('started\n');
  let ended = await host.tasks.wait(first.run.id);
  const takenUp = first.started ? [] : await outcomeOf(host, ended);
  // A run that was taken up from an earlier process may have given up; only a new one says whether all is well.
  if (!first.started) ended = await host.tasks.wait((await host.tasks.start(task)).run.id);
  const parts = ended.items.flatMap(({ child }) => (child === null ? [] : [host.tasks.runs.get(child)]));
  const counts = [ended, ...(await Promise.all(parts))].map((run) => run.counts.users ?? 0);
  const portals = await answer<{ items: readonly { users: number }[] }>('GET', '/m365-import/portals');
  const { items } = await answer<{ items: readonly ComplianceRow[] }>('GET', '/compliance-engine/compliance?limit=500');
  // The stack of an error without a code stands in the log only.
  for (const { level, fields, message } of host.log)
    if (level === 'error') process.stderr.write(`${message} ${inspect(fields, { depth: 4 })}\n`);
  const report: OnceReport = {
    state: ended.state,
    outcome: await outcomeOf(host, ended),
    takenUp,
    portalUsers: portals.items[0]?.users ?? 0,
    usersRead: Math.max(...counts),
    products: items.map(({ sku, status, consumers }) => ({ sku, status, consumers })),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  clearInterval(ticking);
  await host.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
};

await main();
