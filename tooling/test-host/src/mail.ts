import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Clock, OutboundTcp, Tickets } from '@itsm-m365/plugin-api';
import { machineClock } from '@itsm-m365/server-tasks';
import { skewWallClock } from './skew.ts';
import { startTestHost } from './start.ts';

// A process for tests that kill it: runs tasks over the mail accounts that its folder knows, each once, and ends. What is
// handed over it writes to `tickets.jsonl` of the folder, and confirms once that is on the disk, as a help desk would.
// Says on standard error where it is: `started` before the first task, `asking` before each request to Microsoft, and
// `done` after the last task.

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    simulator: { type: 'string', default: '' },
    /** Ports of this machine by `host:port`, as JSON. */
    servers: { type: 'string', default: '{}' },
    task: { type: 'string', multiple: true, default: ['mail-oauth.fetch', 'mail-oauth.send'] },
    /** How far its wall clock is ahead of the machine's. */
    'clock-skew-seconds': { type: 'string', default: '0' },
    /**
     * How many times as fast what is waited for passes: at 60 a lease of a minute is over in a second. Time limits of
     * mail servers shrink as well.
     */
    'clock-speed': { type: 'string', default: '1' },
  },
});

skewWallClock(Number(values['clock-skew-seconds']));
const speed = Number(values['clock-speed']);
const clock: Clock = {
  now: machineClock.now,
  monotonic: () => machineClock.monotonic() * speed,
  sleep: (milliseconds, signal) => machineClock.sleep(milliseconds / speed, signal),
};

const ports: Readonly<Record<string, number>> = JSON.parse(values.servers);

const tcp: OutboundTcp = {
  async route(host, port) {
    const local = ports[`${host}:${port}`];
    if (local === undefined) throw Object.assign(new Error(`no way to ${host}:${port}`), { code: 'ENOTFOUND' });
    return [{ address: '127.0.0.1', port: local }];
  },
};

const microsoft = simulatorDispatcher(values.simulator);
const http = microsoft.compose((dispatch) => (options, handler) => {
  process.stderr.write('asking\n');
  return dispatch(options, handler);
});

const file = openSync(join(values.folder, 'tickets.jsonl'), 'a');
const tickets: Tickets = {
  async receive({ id, attempt, subject }) {
    writeSync(file, `${JSON.stringify({ id, attempt, subject })}\n`);
    fsyncSync(file);
  },
};

const host = await startTestHost({ folder: values.folder, http, tcp, tickets, clock });
process.stderr.write('started\n');
for (const task of values.task) {
  const first = await host.tasks.start(task);
  await host.tasks.wait(first.run.id);
  // A run that was taken up from an earlier process may have ended before what came since.
  if (!first.started) await host.tasks.wait((await host.tasks.start(task)).run.id);
}
process.stderr.write('done\n');
await host.close();
await microsoft.close();
closeSync(file);
