import type { ImapFlow } from 'imapflow';
import { limitsOf, timed } from '../../transport/deadline.ts';
import type { MakeFault } from '../../transport/peer.ts';
import type { ChannelContext } from '../channel.ts';
import { type ChannelFault, isChannelFault, type Stage } from '../fault.ts';
import type { Observer } from './observer.ts';
import { translate } from './translate.ts';

/** A client of imapflow with our deadlines and our faults. */
export interface Session {
  readonly client: ImapFlow;
  readonly fault: MakeFault;
  /** Runs one command, for `answerMs` at most; closes the connection where that is over or the context is aborted. */
  run<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  /** The same for commands that imapflow answers with `false` when they are refused. */
  demand<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  close(): void;
}

export const session = (
  client: ImapFlow,
  context: ChannelContext,
  fault: MakeFault,
  watch: Observer,
  secrets: readonly string[],
): Session => {
  const onAbort = (): void => client.close();
  context.signal.addEventListener('abort', onAbort, { once: true });
  const failure = (stage: Stage, error: unknown): ChannelFault =>
    translate(error, stage, fault, secrets, watch.throttled());
  const run: Session['run'] = async (stage, work) => {
    watch.forget();
    try {
      return await timed(context, limitsOf(context).answerMs, () => fault(stage, { code: 'TIMEOUT' }), work);
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      // It is no longer known which answer belongs to which command.
      if (isChannelFault(error) && error.facts.code === 'TIMEOUT') client.close();
      throw failure(stage, error);
    }
  };
  return {
    client,
    fault,
    run,
    demand: async (stage, work) => {
      const result = await run(stage, work);
      if (result === false || result === undefined) {
        const refusal = watch.refusal();
        throw refusal === undefined ? fault(stage, { code: 'NOT_DONE' }) : failure(stage, refusal);
      }
      return result;
    },
    close: () => {
      context.signal.removeEventListener('abort', onAbort);
      client.close();
    },
  };
};
