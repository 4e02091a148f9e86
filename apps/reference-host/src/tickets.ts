import type { Clock, Database, MailClass, ReceivedMail, Tickets } from '@itsm-m365/plugin-api';
import { type TicketRow, ticketTable } from './tables.ts';

/** Longest text of a mail that becomes a ticket; a help desk shows the rest from the attachment. */
const longestText = 100_000;

export interface HostTickets extends Tickets {
  /** The newest first; `before`: older than this one's time. */
  list(options: { readonly limit: number; readonly before?: number }): Promise<readonly TicketRow[]>;
}

/** Classes that are no word of a person: kept, and closed at once, so that nobody answers a machine. */
const closed: ReadonlySet<MailClass> = new Set<MailClass>(['auto-reply', 'bounce', 'read-receipt', 'from-ourselves']);

const rowOf = (message: ReceivedMail, now: number): TicketRow => ({
  id: message.id,
  account: message.account.id,
  class: message.class,
  state: closed.has(message.class) ? 'closed' : 'open',
  sender: (message.from[0]?.address ?? '').slice(0, 320),
  subject: message.subject.slice(0, 500),
  text: message.text.slice(0, longestText),
  attachments: message.attachments.length,
  size: message.size,
  created_at: now,
});

/**
 * The host's tickets, as small as they can be and still right: one message is one ticket, however often it is handed over,
 * because a message's id is the ticket's.
 */
export const createTickets = (db: Database, clock: Clock): HostTickets => ({
  receive: (message, signal) =>
    db.write(
      async (trx) => {
        const known = await trx.rows(ticketTable, (query) => query.where({ id: message.id }));
        if (known.length === 0) await trx.insert(ticketTable, [rowOf(message, clock.now())]);
      },
      { signal },
    ),
  list: ({ limit, before }) =>
    db.read((trx) =>
      trx.rows(ticketTable, (query) => {
        const ordered = query.orderBy([
          { column: 'created_at', order: 'desc' },
          { column: 'id', order: 'asc' },
        ]);
        return (before === undefined ? ordered : ordered.where('created_at', '<', trx.encode('time', before))).limit(
          limit,
        );
      }),
    ),
});
