import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databaseErrors } from './errors.ts';
import { Queue } from './queue.ts';
import { backoff, retry } from './retry.ts';
import { testClock } from './testing/index.ts';

const busy = databaseErrors.DATABASE_BUSY({ reason: 'test' });

describe('trying again', () => {
  it('waits longer each time, never more than 3 s, and never for nothing', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, fraction) => {
        const wait = backoff(attempt, { fraction: () => fraction });
        expect(wait).toBeGreaterThanOrEqual(25);
        expect(wait).toBeLessThanOrEqual(3000);
        expect(backoff(attempt + 1, { fraction: () => fraction })).toBeGreaterThanOrEqual(wait);
      }),
    );
  });

  it('ends while it waits when the signal is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    const clock = testClock();
    let tries = 0;
    const running = retry(
      async () => {
        tries += 1;
        controller.abort(reason);
        throw busy;
      },
      { retries: 5, clock, random: { fraction: () => 0 }, signal: controller.signal },
    );
    await expect(running).rejects.toBe(reason);
    expect(tries).toBe(1);
    expect(clock.slept).toEqual([]);
  });

  it('goes by the reason of the failure and throws the error of the work', async () => {
    const clock = testClock();
    const domain = new Error('domain');
    let tries = 0;
    const running = retry(
      async (failed) => {
        tries += 1;
        failed({ error: domain, reason: busy });
        throw domain;
      },
      { retries: 2, clock, random: { fraction: () => 0.5 }, signal: undefined },
    );
    await expect(running).rejects.toBe(domain);
    expect(tries).toBe(3);
    expect(clock.slept).toEqual([50, 100]);
  });
});

describe('a queue', () => {
  it('lets one in at a time, in the order of arrival, whoever leaves in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (leaves) => {
        const queue = new Queue();
        const seen: number[] = [];
        let inside = 0;
        const hold = await queue.enter();
        const visits = leaves.map(async (leave, index) => {
          const controller = new AbortController();
          const turn = queue.enter(controller.signal);
          if (leave) controller.abort(new Error('left'));
          const exit = await turn.catch(() => undefined);
          if (exit === undefined) return;
          inside += 1;
          expect(inside).toBe(1);
          seen.push(index);
          await Promise.resolve();
          inside -= 1;
          exit();
          exit();
        });
        hold();
        await Promise.all(visits);
        expect(seen).toEqual(leaves.flatMap((leave, index) => (leave ? [] : [index])));
        (await queue.enter())();
      }),
    );
  });
});
