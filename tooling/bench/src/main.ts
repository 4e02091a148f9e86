import { writeFileSync } from 'node:fs';
import { help, readOptions } from './options.ts';
import { machineNow, printed, reportOf } from './report.ts';
import { runBench } from './run.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const run = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  const machine = machineNow();
  const report = reportOf(await runBench(options, say), options, machine);
  process.stdout.write(`\n${printed(report)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
};

run().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
