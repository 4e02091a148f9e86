import type { Dispatcher } from 'undici';

/** A way out that tells how many requests are under way: while one is, time must not go on. */
export interface Wire {
  readonly http: Dispatcher;
  underWay(): number;
}

/** By which a handler is told that its request has ended, in undici's present and in its former spelling. */
const endings: ReadonlySet<string | symbol> = new Set(['onResponseEnd', 'onResponseError', 'onComplete', 'onError']);

export const countingWire = (way: Dispatcher): Wire => {
  let count = 0;
  const counted = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler => {
    let over = false;
    count += 1;
    return new Proxy(handler, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...told: unknown[]): unknown => {
          if (endings.has(name) && !over) {
            over = true;
            count -= 1;
          }
          return Reflect.apply(value, target, told);
        };
      },
    });
  };
  return {
    http: way.compose((dispatch) => (options, handler) => dispatch(options, counted(handler))),
    underWay: () => count,
  };
};
