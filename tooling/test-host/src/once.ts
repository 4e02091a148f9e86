import { inspect, parseArgs } from 'node:util';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from './start.ts';

// A process for tests that look at a process: its memory, its end by kill -9. Sets up a portal, runs one task, says as one
// line of JSON what came out.

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

const main = async (): Promise<void> => {
  const host = await startTestHost({ folder: values.folder, simulatorUrl: values.simulator });
  const answer = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, body: said } = await host.call(method, path, body === undefined ? {} : { body });
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(said)}`);
    return said as T;
  };
  const present = await answer<{ items: readonly unknown[] }>('GET', section);
  if (present.items.length === 0) {
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
        exclusions: [],
      },
    });
  }
  const task = 'compliance-engine.recalculate-completely';
  const first = await host.tasks.start(task);
  process.stderr.write('started\n');
  let ended = await host.tasks.wait(first.run.id);
  const takenUp = first.started ? [] : await outcomeOf(host, ended);
  // A run that was taken up from an earlier process may have given up; only a new one says whether all is well.
  if (!first.started) ended = await host.tasks.wait((await host.tasks.start(task)).run.id);
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
    products: items.map(({ sku, status, consumers }) => ({ sku, status, consumers })),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  await host.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
};

await main();
