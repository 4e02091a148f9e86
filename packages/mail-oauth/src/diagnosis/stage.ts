import { type Acts, aadstsRow } from '@itsm-m365/graph-auth';
import {
  type Clock,
  type ErrorKind,
  errorKinds,
  isKnownError,
  type KnownError,
  type Language,
  type Notice,
  type TestStep,
  type Text,
} from '@itsm-m365/plugin-api';
import { isChannelFault } from '../channels/fault.ts';
import { faultError } from './fault-error.ts';
import { type CauseContext, orderedCauses } from './ordered-causes.ts';
import { printable, shown } from './shown.ts';

/** What a stage found, where it did not fail. */
export interface Finding {
  readonly outcome: 'passed' | 'warning';
  readonly code?: string;
  readonly message?: Text;
  readonly remedy?: Text;
  readonly evidence?: Readonly<Record<string, string>>;
}

export interface DiagnosisStage {
  readonly id: string;
  readonly title: Text;
  readonly unlocks?: Text;
  /** A failure is only a warning: the stage after it tells whether it matters. */
  readonly mayFail?: boolean;
  run(): Promise<Finding>;
}

const evidenceNames = [
  'server',
  'reply',
  'status',
  'reason',
  'stage',
  'row',
  'waitMs',
  'aadsts',
  'traceId',
  'correlationId',
  'requestId',
  'timestamp',
] as const;

/** Leaves out what says nothing; values are foreign, and cleaned. */
export const evidence = (
  values: Readonly<Record<string, string | number | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== '' && value !== '-' && value !== 0)
      .map(([name, value]) => [name, shown(String(value), 1000)]),
  );

/** Whom an error concerns that names nobody itself. */
const actsByKind: Readonly<Record<ErrorKind, Acts>> = {
  configuration: 'operator',
  credentials: 'operator',
  network: 'network',
  remote: 'nobody',
  conflict: 'nobody',
  internal: 'operator',
};

const actsOf = ({ code, kind, details }: KnownError): string => {
  if (typeof details.acts === 'string') return details.acts;
  const row = typeof details.aadsts === 'number' ? aadstsRow(details.aadsts) : undefined;
  if (row !== undefined) return row.acts;
  return /^MAIL_(SIGN_IN|OTHER)_/.test(code) ? 'user' : actsByKind[kind];
};

/** Entra's refusals show Microsoft's words as they are; what they mean comes with the remedy. */
const remedyOf = (error: KnownError, language: Language): string => {
  const { aadsts } = error.details;
  const row = error.code.startsWith('ENTRA_') && typeof aadsts === 'number' ? aadstsRow(aadsts) : undefined;
  return row === undefined ? error.remedy(language) : `${row.cause[language]} ${error.remedy(language)}`;
};

/** Microsoft's own page about a number (mail reference, 7). */
const linkOf = ({ details: { aadsts } }: KnownError): string =>
  typeof aadsts === 'number' && aadsts > 0 ? `https://login.microsoftonline.com/error?code=${aadsts}` : '';

export const errorFinding = (error: KnownError): Pick<TestStep, 'code' | 'message' | 'remedy' | 'evidence'> => ({
  code: error.code,
  message: { en: printable(error.text('en')), de: printable(error.text('de')) },
  remedy: { en: printable(remedyOf(error, 'en')), de: printable(remedyOf(error, 'de')) },
  evidence: {
    ...evidence(Object.fromEntries(evidenceNames.map((name) => [name, error.details[name]]))),
    ...evidence({ link: linkOf(error), acts: actsOf(error), retry: errorKinds[error.kind].retry ? 'yes' : 'no' }),
  },
});

export const noticeFinding = ({ code, message, remedy }: Notice): Finding => ({
  outcome: 'warning',
  code,
  message,
  ...(remedy === undefined ? {} : { remedy }),
});

/** The known error of what a stage threw; undefined for a defect. */
const knownError = (error: unknown, context: CauseContext): KnownError | undefined => {
  if (isChannelFault(error)) return faultError(error, orderedCauses(error.facts, context));
  return isKnownError(error) ? error : undefined;
};

/**
 * Runs the stages in their order, and stops at the first failure: later ones are `skipped`. Each row has the time it took.
 * Rejects with the signal's reason when aborted, and with what is a defect of ours.
 */
export const runStages = async (
  stages: readonly DiagnosisStage[],
  { clock, signal, context }: { readonly clock: Clock; readonly signal: AbortSignal; context(): CauseContext },
): Promise<readonly TestStep[]> => {
  const steps: TestStep[] = [];
  let failed = false;
  for (const { id, title, unlocks, mayFail, run } of stages) {
    const step = { id, title, ...(unlocks === undefined ? {} : { unlocks }) };
    if (failed) {
      steps.push({ ...step, outcome: 'skipped' });
      continue;
    }
    signal.throwIfAborted();
    const begun = clock.monotonic();
    const milliseconds = () => Math.round(clock.monotonic() - begun);
    try {
      const found = await run();
      steps.push({ ...step, ...found, milliseconds: milliseconds() });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const known = knownError(error, context());
      if (known === undefined) throw error;
      failed = mayFail !== true;
      steps.push({
        ...step,
        outcome: failed ? 'failed' : 'warning',
        ...errorFinding(known),
        milliseconds: milliseconds(),
      });
    }
  }
  return steps;
};
