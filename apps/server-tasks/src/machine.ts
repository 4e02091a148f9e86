// The one file that asks the machine for time and randomness: everything else gets them passed in.
import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Randomness } from '@itsm-m365/plugin-api';

/** The longest that a timer of Node takes: with more it fires at once. */
const longest = 2 ** 31 - 1;

/** The machine's clock, for hosts that bring none. */
export const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    signal?.throwIfAborted();
    try {
      for (let left = milliseconds; left > 0; left -= longest)
        await wait(Math.min(left, longest), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The built-in timer rejects with an AbortError of its own: hand on the reason.
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};

/** The machine's randomness, for hosts that bring none. */
export const machineRandom: Randomness = {
  uuid: () => randomUUID(),
  key: () => randomInt(1, 2 ** 47) * 64 + randomInt(64),
  fraction: () => randomInt(2 ** 47) / 2 ** 47,
};

/** How this node shows in the list of nodes. */
export const machineName = (): string => `${hostname()}:${process.pid}`;
