import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { createHarness, type ImportHarness, migrateImport, type PortalResult } from '@itsm-m365/m365-import/testing';
import {
  createSimulator,
  defaultCatalogue,
  type EndpointName,
  type SimulatorTenant,
} from '@itsm-m365/microsoft-simulator';
import type { Notice } from '@itsm-m365/plugin-api';
import { historyProblems } from '../stored/history.ts';
import { importedRows } from '../stored/published.ts';
import { brokenRules, type Known, storedIn, textProblem, truthOf } from './catalogue-state.ts';
import { contradictions } from './contradictions.ts';
import { type Draw, drawFrom } from './draw.ts';
import { type Edge, type EdgeAnswer, openEdge } from './edge.ts';
import { type Mutation, mutate } from './mutate.ts';

const secret = 'only-the-simulator-knows-it';
const hour = 3_600_000;
/** Purchases that outlast the months of a world: what ends by itself is no matter of garbage. */
const skus = defaultCatalogue.slice(0, 6).map((sku) => ({
  ...sku,
  subscriptions: (sku.subscriptions ?? []).map((one) => ({ ...one, renewsInDays: 20_000 })),
}));
/** The longest text that an administrator is shown, Microsoft's own words in it. */
const longestText = 5000;

/** What an answer was turned into. */
export interface Rewritten {
  readonly endpoint: EndpointName;
  readonly before: string;
  readonly after: string;
}

export interface Round {
  readonly number: number;
  /** Whether the answer that was to be changed was asked for at all. */
  readonly changed: boolean;
  /** One line that says what was changed. */
  readonly what: string;
  /** How the import ended: its state, or the code of its error. */
  readonly outcome: string;
  readonly problems: readonly string[];
}

export interface PayloadWorld {
  /** Imports once with one answer changed, checks everything that must hold, and heals. */
  round(number: number): Promise<Round>;
  close(): Promise<void>;
}

