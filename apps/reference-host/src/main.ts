#!/usr/bin/env node
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import { isKnownError, type Language, systemActor } from '@itsm-m365/plugin-api';
import { allPlugins, createServerTasks, machineClock, publicAgent, type ServerTasks } from '@itsm-m365/server-tasks';
import pino from 'pino';
import { backUp } from './backup.ts';
import { type Configuration, helpText, languageOf, readConfiguration } from './configuration.ts';
import { openHost, type ReferenceHost } from './host.ts';
import { createOutbound } from './outbound.ts';
import { showProgress } from './progress.ts';
import { refuseUnfinished, restore } from './restore.ts';
import { rotateSecretsKey } from './rotate.ts';
import { buildServer, listen } from './server.ts';
import { exitCodes, summarise } from './summary.ts';
import { type DemonstrationTenant, preparePortal, startDemonstration } from './tenant.ts';
import { say } from './words.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const complain = (error: unknown, language: Language): void => {
  const lines = isKnownError(error)
    ? [`${error.text(language)} (${error.code})`, error.remedy(language)]
    : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  process.stderr.write(`${lines.join('\n')}\n`);
};

/** What has to be ended, newest first. */
const closers: (() => Promise<unknown>)[] = [];

const closeAll = async (): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => complain(error, 'en'));
};

const runOnce = async (tasks: ServerTasks, { language }: Configuration, signal: AbortSignal): Promise<number> => {
  print(say(language, 'importing'));
  const { run } = await tasks.start('compliance-engine.recalculate-completely', {
    actor: systemActor,
    trigger: 'manual',
  });
  const cancel = (): void => {
    process.stderr.write(`${say(language, 'stopping')}\n`);
    tasks.cancel(run.id, systemActor).catch((error: unknown) => complain(error, language));
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const ended = await showProgress(tasks, run.id, { language, clock: machineClock, output: process.stderr, signal });
  signal.removeEventListener('abort', cancel);
  print('');
  print(await summarise(tasks, ended, language));
  return exitCodes[ended.state] ?? 1;
};

const stayUp = async (
  tasks: ServerTasks,
  reference: ReferenceHost,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<void> => {
  const { language } = configuration;
  const app = await buildServer({ tasks, users: reference.users, configuration });
  closers.push(() => app.close());
  const url = await listen(app, configuration.listen);
  print('');
  print(say(language, 'listening', { url }));
  const first = await reference.users.prepareFirstPassword();
  if (first !== undefined) {
    print(say(language, 'firstPassword', { file: first.tokenFile }));
    print(`  curl -c cookies -H 'content-type: application/json' ${url}/auth/first-password \\`);
    print(
      `    -d "{\\"token\\":\\"$(cat ${first.tokenFile})\\",\\"name\\":\\"admin\\",\\"password\\":\\"<12 characters or more>\\"}"`,
    );
  }
  print(say(language, 'stop'));
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  print(say(language, 'stopping'));
};

const sayRestored = async (tasks: ServerTasks, language: Language): Promise<void> => {
  const { on, mode } = await tasks.restored.view();
  if (!on || mode === null) return;
  print(say(language, 'restored', { since: new Date(mode.enteredAt).toISOString(), why: mode.why[language] }));
};

const main = async (configuration: Configuration, signal: AbortSignal): Promise<number> => {
  const { language } = configuration;
  if (configuration.help) {
    print(helpText);
    return 0;
  }
  if (configuration.backup !== undefined) {
    const { folder, key } = await backUp(configuration, configuration.backup);
    print(say(language, 'backedUp', { folder }));
    print(say(language, 'keyApart', { key }));
    return 0;
  }
  if (configuration.restore !== undefined) {
    const { made, aside, missingKeys, place } = await restore(configuration, configuration.restore);
    print(say(language, 'putBack', { made, aside }));
    if (missingKeys.length > 0) print(say(language, 'keysMissing', { keys: missingKeys.join(', '), place }));
    return 0;
  }
  await refuseUnfinished(configuration);
  const logger = pino({ level: configuration.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  if (configuration.rotateSecretsKey) {
    print(say(language, 'resealed', await rotateSecretsKey(configuration, logger)));
    return 0;
  }
  let demonstration: DemonstrationTenant | undefined;
  // A script is for a file: nothing else may stand in it.
  if (configuration.simulator.enabled && configuration.migrate !== 'script') {
    demonstration = await startDemonstration(configuration);
    const { running } = demonstration;
    closers.push(() => running.close());
    print(say(language, 'simulator', { users: configuration.simulator.users }));
  }
  const simulator = demonstration === undefined ? undefined : simulatorDispatcher(demonstration.running.url);
  const http = createOutbound({
    configuration,
    env: process.env,
    simulator,
    guarded: (allowedHosts) => publicAgent({ allowedHosts }),
  });
  closers.push(() => http.close());
  const reference = await openHost(configuration, { logger, http });
  closers.push(() => reference.close());
  // With --once this process starts one run and ends; the schedule is for a host that stays.
  const tasks = await createServerTasks(reference.host, allPlugins, {
    schedules: !configuration.once,
    migrate: configuration.migrate,
    ...(reference.restored === undefined ? {} : { restored: reference.restored }),
    // Before a run that was killed goes on: the secret of the simulated tenant is another one at each start.
    async prepare(started) {
      for (const { error } of started.plugins.failed) complain(error, language);
      await preparePortal(started, configuration, demonstration);
    },
  });
  closers.push(() => tasks.stop());
  if (configuration.migrate === 'script') {
    print([reference.script, tasks.script].join('\n'));
    return 0;
  }
  await sayRestored(tasks, language);
  const code = await runOnce(tasks, configuration, signal);
  if (configuration.once || signal.aborted) return code;
  await stayUp(tasks, reference, configuration, signal);
  return 0;
};

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));

const language = languageOf(process.argv.slice(2), process.env);
try {
  const configuration = readConfiguration(process.argv.slice(2), process.env);
  process.exitCode = await main(configuration, stop.signal);
} catch (error) {
  complain(error, language);
  process.exitCode = 1;
} finally {
  await closeAll();
}
