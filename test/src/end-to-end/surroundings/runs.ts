import type { RunDetail } from '@itsm-m365/server-tasks';
import type { Client } from './client.ts';

export const tasks = {
  import: 'm365-import.import-licences',
  recalculate: 'compliance-engine.recalculate',
  completely: 'compliance-engine.recalculate-completely',
} as const;

export const start = (client: Client, task: string) =>
  client.post<{ readonly started: boolean; readonly run: RunDetail }>(`/tasks/${task}/start`, undefined);

/** Polls, as a client without server-sent events does; bounded. */
export const ended = async (client: Client, run: string, seconds = 60): Promise<RunDetail> => {
  const latest = performance.now() + seconds * 1000;
  for (;;) {
    const detail = await client.get<RunDetail>(`/runs/${run}`);
    if (detail.endedAt !== null) return detail;
    if (performance.now() > latest) throw new Error(`the run ${run} is still ${detail.state}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
};

export const runToEnd = async (client: Client, task: string): Promise<RunDetail> =>
  ended(client, (await start(client, task)).run.id);

/** No run of the task is under way: what follows an import has ended too. */
export const settled = async (client: Client, task: string): Promise<void> => {
  for (const state of ['queued', 'running']) {
    const page = await client.get<{ items: readonly RunDetail[] }>(`/runs?task=${task}&state=${state}`);
    for (const run of page.items) await ended(client, run.id);
  }
};

export interface Told {
  readonly event: string;
  readonly run: RunDetail;
}

/** Reads a run's server-sent events to their end. */
export const follow = async (url: string, headers: Readonly<Record<string, string>>): Promise<readonly Told[]> => {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) });
  if (answer.status !== 200) throw new Error(`the stream answered ${answer.status}: ${await answer.text()}`);
  return (await answer.text())
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      run: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') as RunDetail,
    }));
};
