import { type Clock, isKnownError, type KnownError, type TestReport, type TestStep } from '@itsm-m365/plugin-api';
import { hostsOf } from './clouds.ts';
import { type Credential, checkCredential } from './credential.ts';
import { graphErrors } from './errors.ts';
import { credentialFacts, expiryNotice } from './expiry.ts';
import { createGraphClient } from './graph.ts';
import type { GraphClient } from './graph-types.ts';
import { type Probe, probes } from './probes.ts';
import { aadstsRow } from './remedies.ts';
import { checkIds, createTokenSource, type TokenSource, type TokenSourceOptions } from './token.ts';

export interface ConnectionTestOptions extends Omit<TokenSourceOptions, 'credential' | 'retry'> {
  /** The credential, or how to make it: what that throws is reported as the first step's failure. */
  readonly credential: Credential | (() => Promise<Credential>);
  readonly signal?: AbortSignal;
}

/** A person waits for the answer: one more try after trouble that passes, and half a minute in all. */
const patience = { attempts: 2, totalMs: 30_000 };

const evidenceNames = [
  'requestId',
  'clientRequestId',
  'traceId',
  'correlationId',
  'timestamp',
  'aadsts',
  'class',
] as const;

const evidenceOf = (error: KnownError): Readonly<Record<string, string>> =>
  Object.fromEntries(
    evidenceNames.flatMap((name) => {
      const value = error.details[name];
      return value === undefined || value === '' || value === '-' ? [] : [[name, String(value)]];
    }),
  );

const failure = (error: KnownError): Pick<TestStep, 'code' | 'message' | 'remedy' | 'evidence'> => ({
  code: error.code,
  message: { en: error.text('en'), de: error.text('de') },
  remedy: { en: error.remedy('en'), de: error.remedy('de') },
  evidence: evidenceOf(error),
});

interface Tried<T> {
  readonly value?: T;
  readonly error?: KnownError;
  readonly milliseconds: number;
}

/** Runs a step; what is not a known error is a defect, or the abort, and goes on up. */
const attempt = async <T>(clock: Clock, work: () => Promise<T>): Promise<Tried<T>> => {
  const begun = clock.monotonic();
  const milliseconds = () => Math.round(clock.monotonic() - begun);
  try {
    return { value: await work(), milliseconds: milliseconds() };
  } catch (error) {
    if (!isKnownError(error)) throw error;
    return { error, milliseconds: milliseconds() };
  }
};

const titles = {
  credential: { en: 'Entries and credential', de: 'Eingaben und Anmeldeinformation' },
  token: { en: 'Sign-in to Entra', de: 'Anmeldung bei Entra' },
} as const;

/** Everything that can be told without the network; a credential near its end warns. */
const localStep = (tried: Tried<Credential>, options: ConnectionTestOptions): TestStep => {
  const step = { id: 'credential', title: titles.credential, milliseconds: tried.milliseconds } as const;
  if (tried.value === undefined) return { ...step, outcome: 'failed', ...(tried.error && failure(tried.error)) };
  const facts = credentialFacts(tried.value, `${options.tenantId}/${options.clientId}`);
  const due = facts === undefined ? undefined : expiryNotice(facts, options.clock.now());
  if (due === undefined) return { ...step, outcome: 'passed' };
  const { code, message, remedy } = due.notice;
  return { ...step, outcome: 'warning', code, message, ...(remedy === undefined ? {} : { remedy }) };
};

const isForbidden = (error: KnownError | undefined): boolean =>
  error !== undefined && isKnownError(error, 'GRAPH_PERMISSION_MISSING');

