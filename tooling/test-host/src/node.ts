import { inspect, parseArgs } from 'node:util';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Logger } from '@itsm-m365/plugin-api';
import { buildServer, listen, openHost, readConfiguration } from '@itsm-m365/reference-host';
import { allPlugins, createServerTasks } from '@itsm-m365/server-tasks';
import { skewWallClock } from './skew.ts';

// The reference host as one of several nodes, for tests that look at processes: put together as its own command does it,
// but with Microsoft at the simulator's address, with times that a test can wait for, and with a clock that may be wrong.
// `DATABASE_URL` and `SECRETS_KEY` as for the command. The log goes to standard error, one line of JSON each.

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    folder: { type: 'string', default: '' },
    simulator: { type: 'string', default: '' },
    'heartbeat-ms': { type: 'string', default: '5000' },
    'lease-ms': { type: 'string', default: '60000' },
    'clock-skew-seconds': { type: 'string', default: '0' },
  },
});

const plain = (_: string, value: unknown): unknown => (value instanceof Error ? inspect(value, { depth: 4 }) : value);

const logTo = (output: NodeJS.WriteStream, bound: object): Logger => {
  const at = (level: string) => (fields: object, message?: string) => {
    output.write(`${JSON.stringify({ level, ...bound, ...fields, message }, plain)}\n`);
  };
  return {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logTo(output, { ...bound, ...fields }),
  };
};

const main = async (): Promise<void> => {
  skewWallClock(Number(values['clock-skew-seconds']));
  const configuration = readConfiguration(['--data', values.folder, '--port', '0'], process.env);
  const http = simulatorDispatcher(values.simulator);
  const reference = await openHost(configuration, { logger: logTo(process.stderr, { node: values.name }), http });
  const heartbeatMs = Number(values['heartbeat-ms']);
  const tasks = await createServerTasks(reference.host, allPlugins, {
    nodeName: values.name,
    timing: { heartbeatMs, tickMs: heartbeatMs, leaseMs: Number(values['lease-ms']), graceMs: 5_000, writeMs: 200 },
  });
  const app = await buildServer({ tasks, users: reference.users, configuration });
  const url = await listen(app, configuration.listen);
  const first = await reference.users.prepareFirstPassword();
  process.stdout.write(`${JSON.stringify({ url, tokenFile: first?.tokenFile })}\n`);
  await new Promise((resolve) => process.once('SIGTERM', resolve));
  await app.close();
  await tasks.stop();
  await reference.close();
  await http.close();
};

await main();
