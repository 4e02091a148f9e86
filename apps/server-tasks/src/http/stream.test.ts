import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunDetail } from '../runs/view.ts';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { until } from '../testing/clock.ts';
import { untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';
import type { Raw } from './endpoint.ts';
import { createStreams, type Streams } from './stream.ts';

let host: TestHost;
let tasks: ServerTasks;
let streams: Streams;

beforeEach(async () => {
  host = testHost();
  const long = sampleTask('long', ({ signal }) => untilAborted(signal));
  tasks = await createServerTasks(host, [samplePlugin([long])]);
  streams = createStreams(tasks.core);
});
afterEach(() => tasks.stop());

const streamOf = ({ content }: Raw): Readable => {
  if (content instanceof Readable) return content;
  throw new Error('no stream');
};

/** A run whose state changes each time it is read, and is larger than any buffer on the way. */
const growing = async () => {
  const { run } = await tasks.start('sample.long');
  const detail = await tasks.runs.get(run.id);
  const first = { ...detail, stoppedBy: 'x'.repeat(1_000_000) };
  let reads = 0;
  const read = async (): Promise<RunDetail> => {
    reads += 1;
    return { ...first, stoppedBy: first.stoppedBy + reads };
  };
  return { run, first, read, reads: () => reads };
};

it('gathers nothing for a client that does not read, and ends its stream after a minute', async () => {
  const { run, first, read, reads } = await growing();
  const { signal } = new AbortController();
  const stream = streamOf(streams.open(run.id, first, read, signal));
  // One piece is asked for, and never another.
  stream.read();
  await until(() => stream.readableLength > 1_000_000);
  await host.clock.advance(30_000);
  expect([stream.destroyed, reads()]).toEqual([false, 0]);
  expect(stream.readableLength).toBeLessThan(1_100_000);
  await host.clock.advance(31_000);
  expect(stream.destroyed).toBe(true);
});

it('leaves the stream of a client that reads open for as long as the run lasts', async () => {
  const { run, first, read, reads } = await growing();
  const stream = streamOf(streams.open(run.id, first, read, new AbortController().signal));
  stream.resume();
  for (let minute = 0; minute < 3; minute += 1) await host.clock.advance(60_000);
  expect(stream.destroyed).toBe(false);
  expect(reads()).toBeGreaterThan(3);
  streams.close();
});
