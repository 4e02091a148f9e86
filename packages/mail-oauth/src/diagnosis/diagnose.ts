import type { Clock, Problem, TestReport } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import type { Mailbox, Submission } from '../channels/channel.ts';
import type { StoredPosition } from '../tables.ts';
import type { Resource } from '../tokens/access.ts';
import { resourcesOf } from '../tokens/resources.ts';
import type { ClaimProof } from './claim-findings.ts';
import { claimStages } from './claim-stages.ts';
import { hostStages, settingsStage } from './host-stages.ts';
import { incomingStages, outgoingStages } from './mail-stages.ts';
import type { ProbeFacts, ProbeTarget } from './probe.ts';
import { runStages } from './stage.ts';

export interface DiagnosedAccount {
  /** As typed, not necessarily saved. */
  readonly account: AccountSettings;
  /** Undefined for an account with a password. */
  readonly application: ApplicationSettings | undefined;
  /** What validation found. */
  readonly problems: readonly Problem[];
  /** How far the mailbox was read, where the account is saved. */
  readonly position?: StoredPosition;
  /** Whom RCPT TO names; default: the sender. Nothing is sent to it. */
  readonly recipient?: string;
  /** Sent at the end, where given. */
  readonly testMail?: { readonly to: string; readonly mime: Buffer };
}

/** The protocols, as functions: the stages know none. All of them stop at `signal`, and bound their own time. */
export interface DiagnosisDependencies {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  probe(target: ProbeTarget): Promise<ProbeFacts>;
  token(resource: Resource): Promise<string>;
  openMailbox(): Promise<Mailbox>;
  openSubmission(): Promise<Submission>;
}

/**
 * *Test connection* of an account, stage by stage: settings; login host and mail hosts; token; claims; sign-in and folder;
 * submission with MAIL FROM and RCPT TO, taken back; a test mail where asked for, and the place of its copy, which is
 * looked for up to 15 seconds. Stops at the first failure. A failed test is a report, never an error; rejects only with the
 * signal's reason, or for a defect. Changes nothing in the mailbox, except by a test mail; safe to run twice at a time
 * (ADV-27, ADV-28, ADV-31).
 */
export const diagnose = async (given: DiagnosedAccount, deps: DiagnosisDependencies): Promise<TestReport> => {
  const { account, application } = given;
  const proofs = new Map<Resource, ClaimProof>();
  let using: Resource | undefined;
  const uses = (protocol: string): void => {
    using = protocol === 'graph' ? 'graph' : 'exchange';
  };
  const submission: { open?: Submission } = {};
  const stages = [
    settingsStage(given, deps),
    ...hostStages(given, deps),
    ...(application === undefined
      ? []
      : resourcesOf(account).flatMap((resource, _, all) =>
          claimStages({ account, application, resource, several: all.length > 1 }, deps, (proof) => {
            proofs.set(resource, proof);
          }),
        )),
    ...incomingStages(given, deps, uses),
    ...outgoingStages(given, deps, uses, submission),
  ];
  try {
    const steps = await runStages(stages, {
      clock: deps.clock,
      signal: deps.signal,
      context: () => ({ account, application, proof: using === undefined ? undefined : proofs.get(using) }),
    });
    return { ok: steps.every(({ outcome }) => outcome !== 'failed'), steps };
  } finally {
    // What was found counts, not how the connection ends.
    await submission.open?.close().catch(() => undefined);
  }
};