/** M365-07: where every permission is refused, they are listed without consent, or not listed at all. */
const withoutConsent = (error: KnownError): KnownError => {
  const remedy = aadstsRow(65001)?.remedy;
  return graphErrors.ENTRA_CONSENT_MISSING({
    ...error.details,
    entraError: String(error.details.graphCode),
    entraMessage: String(error.details.graphMessage),
    remedyEn: `${remedy?.en} Where they are not listed yet, add them first (type: Application): User.Read.All, Organization.Read.All.`,
    remedyDe: `${remedy?.de} Sind sie noch nicht aufgeführt, fügen Sie sie zuerst hinzu (Typ: Anwendung): User.Read.All, Organization.Read.All.`,
    traceId: String(error.details.requestId),
    correlationId: String(error.details.clientRequestId),
    timestamp: '-',
  });
};

interface Probed extends Tried<unknown> {
  readonly probe: Probe;
}

/** The permission matrix from what the probes answered. */
const matrix = (probed: readonly Probed[]): readonly TestStep[] => {
  const required = probed.filter(({ probe }) => probe.need === 'required');
  const noConsent = required.every(({ error }) => isForbidden(error));
  const skusWork = probed.some(({ probe, error }) => probe.id === 'skus' && error === undefined);
  return probed.map(({ probe, error, milliseconds }): TestStep => {
    const step = { id: probe.id, title: probe.title, unlocks: probe.unlocks, milliseconds };
    if (error === undefined) return { ...step, outcome: 'passed' };
    if (probe.need === 'optional') return { ...step, outcome: 'warning', ...failure(error) };
    // LicenseAssignment.Read.All opens the products alone; the import then works with less.
    if (probe.need === 'useful' && skusWork && isForbidden(error))
      return { ...step, outcome: 'warning', ...failure(error) };
    return { ...step, outcome: 'failed', ...failure(noConsent && isForbidden(error) ? withoutConsent(error) : error) };
  });
};

const skipped = (): readonly TestStep[] =>
  probes.map(({ id, title, unlocks }) => ({ id, title, unlocks, outcome: 'skipped' }));

const probeAll = async (
  graph: GraphClient,
  token: TokenSource,
  options: ConnectionTestOptions,
): Promise<readonly TestStep[]> => {
  const { clock, signal } = options;
  const signedIn = await attempt(clock, () => token.get(signal));
  const step = { id: 'token', title: titles.token, milliseconds: signedIn.milliseconds } as const;
  if (signedIn.error !== undefined) return [{ ...step, outcome: 'failed', ...failure(signedIn.error) }, ...skipped()];
  const probed = await Promise.all(
    probes.map(async (probe) => ({
      probe,
      ...(await attempt(clock, () => graph.get(probe.path, { signal }))),
    })),
  );
  return [{ ...step, outcome: 'passed' }, ...matrix(probed)];
};

/**
 * *Test connection*: the credential is checked here, a token is asked for, and each permission is tried by a call. Works
 * on unsaved input (AUTH-15) and stores nothing. A failed test is a report, never an error; rejects only with the
 * signal's reason. The steps after a failed one are `skipped`. Safe to call twice at a time.
 */
export const testConnection = async (options: ConnectionTestOptions): Promise<TestReport> => {
  const { clock, signal } = options;
  signal?.throwIfAborted();
  const local = await attempt(clock, async () => {
    checkIds(options.tenantId, options.clientId);
    const credential = typeof options.credential === 'function' ? await options.credential() : options.credential;
    checkCredential(credential, clock.now());
    return credential;
  });
  const first = localStep(local, options);
  const credential = local.value;
  if (credential === undefined)
    return { ok: false, steps: [first, { id: 'token', title: titles.token, outcome: 'skipped' }, ...skipped()] };
  const logger = options.logger.child({ hosts: hostsOf(options.cloud).join(', ') });
  const token = createTokenSource({ ...options, credential, logger, timeoutMs: 15_000, retry: patience });
  const graph = createGraphClient({ ...options, token, logger, limits: { ...patience, timeoutMs: 15_000 } });
  const steps = [first, ...(await probeAll(graph, token, options))];
  return { ok: steps.every(({ outcome }) => outcome !== 'failed'), steps };
};
