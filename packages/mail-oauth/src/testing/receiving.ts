import { buffer } from 'node:stream/consumers';
import type { TestDatabase } from '@itsm-m365/database/testing';
import type { ReceivedMail, Tickets } from '@itsm-m365/plugin-api';
import { memoryLogger, seededRandom } from '@itsm-m365/plugin-api/testing';
import { fetchAccount } from '../receive/fetch-account.ts';
import type { FetchDeps, FetchedAccount, FetchReport } from '../receive/fetch-types.ts';
import type { Parser } from '../receive/parser.ts';
import { type HandClock, handClock } from './hand-clock.ts';
import type { MailboxDouble } from './mailbox-double.ts';

/** One hand-over as the host saw it. */
export interface Given {
  readonly id: string;
  readonly attempt: number;
  readonly messageId: string;
  readonly mail: ReceivedMail;
  readonly raw: string;
}

export interface RememberingTickets extends Tickets {
  readonly given: readonly Given[];
  /** Decides on each hand-over, before it is taken; throws to refuse. */
  answer: (mail: ReceivedMail, signal: AbortSignal) => void | Promise<void>;
}

/** A host that takes messages and remembers each hand-over, refused ones too. */
export const rememberingTickets = (): RememberingTickets => {
  const given: Given[] = [];
  const tickets: RememberingTickets = {
    given,
    answer: () => undefined,
    async receive(mail, signal) {
      const raw = (await buffer(await mail.raw())).toString();
      given.push({ id: mail.id, attempt: mail.attempt, messageId: mail.messageId, mail, raw });
      await tickets.answer(mail, signal);
    },
  };
  return tickets;
};

export const mime = (name: string, body = `Text of ${name}.`): string =>
  [`From: Ann <ann@example.com>`, `Subject: ${name}`, `Message-ID: <${name}@example.com>`, '', body].join('\r\n');

export interface Receiving {
  readonly account: FetchedAccount;
  readonly box: MailboxDouble;
  readonly tickets: RememberingTickets;
  readonly clock: HandClock;
  readonly logger: ReturnType<typeof memoryLogger>;
  /** One fetch over a connection of its own, as a process of its own would do it. */
  fetch(changes?: Partial<FetchDeps>): Promise<FetchReport>;
}

let processes = 0;

/** An account, its mailbox and its host. */
export const receiving = (
  test: TestDatabase,
  parser: Parser,
  box: MailboxDouble,
  changes: Partial<FetchedAccount> = {},
): Receiving => {
  processes += 1;
  const account: FetchedAccount = {
    id: seededRandom(processes + 1_000_000).uuid(),
    name: 'Support',
    mailbox: 'support@example.com',
    ours: new Set(['support@example.com']),
    maxBytes: 1024 * 1024,
    maxTries: 3,
    after: { kind: 'mark' },
    ...changes,
  };
  const tickets = rememberingTickets();
  const clock = handClock();
  const logger = memoryLogger();
  return {
    account,
    box,
    tickets,
    clock,
    logger,
    fetch: async (changed = {}) => {
      processes += 1;
      clock.advance(60_000);
      const mailbox = box.open();
      try {
        return await fetchAccount({
          mailbox,
          account,
          tickets,
          db: test.db,
          clock,
          random: seededRandom(processes),
          logger,
          signal: new AbortController().signal,
          fence: async () => undefined,
          progress: { report: () => undefined },
          parser,
          runId: `run-${processes}`,
          ...changed,
        });
      } finally {
        await mailbox.close();
      }
    },
  };
};
