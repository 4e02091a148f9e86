import { startTestHost, type TestHost, type TestHostOptions } from '@itsm-m365/test-host';
import { expect } from 'vitest';
import { built, type Started, startNode } from '../end-to-end/surroundings/processes.ts';

/** A process over mail accounts that is started again and again: let go to its end, or killed on the way. */
export interface KillProcess {
  /**
   * Starts one and kills it after this share of the time that a whole one takes, counted from its word on; false where it
   * had ended before.
   */
  kill(share: number): Promise<boolean>;
  /** Lets one go to its end, which has to be a good one, and measures it. */
  whole(): Promise<void>;
}

/** `argumentsOf` is asked before each start; `from` is the word on standard error after which kills are worth the while. */
export const killProcess = (argumentsOf: () => readonly string[], from: RegExp): KillProcess => {
  let wholeMs = 2000;
  const start = async (): Promise<Started> => {
    const run = startNode(built('tooling', 'test-host', 'dist', 'mail.js'), argumentsOf());
    await run.says(new RegExp(`${from.source}|done`));
    return run;
  };
  return {
    async kill(share) {
      const run = await start();
      if (share > 0) await new Promise((resolve) => setTimeout(resolve, share * wholeMs));
      run.child.kill('SIGKILL');
      return (await run.ended).code === null;
    },
    async whole() {
      const run = await start();
      const since = performance.now();
      await run.says(/done/);
      wholeMs = performance.now() - since;
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(0);
    },
  };
};

/** The host in this process, between two of its own: to enter something, to look at its tables. */
export const meanwhile = async <T>(options: TestHostOptions, work: (host: TestHost) => Promise<T>): Promise<T> => {
  const host = await startTestHost(options);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
};
