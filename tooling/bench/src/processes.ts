import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './measurement.ts';
import type { MeasuredOrder, Order } from './roles.ts';

const entry = fileURLToPath(new URL('./child.js', import.meta.url));

export interface Started {
  readonly answer: unknown;
  /** Ends this child, by its own pid, and waits for its end. */
  end(): Promise<void>;
}

const endOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    // Not killed: the child leaves by itself when its channel closes, and writes its CPU profile on the way out.
    if (child.connected) child.disconnect();
  });

/** Starts a child with an order and waits for its answer. Throws where the child fails. */
export const start = async (order: Order, nodeOptions: readonly string[] = []): Promise<Started> => {
  const child = fork(entry, [], { execArgv: [...nodeOptions] });
  const end = (): Promise<void> => endOf(child);
  try {
    const answer = await new Promise<unknown>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`The process for '${order.role}' ended early (${code})`)));
      child.once('message', (reply: { readonly answer?: unknown; readonly problem?: string }) => {
        if (reply.problem === undefined) resolve(reply.answer);
        else reject(new Error(`'${order.role}' failed: ${reply.problem}`));
      });
      child.send(order);
    });
    return { answer, end };
  } catch (error) {
    await end();
    throw error;
  }
};

/** One measured run in a process of its own: fresh heap, nothing compiled yet. */
export const measured = async (order: MeasuredOrder, nodeOptions: readonly string[] = []): Promise<Measurement> => {
  const { answer, end } = await start(order, nodeOptions);
  await end();
  return answer as Measurement;
};