const refusals: readonly (readonly [number, object])[] = [
  [400, { code: 'Request_BadRequest', message: 'Bad request.' }],
  [403, { code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' }],
  [404, { code: 'Request_ResourceNotFound', message: 'It does not exist.' }],
  [410, { code: 'resyncRequired', message: 'Resync required.' }],
  [429, { code: 'TooManyRequests', message: 'Too many requests.' }],
  [500, { code: 'InternalServerError', message: 'Oh.', innerError: { code: 'x', 'request-id': 'a', date: 'b' } }],
];

const refusedBy = (endpoint: EndpointName, draw: Draw): EdgeAnswer => {
  const headers = { 'content-type': 'application/json' };
  if (endpoint !== 'token') {
    const [status, error] = draw.one(refusals);
    return { status, headers, body: JSON.stringify({ error }) };
  }
  const body = {
    error: draw.one(['invalid_client', 'unauthorized_client', 'temporarily_unavailable', 'x']),
    error_description: 'AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1\r\nTimestamp: 2',
    error_codes: [draw.one([7000215, 700016, 90033, 1])],
    timestamp: '2026-01-15 08:00:00Z',
    trace_id: '11111111-2222-4333-8444-555555555555',
    correlation_id: '11111111-2222-4333-8444-666666666666',
  };
  return { status: draw.one([400, 401, 429, 500]), headers, body: JSON.stringify(body) };
};

const oddHeaders: readonly Readonly<Record<string, string>>[] = [
  { 'retry-after': '0' },
  { 'retry-after': '-1' },
  { 'retry-after': '99999999999999999999' },
  { 'retry-after': '1e308' },
  { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' },
  { 'retry-after': 'Thu, 01 Jan 275760 00:00:00 GMT' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'br, gzip' },
  { 'content-type': 'text/html' },
  { 'request-id': 'é'.repeat(4000) },
  { location: 'https://evil.example/' },
];
const oddStatuses = [201, 204, 206, 301, 302, 400, 401, 403, 404, 410, 418, 424, 429, 500, 501, 503, 504, 599];

/** People change between imports, so that there are changes to read; the answer names who. */
const changeTenant = (tenant: SimulatorTenant, draw: Draw): ReadonlySet<string> => {
  const users = [...tenant.truth.users()];
  const skus = tenant.truth.skus().filter(({ listed, appliesTo }) => listed && appliesTo === 'User');
  const changed = new Set<string>();
  for (let count = 1 + draw.whole(3); count > 0; count -= 1) {
    const { id, paths } = draw.one(users);
    // A path beside another one shows in no delta: only the next listing sees it go.
    const direct = paths.find(
      ({ groupId, skuId }) => groupId === null && paths.filter((path) => path.skuId === skuId).length === 1,
    );
    const other = skus.find(({ skuId }) => !paths.some((path) => path.skuId === skuId));
    if (changed.has(id)) continue;
    changed.add(id);
    if (draw.fraction() < 0.3) tenant.updateUser(id, { department: `Department ${draw.whole(1000)}` });
    else if (direct !== undefined && draw.fraction() < 0.5) tenant.unassign(id, direct.skuId, { groupId: null });
    else if (other !== undefined) tenant.assign(id, other.skuId);
  }
  return changed;
};

const fullEndpoints: readonly EndpointName[] = [
  ...(['users', 'users', 'users', 'users', 'subscribedSkus', 'subscribedSkus'] as const),
  ...(['subscriptions', 'users-delta', 'token', 'batch', 'users-count'] as const),
];
const changesEndpoints: readonly EndpointName[] = [
  ...(['users-delta', 'users-delta', 'batch', 'batch', 'batch', 'subscribedSkus', 'subscriptions', 'token'] as const),
];

const textsOf = ({ notices, error }: PortalResult): readonly string[] => [
  ...notices.flatMap(({ message, remedy, details }: Notice) => [
    ...Object.values(message),
    ...Object.values(remedy ?? {}),
    ...Object.values(details ?? {}).map(String),
  ]),
  ...(error === undefined
    ? []
    : [
        error.message,
        ...(['en', 'de'] as const).flatMap((language) => [error.text(language), error.remedy(language)]),
      ]),
  ...Object.values(error?.details ?? {}).map(String),
];

const sameMap = <T>(ours: ReadonlyMap<string, T>, theirs: ReadonlyMap<string, T>): boolean =>
  [...theirs].every(([key, value]) => JSON.stringify(ours.get(key)) === JSON.stringify(value));

/** Whether what is stored is the tenant's own record. A person who never held anything need not be stored. */
const isTruth = (stored: Known, truth: Known): boolean => {
  const paths = sameMap(stored.paths, truth.paths) && sameMap(truth.paths, stored.paths);
  // Who is not in the tenant, by an id that was made up, stays as a person without a licence.
  const facts = [...stored.facts].every(([id, fact]) => (truth.facts.get(id) ?? fact) === fact);
  return paths && facts && sameMap(stored.units, truth.units);
};

/** A tenant of thirty, its import and a door at which answers are changed; the same seed gives the same rounds. */
export const openPayloadWorld = async (seed: number): Promise<PayloadWorld> => {
  const [engine] = eachDatabase();
  if (engine === undefined) throw new Error('no database');
  const test: TestDatabase = await engine.open();
  const { clock, db } = test;
  await migrateImport(db, clock);
  const simulator = createSimulator({ users: 30, skus, secret, clock, throttle: false, seed: 1 + (seed % 1000) });
  const { tenant } = simulator;
  tenant.apps[0]?.roles.push('GroupMember.Read.All');
  const edge: Edge = await openEdge(simulator);
  const harness: ImportHarness = createHarness({ db, http: edge.http, clock, seed });
  const id = '11111111-1111-4111-8111-111111111111';
  const { tenantId, clientId } = tenant;
  await harness.putPortal({ id, name: 'Contoso', tenantId, clientId, secret });

  const rewriting = (draw: Draw, wanted: EndpointName) => {
    const rewritten: Rewritten[] = [];
    let what = `nothing: ${wanted} was not asked`;
    const kind = draw.fraction();
    const always = draw.fraction() < 0.5;
    const choice = draw.whole(1_000_000);
    edge.rewrite((endpoint, answer) => {
      if (endpoint !== wanted || (rewritten.length > 0 && !always)) return answer;
      // Each time the same, as a broken proxy does it.
      const again = drawFrom(choice);
      const before = String(answer.body);
      let mutation: Mutation | undefined;
      let given = answer;
      if (kind < 0.08) given = refusedBy(endpoint, again);
      if (kind < 0.9) {
        mutation = mutate(String(given.body), again);
        given = { ...given, body: mutation.bytes };
      } else if (kind < 0.95) given = { ...answer, status: again.one(oddStatuses) };
      else given = { ...answer, headers: { ...answer.headers, ...again.one(oddHeaders) } };
      rewritten.push({ endpoint, before, after: String(given.body) });
      what =
        mutation === undefined
          ? `${endpoint}: status ${given.status}, headers ${JSON.stringify(given.headers)}`
          : `${endpoint} ${given.status}: ${mutation.kind} at "${mutation.place}": ${mutation.detail}`;
      return given;
    });
    return { rewritten, what: () => `${what}${always ? ', each time' : ', once'}` };
  };

  const heal = async (): Promise<string[]> => {
    const said = ({ state, error }: PortalResult): string => `${state} ${error?.code ?? ''}`;
    clock.advance(hour);
    const next = await harness.runOne();
    // A listing that was held is listed again, whole.
    if (next.state !== 'succeeded') return [`the next import, unharmed, ended ${said(next)}`];
    if (isTruth(await storedIn(db), truthOf(tenant))) return [];
    clock.advance(25 * hour);
    const whole = await harness.runOne();
    if (whole.state !== 'succeeded') return [`the next listing, unharmed, ended ${said(whole)}`];
    return isTruth(await storedIn(db), truthOf(tenant)) ? [] : ['an unharmed listing did not bring back the truth'];
  };

  const dump = async (): Promise<string> => (await importedRows(db)).join('\n');

  const judged = async (
    result: PortalResult,
    before: string,
    rewritten: readonly Rewritten[],
    changed: ReadonlySet<string>,
  ): Promise<string[]> => {
    const problems = [...(await brokenRules(db)), ...(await historyProblems(db, { judged: false }))];
    if (result.error?.kind === 'internal') problems.push(`an internal error: ${result.error.code}`);
    if (result.error?.kind === 'conflict') problems.push(`a conflict: ${result.error.code}`);
    for (const text of textsOf(result)) {
      const problem = textProblem(text, longestText);
      if (problem !== undefined) problems.push(`a text has ${problem}`);
    }
    if (result.state !== 'succeeded') {
      if ((await dump()) !== before) problems.push(`${result.state}, but something changed`);
      return problems;
    }
    const after = await storedIn(db);
    return [...problems, ...contradictions({ after, truth: truthOf(tenant), rewritten, changed })];
  };

  const first = await harness.runOne();
  if (first.state !== 'succeeded' || !isTruth(await storedIn(db), truthOf(tenant)))
    throw new Error(`the import that nobody harmed ended ${first.state} ${first.error?.code ?? ''}`);

  return {
    async round(number) {
      const draw = drawFrom(Math.imul(seed, 0x9e3779b1) + number);
      const whole = draw.fraction() < 0.55;
      const changed = draw.fraction() < 0.8 ? changeTenant(tenant, draw) : new Set<string>();
      clock.advance(whole ? draw.one([25, 200]) * hour : hour);
      const before = await dump();
      const { rewritten, what } = rewriting(draw, draw.one(whole ? fullEndpoints : changesEndpoints));
      const slept = clock.slept.length;
      const problems: string[] = [];
      let outcome = 'crashed';
      try {
        const result = await harness.runOne();
        edge.rewrite(undefined);
        outcome = result.error?.code ?? result.state;
        problems.push(...(await judged(result, before, rewritten, changed)));
      } catch (error) {
        problems.push(`a crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      edge.rewrite(undefined);
      const waited = clock.slept.slice(slept).reduce((sum, one) => sum + one, 0);
      if (waited > 4 * hour) problems.push(`it waited ${waited / hour} hours`);
      if ('polluted' in {}) problems.push('Object.prototype was changed');
      problems.push(...(await heal()));
      return { number, changed: rewritten.length > 0, what: what(), outcome, problems };
    },
    close: async () => {
      await edge.close();
      await test.close();
    },
  };
};
