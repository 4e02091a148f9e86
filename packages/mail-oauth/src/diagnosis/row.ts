import type { Acts } from '@itsm-m365/graph-auth';
import type { Text } from '@itsm-m365/plugin-api';
import type { FaultFacts, Stage } from '../channels/fault.ts';
import type { MailErrorCode } from './errors.ts';

/** One thing that may be behind a symptom, and what ends it. */
export interface Cause {
  readonly id: string;
  readonly cause: Text;
  readonly remedy: Text;
  readonly acts: Acts;
}

/** What is given has to hold, all of it. */
export interface Pattern {
  /** One of these; `facts.code`, exactly. */
  readonly codes?: readonly string[];
  /** SMTP reply code or HTTP status: one of these, or within one of these spans. */
  readonly statuses?: readonly (number | readonly [from: number, to: number])[];
  /** One of these; `facts.reason` without regard to case. */
  readonly reasons?: readonly string[];
  /** All of these, as whole words, in the server's words or its enhanced status code. Plain text, never an expression. */
  readonly words?: readonly string[];
}

/** A row of the diagnosis tables: a symptom, its causes in the order to check them. The first row that fits counts. */
export interface FaultRow {
  readonly id: string;
  readonly code: MailErrorCode;
  /** Absent: anywhere. */
  readonly stages?: readonly Stage[];
  readonly protocols?: readonly FaultFacts['protocol'][];
  /** Alternatives. */
  readonly when: readonly Pattern[];
  readonly causes: readonly [Cause, ...Cause[]];
}

export const text = (en: string, de: string): Text => ({ en, de });

/** The one cause of a row. */
export const only = (acts: Acts, cause: Text, remedy: Text): readonly [Cause] => [{ id: 'cause', acts, cause, remedy }];
