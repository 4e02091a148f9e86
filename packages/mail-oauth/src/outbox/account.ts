import type { Clock, Database, KnownError, Logger, Notice, Randomness, Transaction } from '@itsm-m365/plugin-api';
import type { FindSent, Submission } from '../channels/channel.ts';
import type { ChannelFault } from '../channels/fault.ts';
import type { UnknownPolicy } from './plan-send.ts';

export interface DeliverDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Pick<Randomness, 'fraction'>;
  readonly logger: Logger;
  /** The known error of a channel's fault, from the tables of the diagnosis. */
  readonly faultError: (fault: ChannelFault) => KnownError;
}

/** An account as sending needs it. */
export interface SendingAccount {
  readonly id: string;
  readonly name: string;
  readonly unknownOutcome: UnknownPolicy;
  readonly perRecipientHour: number;
  /** Connects and signs in. Rejects with a `ChannelFault`, or with a known error where there is no token. */
  open(signal: AbortSignal): Promise<Submission>;
  /** Undefined where Sent Items cannot be asked: then the policy decides alone. */
  readonly findSent: FindSent | undefined;
}

/** One hold of the account's task: its ticket and fence, and its signal. */
export interface Hold {
  readonly ticket: string;
  readonly fence: (trx: Transaction) => Promise<void>;
  readonly signal: AbortSignal;
  /** Mails of one delivery. Default 1,000. */
  readonly most?: number;
}

/** How many mails ended how. `again`: sent again by policy; `partly`: sent to some of their recipients. */
export type DeliveryCounts = Readonly<
  Record<'sent' | 'partly' | 'refused' | 'postponed' | 'limited' | 'uncertain' | 'held' | 'again', number>
>;

export interface Delivery {
  readonly counts: DeliveryCounts;
  readonly notices: readonly Notice[];
  /** Why the delivery ended before the queue did; the mails stay queued as they are. */
  readonly stopped: KnownError | undefined;
}
