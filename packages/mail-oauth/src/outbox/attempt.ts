import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import type { Submission } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import type { OutboxRow } from '../tables.ts';
import type { DeliverDeps } from './account.ts';
import { outboxErrors } from './errors.ts';
import type { SendOutcome } from './plan-send.ts';

export interface Attempt {
  readonly outcome: SendOutcome;
  /** What to tell a person; undefined where it went, or was told to stop. */
  readonly error: KnownError | undefined;
}

/** Hands one mail to an open submission and says how that ended. Never rejects. */
export const attemptSend = async (
  deps: Pick<DeliverDeps, 'faultError'>,
  submission: Submission,
  row: Pick<OutboxRow, 'from_address' | 'recipients' | 'mime'>,
  signal: AbortSignal,
): Promise<Attempt> => {
  try {
    const envelope = { from: row.from_address, to: row.recipients };
    const answer = await submission.send(envelope, Buffer.from(row.mime, 'utf8'));
    return { outcome: { kind: 'accepted', ...answer }, error: undefined };
  } catch (error) {
    if (isChannelFault(error)) {
      const known = deps.faultError(error);
      return { outcome: { kind: 'fault', facts: error.facts, code: known.code }, error: known };
    }
    if (isKnownError(error)) return { outcome: { kind: 'error', error }, error };
    // A channel that rejects with the bare reason says: nothing was handed over.
    if (signal.aborted && error === signal.reason) return { outcome: { kind: 'stopped' }, error: undefined };
    return { outcome: { kind: 'broken' }, error: outboxErrors.OUTBOX_SENDING_FAILED({}, { cause: error }) };
  }
};
