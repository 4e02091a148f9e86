/** Tells, within this process, that a run changed. Other processes notice by reading. */
export interface Changes {
  changed(runId: string): void;
  /** Calls back at each change until the returned function is called. */
  listen(listener: (runId: string) => void): () => void;
  /** Resolves at the next change of the run, or when the signal aborts. Never rejects. */
  next(runId: string, signal: AbortSignal): Promise<void>;
}

export const createChanges = (): Changes => {
  const listeners = new Set<(runId: string) => void>();
  const listen = (listener: (runId: string) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    listen,
    changed(runId) {
      for (const listener of [...listeners]) listener(runId);
    },
    next: (runId, signal) =>
      new Promise((resolve) => {
        const done = () => {
          stop();
          signal.removeEventListener('abort', done);
          resolve();
        };
        const stop = listen((changed) => {
          if (changed === runId) done();
        });
        if (signal.aborted) done();
        else signal.addEventListener('abort', done, { once: true });
      }),
  };
};
