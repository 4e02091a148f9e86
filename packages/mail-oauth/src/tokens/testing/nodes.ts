import type { Secrets } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import type { StageServices } from '../../sign-in/testing/stage.ts';

export class Killed extends Error {}

/** Passes a dispatcher's answers on, through `around`. */
const dispatcherAround = (
  http: Dispatcher,
  around: (
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ) => { readonly handler: Dispatcher.DispatchHandler } | { readonly refused: Error },
): Dispatcher =>
  new Proxy(http, {
    get: (target, name) => {
      if (name !== 'dispatch') return Reflect.get(target, name, target);
      return (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
        const next = around(options, handler);
        if ('handler' in next) return target.dispatch(options, next.handler);
        queueMicrotask(() => handler.onResponseError?.(undefined as never, next.refused));
        return true;
      };
    },
  });

/** A handler that hears of the end only when `ready` says so; another end where it throws. */
const endingLate = (handler: Dispatcher.DispatchHandler, ready: () => Promise<void>): Dispatcher.DispatchHandler => ({
  onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
  onResponseStart: (controller, ...rest) => handler.onResponseStart?.(controller, ...rest),
  onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
  onResponseEnd: (controller, trailers) => {
    ready().then(
      () => handler.onResponseEnd?.(controller, trailers),
      (error: Error) => handler.onResponseError?.(controller, error),
    );
  },
  onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
});

/**
 * A node that is killed right after its nth step outside its own memory: a transaction, a call of the secrets' store, an
 * exchange with Entra. The step has its effect; nobody here learns of it, and nothing follows.
 */
export const mortalNode = (
  services: StageServices,
  steps: number,
): { readonly services: StageServices; died(): boolean } => {
  let left = steps;
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new Killed('killed before');
    left -= 1;
    const result = await act();
    if (left <= 0) throw new Killed('killed after');
    return result;
  };
  const { db, secrets, http } = services;
  return {
    died: () => left <= 0,
    services: {
      ...services,
      db: {
        ...db,
        read: (work, options) => step(() => db.read(work, options)),
        write: (work, options) => step(() => db.write(work, options)),
      },
      secrets: {
        reveal: (ref, binding) => step(() => secrets.reveal(ref, binding)),
        store: (value, binding) => step(() => secrets.store(value, binding)),
        remove: (ref) => step(() => secrets.remove(ref)),
      } satisfies Secrets,
      http: dispatcherAround(http, (_, handler) =>
        left <= 0
          ? { refused: new Killed('killed before') }
          : { handler: endingLate(handler, () => step(async () => undefined)) },
      ),
    },
  };
};

export interface Watched {
  readonly services: StageServices;
  /** Refresh tokens that were sent, in order. */
  readonly sent: readonly string[];
  /** Most requests under way at one moment. */
  most(): number;
}

/** A node whose requests are watched, and whose answers may be held back. */
export const watchedNode = (
  services: StageServices,
  options: { readonly hold?: () => Promise<void>; readonly shared?: { now: number; most: number } } = {},
): Watched => {
  const sent: string[] = [];
  const count = options.shared ?? { now: 0, most: 0 };
  return {
    sent,
    most: () => count.most,
    services: {
      ...services,
      // Waiting takes turns and no time: whoever holds a claim is alive.
      clock: { ...services.clock, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
      http: dispatcherAround(services.http, ({ body }, handler) => {
        sent.push(new URLSearchParams(String(body)).get('refresh_token') ?? '');
        count.now += 1;
        count.most = Math.max(count.most, count.now);
        return {
          handler: endingLate(handler, async () => {
            await options.hold?.();
            count.now -= 1;
          }),
        };
      }),
    },
  };
};
