import type { Clock, Language } from '@itsm-m365/plugin-api';
import type { RunDetail, ServerTasks } from '@itsm-m365/server-tasks';

const everyMs = 250;

/** One line for what is going on: phase and figures of every item at work. */
export const progressLine = (runs: readonly RunDetail[], language: Language): string =>
  runs
    .flatMap((run) => run.items)
    .filter((item) => item.state === 'running' && item.progress !== null && item.child === null)
    .map(({ subject, progress }) => {
      if (progress === null) return '';
      const figure = progress.total === undefined ? `${progress.done}` : `${progress.done}/${progress.total}`;
      return `${subject?.name === undefined ? '' : `${subject.name}: `}${progress.phase[language]} ${figure}`;
    })
    .join('  |  ');

/**
 * Shows a run's progress on a terminal until it has ended: one line that is rewritten where the output is a terminal,
 * else a line for each change of phase.
 */
export const showProgress = async (
  tasks: ServerTasks,
  runId: string,
  options: {
    readonly language: Language;
    readonly clock: Clock;
    readonly output: NodeJS.WriteStream;
    readonly signal: AbortSignal;
  },
): Promise<RunDetail> => {
  const { language, clock, output, signal } = options;
  const ended = tasks.wait(runId);
  let over = false;
  const finished = ended.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  let last = '';
  while (!over) {
    const run = await tasks.runs.get(runId);
    const children = run.items.flatMap((item) => (item.child === null ? [] : [item.child]));
    const line = progressLine([run, ...(await Promise.all(children.map((id) => tasks.runs.get(id))))], language);
    if (output.isTTY) output.write(`\r\u001b[2K${line.slice(0, Math.max(20, output.columns - 1))}`);
    else if (line !== '' && line.replace(/[\d/]+/g, '') !== last.replace(/[\d/]+/g, '')) output.write(`${line}\n`);
    last = line;
    await Promise.race([finished, clock.sleep(everyMs, signal).catch(() => finished)]);
  }
  if (output.isTTY) output.write('\r\u001b[2K');
  return ended;
};
