import type { Dispatcher } from 'undici';

/** A way out on which some requests wait until somebody opens it. */
export interface Gate {
  readonly http: Dispatcher;
  /** Requests that wait now. */
  readonly waiting: number;
  /** Resolves when so many wait. */
  until(count: number): Promise<void>;
  /** Lets through what waits, and everything that comes. */
  open(): void;
}

export const gateOn = (way: Dispatcher, stops: (path: string) => boolean): Gate => {
  let opened = false;
  const held: (() => void)[] = [];
  const watchers = new Set<() => void>();
  return {
    http: way.compose((dispatch) => (options, handler) => {
      if (opened || !stops(options.path)) return dispatch(options, handler);
      held.push(() => dispatch(options, handler));
      for (const watch of watchers) watch();
      return true;
    }),
    get waiting() {
      return held.length;
    },
    until: (count) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (held.length < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    open() {
      opened = true;
      for (const go of held.splice(0)) go();
    },
  };
};
