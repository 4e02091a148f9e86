import type { Verdict } from './evaluate.ts';
import { type StatusId, turnedWorse } from './statuses.ts';

/** A product or a licence: both are judged alike (COMP-09). */
export type SubjectKind = 'product' | 'licence';

export interface Evaluated {
  readonly subject: string;
  readonly kind: SubjectKind;
  readonly verdict: Verdict;
  /** Fingerprint of the whole verdict, figures and explanation included. */
  readonly print: string;
}

/** The status that is published now. */
export interface Published {
  readonly subject: string;
  readonly status: StatusId;
  readonly print: string;
}

export interface StatusChange {
  readonly subject: string;
  readonly kind: SubjectKind;
  /** Undefined: it had none. */
  readonly from: StatusId | undefined;
  readonly to: StatusId;
  readonly worse: boolean;
}

/** What publishing does, as a value. */
export interface PublicationPlan {
  /** Subjects whose interval ends: with another verdict, or gone from the catalogue. */
  readonly close: readonly string[];
  readonly open: readonly Evaluated[];
  /** Changes of the status itself, not of figures under the same status. */
  readonly changes: readonly StatusChange[];
  readonly unchanged: number;
  readonly ended: number;
}

/** Compares what is published with what was evaluated. The same verdict again changes nothing. */
export const planPublication = (published: readonly Published[], evaluated: readonly Evaluated[]): PublicationPlan => {
  const before = new Map(published.map((one) => [one.subject, one]));
  const kept = new Set(evaluated.map(({ subject }) => subject));
  const open = evaluated.filter(({ subject, print }) => before.get(subject)?.print !== print);
  const ended = published.filter(({ subject }) => !kept.has(subject));
  const changes = open.flatMap(({ subject, kind, verdict }): StatusChange[] => {
    const from = before.get(subject)?.status;
    if (from === verdict.status) return [];
    return [{ subject, kind, from, to: verdict.status, worse: turnedWorse(from ?? 'clear', verdict.status) }];
  });
  return {
    close: [
      ...open.map(({ subject }) => subject).filter((subject) => before.has(subject)),
      ...ended.map(({ subject }) => subject),
    ],
    open,
    changes,
    unchanged: evaluated.length - open.length,
    ended: ended.length,
  };
};
