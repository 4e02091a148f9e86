import { setTimeout as wait } from 'node:timers/promises';
import { type MemoryOverTime, memoryOverTime } from './measurement.ts';

const turnEveryMs = 5;
const memoryEveryMs = 250;

/** The longest time between two turns of the event loop, and to the end where the loop does not turn before it. */
export class PauseMeter {
  longestMs = 0;
  #last: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  turn(): void {
    const now = this.#now();
    // The timer itself comes that often; the rest is what it was kept from.
    this.longestMs = Math.max(this.longestMs, now - this.#last - turnEveryMs);
    this.#last = now;
  }
}

/** Told by the work what it is at, so that pauses can be told apart. */
export interface Watch {
  publicationBegins(): void;
  publicationEnds(): void;
}

export interface Watched {
  readonly pauseMs: number;
  readonly publicationPauseMs?: number;
  readonly memory: MemoryOverTime;
}

/** Looks at this process from inside: turns of its event loop, and its resident memory. */
export const watchProcess = (): Watch & { stop(): Promise<Watched> } => {
  const now = (): number => performance.now();
  const whole = new PauseMeter(now);
  let publication: PauseMeter | undefined;
  let publicationPauseMs: number | undefined;
  const samples: number[] = [process.memoryUsage.rss()];
  const turning = setInterval(() => {
    whole.turn();
    publication?.turn();
  }, turnEveryMs);
  const sampling = setInterval(() => samples.push(process.memoryUsage.rss()), memoryEveryMs);
  const publicationEnds = (): void => {
    if (publication === undefined) return;
    publication.turn();
    publicationPauseMs = Math.max(publicationPauseMs ?? 0, publication.longestMs);
    publication = undefined;
  };
  return {
    publicationBegins() {
      publication ??= new PauseMeter(now);
    },
    publicationEnds,
    async stop() {
      publicationEnds();
      // A pause may have been the last that the work did.
      await wait(turnEveryMs);
      whole.turn();
      clearInterval(turning);
      clearInterval(sampling);
      samples.push(process.memoryUsage.rss());
      return {
        pauseMs: whole.longestMs,
        ...(publicationPauseMs === undefined ? {} : { publicationPauseMs }),
        memory: memoryOverTime(samples, memoryEveryMs),
      };
    },
  };
};
