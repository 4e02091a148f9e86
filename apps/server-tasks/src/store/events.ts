import type { Notice, Transaction } from '@itsm-m365/plugin-api';
import { type EventRow, eventTable } from './tables.ts';

export interface NewEvent {
  readonly key: string;
  readonly source: string;
  readonly notice: Notice;
}

/**
 * Keeps an event; true where people have not been told of it yet and the caller is the one to do it. `keepBack`: nobody
 * is told now; what was not told before stays so.
 */
export const recordEvent = async (
  trx: Transaction,
  event: NewEvent,
  now: number,
  keepBack = false,
): Promise<boolean> => {
  const key = { event_key: event.key.slice(0, 400) };
  const seen = await trx.update(eventTable, { last_at: now }, (query) => query.where(key));
  if (seen === 0) {
    const row: EventRow = {
      ...key,
      source: event.source,
      notice: event.notice,
      first_at: now,
      last_at: now,
      sent_at: keepBack ? null : now,
    };
    await trx.insert(eventTable, [row]);
    return !keepBack;
  }
  if (keepBack) return false;
  const claimed = await trx.update(eventTable, { sent_at: now }, (query) => query.where(key).whereNull('sent_at'));
  return claimed === 1;
};

/** Telling failed: whoever sees the event next tries again. */
export const unsent = (trx: Transaction, key: string): Promise<number> =>
  trx.update(eventTable, { sent_at: null }, (query) => query.where({ event_key: key.slice(0, 400) }));

/** Events that people were not told of. */
export const untold = (trx: Transaction): Promise<EventRow[]> =>
  trx.rows(eventTable, (query) => query.whereNull('sent_at').orderBy('event_key').limit(1000));

export const countUntold = async (trx: Transaction): Promise<number> => {
  const [row] = await trx.query<{ n: number }>('SELECT COUNT(*) AS n FROM ?? WHERE sent_at IS NULL', [
    trx.name(eventTable),
  ]);
  return Number(row?.n ?? 0);
};
