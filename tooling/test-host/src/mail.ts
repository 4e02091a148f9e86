import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OutboundTcp, Tickets } from '@itsm-m365/plugin-api';
import { startTestHost } from './start.ts';

// A process for tests that kill it: fetches and sends the mail of the accounts that its folder knows, once, and ends. What
// is handed over it writes to `tickets.jsonl` of the folder, and confirms once that is on the disk, as a help desk would.
// Says `started` on standard error before the first task, and `done` after the last.

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    simulator: { type: 'string', default: '' },
    /** Ports of this machine by `host:port`, as JSON. */
    servers: { type: 'string', default: '{}' },
  },
});

const ports: Readonly<Record<string, number>> = JSON.parse(values.servers);

const tcp: OutboundTcp = {
  async route(host, port) {
    const local = ports[`${host}:${port}`];
    if (local === undefined) throw Object.assign(new Error(`no way to ${host}:${port}`), { code: 'ENOTFOUND' });
    return [{ address: '127.0.0.1', port: local }];
  },
};

const file = openSync(join(values.folder, 'tickets.jsonl'), 'a');
const tickets: Tickets = {
  async receive({ id, attempt, subject }) {
    writeSync(file, `${JSON.stringify({ id, attempt, subject })}\n`);
    fsyncSync(file);
  },
};

const host = await startTestHost({ folder: values.folder, simulatorUrl: values.simulator, tcp, tickets });
process.stderr.write('started\n');
for (const task of ['mail-oauth.fetch', 'mail-oauth.send']) {
  const first = await host.tasks.start(task);
  await host.tasks.wait(first.run.id);
  // A run that was taken up from an earlier process may have ended before what came since.
  if (!first.started) await host.tasks.wait((await host.tasks.start(task)).run.id);
}
process.stderr.write('done\n');
await host.close();
closeSync(file);
