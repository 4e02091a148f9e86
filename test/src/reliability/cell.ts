import type { PortalResult } from '@itsm-m365/m365-import/testing';
import type { FaultName } from '@itsm-m365/microsoft-simulator';
import { vi } from 'vitest';
import type { Bench } from './bench.ts';
import { type Place, type Span, type Start, spans } from './places.ts';
import { settingOf } from './settings.ts';

/** What an import came to while a fault was on. */
export interface Outcome {
  readonly state: PortalResult['state'];
  /** `all`: our data are Microsoft's; `nothing`: not one row differs from before; `part`: neither. */
  readonly changed: 'all' | 'nothing' | 'part';
  /** Requests that were sent again. */
  readonly retries: number;
  /** Of the error, or of the notice of an import that is held; else `''`. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Codes of what the report says besides, and would not say without the fault. */
  readonly notices: readonly string[];
  /** The code that the overview of the portals shows afterwards. */
  readonly overview: string;
}

/** Undefined: the fault never struck. */
export type Cell = Readonly<Record<Span, Outcome>> | undefined;

/** Lets the time pass that a client waits for an answer which never comes. */
const waitOut = async <T>(run: () => Promise<T>, hanging: () => number): Promise<T> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let ended = false;
    const running = run().finally(() => {
      ended = true;
    });
    running.catch(() => undefined);
    for (let passed = 0; !ended; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (hanging() === passed) continue;
      passed = hanging();
      vi.advanceTimersByTime(100_000);
    }
    return await running;
  } finally {
    vi.useRealTimers();
  }
};

const shown = ({ state, error, notices, counts }: PortalResult, ordinary: ReadonlySet<string>) => {
  const held = notices.find(({ code }) => code.startsWith('IMPORT_HELD'));
  const others = notices.map(({ code }) => code).filter((code) => code !== held?.code && !ordinary.has(code));
  return {
    state,
    retries: counts.retries ?? 0,
    code: error?.code ?? held?.code ?? '',
    message: error?.text('en') ?? held?.message.en ?? '',
    remedy: error?.remedy('en') ?? held?.remedy?.en ?? '',
    notices: [...new Set(others)].sort(),
  };
};

const strikeFor = async (
  bench: Bench,
  name: FaultName,
  place: Place,
  start: Start,
  span: Span,
): Promise<Outcome | undefined> => {
  const { faults, statistics } = bench.simulator;
  const { parameters, companions, certificate, withoutLockedOut, before } = settingOf(name);
  await bench.prepare(start);
  before?.(bench.tenant);
  if (certificate) {
    await bench.useCertificate(true);
    // msal-node dates its assertions by the machine's clock.
    vi.useFakeTimers({ toFake: ['Date'], now: bench.clock.now() });
  }
  const untouched = await bench.dump();
  statistics.reset();
  for (const [companion, at] of companions) faults.enable(companion, at);
  const fault = faults.enable(name, { ...parameters, ...place.at, ...(span === 'once' ? { times: 1 } : {}) });
  try {
    const run = () => bench.harness.runOne();
    const result = await (name === 'hang' ? waitOut(run, () => fault.struck) : run());
    if (fault.struck === 0) return undefined;
    const seen = shown(result, bench.ordinary);
    const changed = (await bench.isTrue(withoutLockedOut))
      ? 'all'
      : (await bench.dump()) === untouched
        ? 'nothing'
        : 'part';
    // Retries of the token are not among those of Graph.
    const retries = Math.max(seen.retries, statistics.report().requests.token - 1);
    return { ...seen, changed, retries, overview: await bench.failedCode() };
  } finally {
    vi.useRealTimers();
    faults.clear();
    bench.simulator.pardon();
    if (certificate) await bench.useCertificate(false);
  }
};

/** Runs imports from a start with a fault at a place, which lasts, and which passes. Throws what is no known error. */
export const strike = async (bench: Bench, name: FaultName, place: Place, start: Start): Promise<Cell> => {
  const outcomes: Partial<Record<Span, Outcome>> = {};
  for (const { id: span } of spans) {
    const outcome = await strikeFor(bench, name, place, start, span).catch((error: unknown) => {
      throw new Error(`${name}, ${place.title}, ${start}, ${span}`, { cause: error });
    });
    if (outcome === undefined) break;
    outcomes[span] = outcome;
  }
  const { lasting, once } = outcomes;
  if (lasting === undefined) return undefined;
  if (once === undefined) throw new Error(`${name}, ${place.title}, ${start}: lasting it struck, once it did not`);
  return { lasting, once };
};
