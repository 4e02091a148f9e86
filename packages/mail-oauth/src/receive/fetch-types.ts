import type {
  Clock,
  Database,
  Logger,
  Notice,
  Progress,
  Randomness,
  Tickets,
  Transaction,
} from '@itsm-m365/plugin-api';
import type { Acknowledgement, Mailbox } from '../channels/channel.ts';
import type { ChannelFault } from '../channels/fault.ts';
import type { Parser } from './parser.ts';

/** An account, as far as fetching has to know it. */
export interface FetchedAccount {
  readonly id: string;
  readonly name: string;
  /** Its address, in lower case. Another address is another mailbox. */
  readonly mailbox: string;
  /** The addresses of all accounts, in lower case: what comes from them comes from ourselves. */
  readonly ours: ReadonlySet<string>;
  /** Largest message. */
  readonly maxBytes: number;
  /** Hand-overs of one message before it is set aside. */
  readonly maxTries: number;
  /** What is done in the mailbox with a message that was taken. */
  readonly after: Acknowledgement;
}

export interface FetchDeps {
  /** Open, and closed by the caller; by the fetch itself where only that deletes. */
  readonly mailbox: Mailbox;
  readonly account: FetchedAccount;
  readonly tickets: Tickets;
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** First statement of every transaction that writes; see `TaskContext.fence`. */
  readonly fence: (trx: Transaction) => Promise<void>;
  readonly progress: Progress;
  /** Shared or not; closed by the caller. */
  readonly parser: Parser;
  readonly runId: string;
  /** Milliseconds that the host may take for one message. Default 120 s. */
  readonly handOverMs?: number;
}

export interface FetchCounts {
  readonly taken: number;
  readonly failed: number;
  readonly aside: number;
  readonly large: number;
  readonly unreadable: number;
  readonly suspect: number;
  /** Not given out by the mail server; they come again. */
  readonly notRead: number;
  /** Listed, and gone when they were to be read. */
  readonly gone: number;
  /** Marked, moved or deleted in the mailbox. */
  readonly acknowledged: number;
}

export interface FetchReport {
  readonly counts: FetchCounts;
  readonly notices: readonly Notice[];
  /** `held`: the mailbox was moved, and a person decides. `partial`: something could not be done; a notice says what. */
  readonly outcome: 'succeeded' | 'partial' | 'held';
  /** Why messages that were taken could not be marked, moved or deleted; the tables of the diagnosis tell what it means. */
  readonly acknowledgeFault: ChannelFault | undefined;
}

/** What one fetch keeps in mind. */
export interface FetchRun extends FetchDeps {
  readonly tally: { -readonly [Name in keyof FetchCounts]: number };
  readonly notices: Notice[];
  /** Messages that failed as often as they may, and are set aside unless the host takes nothing at all. */
  readonly worn: { readonly key: string; readonly attempts: number }[];
  readonly reads: { done: number; refusedInARow: number };
  acknowledgeFault: ChannelFault | undefined;
}

export const subjectOf = ({ id, name }: FetchedAccount) => ({ type: 'mail-account', id, name });
