import type { Notice, Transaction } from '@itsm-m365/plugin-api';
import { type EventRow, eventTable } from './tables.ts';

export interface NewEvent {
  readonly key: string;
  readonly source: string;
  readonly notice: Notice;
}

/** Keeps an event; true where people have not been told of it yet and the caller is the one to do it. */
export const recordEvent = async (trx: Transaction, event: NewEvent, now: number): Promise<boolean> => {
  const key = { event_key: event.key.slice(0, 400) };
  const seen = await trx.update(eventTable, { last_at: now }, (query) => query.where(key));
  if (seen === 0) {
    const row: EventRow = {
      ...key,
      source: event.source,
      notice: event.notice,
      first_at: now,
      last_at: now,
      sent_at: now,
    };
    await trx.insert(eventTable, [row]);
    return true;
  }
  const claimed = await trx.update(eventTable, { sent_at: now }, (query) => query.where(key).whereNull('sent_at'));
  return claimed === 1;
};

/** Telling failed: whoever sees the event next tries again. */
export const unsent = (trx: Transaction, key: string): Promise<number> =>
  trx.update(eventTable, { sent_at: null }, (query) => query.where({ event_key: key.slice(0, 400) }));
