import { Readable } from 'node:stream';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { changeOf } from '../runs/runs.ts';
import type { RunDetail } from '../runs/view.ts';
import { Raw } from './endpoint.ts';

const mostStreams = 50;
const commentMs = 15_000;
/** Who takes nothing for so long is gone, whatever the connection says, and must not keep a place from others. */
const takeMs = 60_000;
/** Changes are gathered for so long: a task may report progress thousands of times a second. A large run longer. */
const gatherMs = (size: number): number => (size < 65_536 ? 250 : 2_000);

export interface Streams {
  /** @throws TOO_MANY_STREAMS */
  open(runId: string, first: RunDetail, read: () => Promise<RunDetail>, signal: AbortSignal): Raw;
  /** Ends all: a server that closes would wait for them. */
  close(): void;
}

const event = (id: number, name: string, data: unknown): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Progress of a run as server-sent events. Progress is state, so that a client that comes back (`Last-Event-ID`) is sent
 * the state of now, as any other. The stream ends with the run, with an event `end`; a comment every 15 s keeps proxies
 * from closing it. Nothing is gathered for a client that does not read: the state waits, and after a minute the stream is
 * ended without an event.
 */
export const createStreams = (core: Core): Streams => {
  let open = 0;
  const closed = new AbortController();
  const { clock } = core.services;

  async function* lines(
    runId: string,
    first: RunDetail,
    read: () => Promise<RunDetail>,
    signal: AbortSignal,
    giveUp: () => void,
  ): AsyncGenerator<string> {
    const untilTaken = (): AbortController => {
      const taken = new AbortController();
      clock.sleep(takeMs, AbortSignal.any([taken.signal, signal])).then(giveUp, () => undefined);
      return taken;
    };
    let id = 1;
    let run = first;
    let sent = '';
    let quiet = clock.monotonic();
    while (!signal.aborted) {
      const state = JSON.stringify(run);
      const name = run.endedAt === null ? 'progress' : 'end';
      if (state !== sent) {
        const taken = untilTaken();
        yield event(id, name, run);
        taken.abort();
        id += 1;
        quiet = clock.monotonic();
      } else if (clock.monotonic() - quiet >= commentMs) {
        const taken = untilTaken();
        yield ': still here\n\n';
        taken.abort();
        quiet = clock.monotonic();
      }
      if (name === 'end') return;
      sent = state;
      const over = new AbortController();
      await changeOf(core, core.changes.next(runId, AbortSignal.any([over.signal, signal])), over);
      run = await read();
      // The end is not held back; anything else may gather.
      if (run.endedAt === null) await clock.sleep(gatherMs(state.length), signal).catch(() => undefined);
    }
  }

  return {
    open(runId, first, read, signal) {
      if (open >= mostStreams) throw taskErrors.TOO_MANY_STREAMS({ limit: mostStreams });
      open += 1;
      const over = AbortSignal.any([signal, closed.signal]);
      const giveUp = (): void => {
        stream.destroy();
      };
      const stream: Readable = Readable.from(lines(runId, first, read, over, giveUp), { objectMode: false });
      stream.once('close', () => {
        open -= 1;
      });
      return new Raw('text/event-stream; charset=utf-8', stream);
    },
    close: () => closed.abort(),
  };
};
