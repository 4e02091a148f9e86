/** One call under way at a time, shared by all who ask meanwhile. */
export interface SharedCall<T> {
  /** Rejects at once when `signal` aborts; the call itself goes on while another caller waits for it. */
  join(signal?: AbortSignal): Promise<T>;
}

interface UnderWay<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export const sharedCall = <T>(call: (signal: AbortSignal) => Promise<T>): SharedCall<T> => {
  let current: UnderWay<T> | undefined;

  const begin = (): UnderWay<T> => {
    const controller = new AbortController();
    const begun: UnderWay<T> = { controller, waiting: 0, result: call(controller.signal) };
    const done = () => {
      if (current === begun) current = undefined;
    };
    begun.result.then(done, done);
    return begun;
  };

  return {
    join: async (signal) => {
      signal?.throwIfAborted();
      current ??= begin();
      const mine = current;
      mine.waiting += 1;
      return new Promise<T>((resolve, reject) => {
        let here = true;
        const leave = () => {
          signal?.removeEventListener('abort', onAbort);
          if (here) mine.waiting -= 1;
          here = false;
        };
        const onAbort = () => {
          leave();
          reject(signal?.reason);
          if (mine.waiting > 0) return;
          if (current === mine) current = undefined;
          mine.controller.abort(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        mine.result.then(resolve, reject).finally(leave);
      });
    },
  };
};
