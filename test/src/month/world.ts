import { openDatabase } from '@itsm-m365/database';
import { type SimulatorTenant, simulatorDispatcher, startSimulator } from '@itsm-m365/microsoft-simulator';
import type { Instant } from '@itsm-m365/plugin-api';
import { watched } from '@itsm-m365/server-tasks/testing';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { vi } from 'vitest';
import { temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { type MonthClock, monthClock } from './clock.ts';
import { tenantOf } from './tenants.ts';
import { countingWire } from './wire.ts';

export const firstSecret = 'the-first-secret-of-the-month';

/** Product and simulator on one clock. */
export interface World {
  readonly clock: MonthClock;
  readonly host: TestHost;
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>['simulator'];
  tenant(number: number): SimulatorTenant;
  /** Lets the scheduler look once at an instant, and time go on until nothing is under way any more. */
  tick(at: Instant): Promise<void>;
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
/** Turns of the event loop, and milliseconds, in which nothing happened: whoever goes on then waits for the clock. */
const quietTurns = 25;
const quietMs = 15;

export const openWorld = async (start: Instant, days: number): Promise<World> => {
  // The library that signs assertions asks the machine for the time.
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  const clock = monthClock(start, (now) => vi.setSystemTime(now));
  const folder = temporaryFolder();
  const running = await startSimulator({
    seed: 31,
    clock,
    secret: firstSecret,
    tokenLifetimeSeconds: { minimum: 3600, maximum: 5400 },
    userPageSize: 25,
    deltaPageSize: 5,
    tenants: [0, 1, 2].map((number) => tenantOf(number, days)),
  });
  const way = simulatorDispatcher(running.url);
  const wire = countingWire(way);
  const connection = { dialect: 'sqlite', file: ':memory:' } as const;
  const opened = await openDatabase(connection, { clock });
  // Time must not go on in the middle of a transaction either: the next to wake might be a time limit.
  const { db: database, busy } = watched(opened);
  const host = await startTestHost({ folder: folder.path, clock, http: wire.http, connection, core: { database } });

  const seen = { upTo: 0, checked: 0, active: new Set<string>() };
  const isActive = (): boolean => {
    for (const { id, state } of host.changes.slice(seen.upTo)) {
      if (state === 'queued' || state === 'running') seen.active.add(id);
      else seen.active.delete(id);
    }
    seen.upTo = host.changes.length;
    return seen.active.size > 0;
  };
  /** A run that follows another is announced when it begins, not when it is due. */
  const isQueued = async (): Promise<boolean> => {
    for (const state of ['queued', 'running'] as const)
      if ((await host.tasks.runs.list({ state })).items.length > 0) return true;
    return false;
  };
  /** Waits for I/O; answers whether a run is still under way, which then waits for time to pass. */
  const quiet = async (): Promise<boolean> => {
    let since = performance.now();
    for (let turns = 0; ; turns += 1) {
      await turn();
      if (wire.underWay() > 0 || busy()) {
        turns = 0;
        since = performance.now();
      } else if (turns >= quietTurns) {
        if (!isActive() && (seen.checked === seen.upTo || !(await isQueued()))) {
          seen.checked = seen.upTo;
          return false;
        }
        if (performance.now() - since > quietMs) return true;
      }
    }
  };
  return {
    clock,
    host,
    simulator: running.simulator,
    tenant(number) {
      const tenant = running.simulator.tenants[number];
      if (tenant === undefined) throw new Error(`there is no tenant ${number}`);
      return tenant;
    },
    async tick(at) {
      clock.moveTo(at);
      // Once more for what became due meanwhile: our own scheduler looks every few seconds.
      for (let look = 0; look < 2; look += 1) {
        const before = host.changes.length;
        await host.tick();
        while (await quiet()) if (!clock.wakeNext()) throw new Error('a run waits for something other than time');
        if (host.changes.length === before) return;
      }
    },
    async call<T>(method: string, path: string, body?: unknown) {
      const answer = await host.call(method, path, body === undefined ? {} : { body });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as T;
    },
    async close() {
      await host.close();
      await opened.close();
      await way.destroy();
      await running.close();
      folder.remove();
      vi.useRealTimers();
    },
  };
};
