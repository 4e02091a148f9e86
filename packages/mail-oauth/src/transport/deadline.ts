import type { ChannelContext } from '../channels/channel.ts';
import type { ChannelFault } from '../channels/fault.ts';

/** For connecting with TLS and greeting, and for each answer, where the context does not say otherwise. */
export const limitsOf = (context: ChannelContext): { readonly connectMs: number; readonly answerMs: number } => ({
  connectMs: context.connectMs ?? 20_000,
  answerMs: context.answerMs ?? 60_000,
});

/**
 * Runs work for so many milliseconds of the context's clock at most, then rejects with the fault that `late` makes;
 * rejects with the reason of the context's signal as soon as that is aborted. Waits for nothing after that: the work is
 * handed a signal, with the same reason, by which it ends and lets go of its socket.
 */
export const timed = async <T>(
  context: Pick<ChannelContext, 'clock' | 'signal'>,
  milliseconds: number,
  late: () => ChannelFault,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  context.signal.throwIfAborted();
  const ended = new AbortController();
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(context.signal.reason);
  context.signal.addEventListener('abort', onAbort, { once: true });
  const cut = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  });
  context.clock.sleep(milliseconds, ended.signal).then(
    () => limit.abort(late()),
    () => undefined,
  );
  try {
    return await Promise.race([work(limit.signal), cut]);
  } finally {
    ended.abort();
    context.signal.removeEventListener('abort', onAbort);
  }
};
