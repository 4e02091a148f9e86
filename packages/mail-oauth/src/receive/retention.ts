import type { Clock, Database } from '@itsm-m365/plugin-api';
import type { Position } from '../channels/channel.ts';
import { messages } from '../tables.ts';
import type { Fence } from './records.ts';
import { readState } from './state.ts';

const day = 24 * 60 * 60_000;
const batch = 200;

const uidOf = (position: Position & { readonly kind: 'imap' }, key: string): number | undefined => {
  const prefix = `${position.folder};${position.uidValidity};`;
  const uid = key.startsWith(prefix) ? Number(key.slice(prefix.length)) : Number.NaN;
  return Number.isSafeInteger(uid) ? uid : undefined;
};

export interface RetentionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly fence: Fence;
  readonly signal: AbortSignal;
}

/**
 * Removes rows of messages that were taken and acknowledged more than `days` ago and that cannot be listed again: those of
 * an IMAP folder at or below its position, of the same UIDVALIDITY. Every other row stays, of POP and Graph all of them:
 * there the row is what tells a known message from a new one. Nothing is removed while a reset of the cursor is under way.
 * What is removed is no longer recognised should the mailbox be moved later; days should therefore be many. Tells how many
 * rows went. Harmless when it runs twice; stops at the signal between two batches.
 */
export const forgetMessages = async (
  { db, clock, fence, signal }: RetentionDeps,
  account: string,
  days: number,
): Promise<number> => {
  const state = await readState(db, account);
  const position = state?.position;
  if (state?.cursor_state !== '' || position?.kind !== 'imap') return 0;
  const before = clock.now() - days * day;
  let removed = 0;
  let after = '';
  for (;;) {
    signal.throwIfAborted();
    const rows = await db.read((trx) =>
      trx.rows(messages, (query) =>
        query
          .where({ account, state: 'taken', acknowledged: trx.encode('flag', true) })
          .where('changed_at', '<', trx.encode('time', before))
          .where('message_key', '>', after)
          .orderBy('message_key')
          .limit(batch),
      ),
    );
    const keys = rows
      .map(({ message_key }) => message_key)
      .filter((key) => (uidOf(position, key) ?? Number.POSITIVE_INFINITY) <= position.uid);
    if (keys.length > 0) {
      removed += await db.write(async (trx) => {
        await fence(trx);
        return trx.remove(messages, (query) => query.where({ account, state: 'taken' }).whereIn('message_key', keys));
      });
    }
    after = rows.at(-1)?.message_key ?? '';
    if (rows.length < batch) return removed;
  }
};
