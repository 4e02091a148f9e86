import type { TestReport, TestStep } from '@itsm-m365/plugin-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isChannelFault } from '../channels/fault.ts';
import { type DiagnosisWorld, openDiagnosisWorld, stepOf } from '../testing/diagnosis-world.ts';
import { channelProvocations } from '../testing/provocations/channel.ts';
import { graphProvocations } from '../testing/provocations/graph.ts';
import { networkProvocations } from '../testing/provocations/network.ts';
import type { Provoked } from '../testing/provocations/provocation.ts';
import { receivingProvocations } from '../testing/provocations/receiving.ts';
import { sendingProvocations } from '../testing/provocations/sending.ts';
import { tlsProvocations } from '../testing/provocations/tls.ts';
import { entraSuite } from '../testing/suites/entra-suite.ts';
import { loginHostSuite } from '../testing/suites/login-host-suite.ts';
import { tokenSuite } from '../testing/suites/token-suite.ts';
import { faultError } from './fault-error.ts';
import { faultRows } from './rows.ts';

const provocations = [
  ...networkProvocations,
  ...tlsProvocations,
  ...receivingProvocations,
  ...sendingProvocations,
  ...graphProvocations,
];

let world: DiagnosisWorld;
beforeAll(async () => {
  world = await openDiagnosisWorld();
  await world.signIn();
});
afterEach(() => world.tidy());
afterAll(() => world?.close());

/** Longer than any limit of a connection or an answer. */
const tooLong = 120_000;

const testOf = async ({ stuck, ...tried }: Provoked): Promise<TestReport> => {
  const testing = world.test(tried);
  void stuck?.then(async () => {
    // Both ends are in this process: what the server knows, the client hears of within a few turns.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(tooLong);
  });
  return testing;
};

const printed = ({ steps }: TestReport): string =>
  steps.map(({ id, outcome, message }) => `${id} ${outcome} ${message?.en ?? ''}`).join('\n');

/** Ids of the row's causes that stand in the remedy, in both languages and in one order. */
const toldCauses = (row: string, { remedy }: TestStep): readonly string[] => {
  const causes = faultRows.find(({ id }) => id === row)?.causes ?? [];
  const inLanguage = (language: 'en' | 'de') =>
    causes
      .map((cause) => ({ id: cause.id, at: remedy?.[language].indexOf(cause.cause[language]) ?? -1, cause }))
      .filter(({ at, cause }) => at >= 0 && remedy?.[language].includes(cause.remedy[language]))
      .sort((one, other) => one.at - other.at)
      .map(({ id }) => id);
  expect(inLanguage('de')).toEqual(inLanguage('en'));
  return inLanguage('en');
};

/** What may be gone the next time, without anybody's doing. */
const passing: ReadonlySet<string> = new Set([
  'MAIL_SERVER_UNKNOWN',
  'MAIL_CONNECTION_REFUSED',
  'MAIL_UNREACHABLE',
  'MAIL_TIMEOUT',
  'MAIL_GREETING_MISSING',
  'MAIL_CONNECTION_CLOSED',
  'MAIL_NOT_CONNECTED',
  'MAIL_THROTTLED',
  'MAIL_TRY_LATER',
  'MAIL_UNEXPECTED_REPLY',
]);

describe('the test of an account', () => {
  it.each([
    ['an application', 'app-only', 'imap', 'smtp'],
    ['a person', 'delegated', 'pop', 'smtp'],
    ['an application', 'app-only', 'graph', 'graph'],
  ] as const)('passes where nothing is wrong: %s, %s, %s and %s', async (_, application, receiving, sending) => {
    const account = { receiving: { protocol: receiving }, sending: { protocol: sending } };
    const report = await world.test({ account, application, testMailTo: 'customer@example.org' });
    expect(report.steps.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it('finds the copy of a test mail where Exchange keeps one in the shared mailbox too', async () => {
    const address = world.mailbox();
    world.simulator.exchange.set(address, { messageCopyForSentAs: true });
    const report = await world.test({
      account: { mailbox: address },
      application: 'delegated',
      testMailTo: 'customer@example.org',
    });
    expect(stepOf(report, 'sent-copy').outcome).toBe('passed');
  });

  it.each(provocations.map((one) => [one.row, one.where, one] as const))(
    'recognises %s where %s',
    async (row, _, { provoke, stage, outcome = 'failed', code, acts, causes }) => {
      const report = await testOf(await provoke(world));
      const step = stepOf(report, stage);
      expect(step, printed(report)).toMatchObject({
        outcome,
        code,
        evidence: { row, acts },
      });
      const every = faultRows.find(({ id }) => id === row)?.causes.map(({ id }) => id);
      expect(step.evidence?.retry).toBe(passing.has(code) ? 'yes' : 'no');
      expect(toldCauses(row, step)).toEqual(causes ?? every);
      const failed = report.steps.filter((one) => one.outcome === 'failed').map(({ id }) => id);
      expect(failed).toEqual(outcome === 'failed' ? [stage] : []);
    },
  );
});

describe('the channels, beyond a test', () => {
  it.each(channelProvocations.map((one) => [one.row, one.where, one] as const))(
    'recognise %s where %s',
    async (row, _, { fail, code }) => {
      const fault = await fail(world).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!isChannelFault(fault)) throw fault ?? new Error('nothing failed');
      expect(faultError(fault)).toMatchObject({ code, details: { row } });
    },
  );
});

describe('the tables', () => {
  it('have no row that nothing here provokes', () => {
    const provoked = new Set([...provocations, ...channelProvocations].map(({ row }) => row));
    expect(faultRows.map(({ id }) => id).filter((id) => !provoked.has(id))).toEqual([]);
  });
});

// In this file for its one world: to open another one takes longer than all of these.
entraSuite(() => world);
loginHostSuite(() => world);
tokenSuite(() => world);
