import {
  type RunningSimulator,
  type SimulatorOptions,
  simulatorDispatcher,
  startSimulator,
} from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';
import type { Credential } from '../credential.ts';
import { createGraphClient } from '../graph.ts';
import type { GraphClient, GraphLimits } from '../graph-types.ts';
import type { RetryLimits } from '../retry.ts';
import { createTokenSource, type TokenSource, type TokenSourceOptions } from '../token.ts';
import { type TestClock, type TestLogger, testClock, testLogger, testRandom } from './surroundings.ts';

export const secretValue = 'planted~Secret.Value-8Q~abcdefghijklmnop';

export interface TestTenant {
  readonly running: RunningSimulator;
  readonly http: Dispatcher;
  readonly clock: TestClock;
  readonly logger: TestLogger;
  readonly credential: Credential;
  readonly options: TokenSourceOptions;
  token(credential?: Credential, retry?: Partial<RetryLimits>): TokenSource;
  graph(limits?: Partial<GraphLimits>, token?: TokenSource): GraphClient;
  close(): Promise<void>;
}

/** A simulated tenant and everything needed to speak to it, on one virtual clock. */
export const testTenant = async (options: SimulatorOptions = {}): Promise<TestTenant> => {
  const clock = testClock();
  const logger = testLogger();
  const running = await startSimulator({ secret: secretValue, clock, ...options });
  const http = simulatorDispatcher(running.url);
  const { tenantId, clientId, cloud } = running.simulator.tenant;
  const credential: Credential = {
    type: 'secret',
    secretId: 'one',
    value: secretValue,
    validUntil: clock.now() + 3e10,
  };
  const base: TokenSourceOptions = {
    cloud: cloudIdOf(cloud.graphHost),
    tenantId,
    clientId,
    credential,
    http,
    clock,
    random: testRandom(),
    logger,
  };
  const token = (other: Credential = credential, retry: Partial<RetryLimits> = {}) =>
    createTokenSource({ ...base, credential: other, retry });
  return {
    running,
    http,
    clock,
    logger,
    credential,
    options: base,
    token,
    graph: (limits = {}, source = token()) => createGraphClient({ ...base, token: source, limits }),
    close: async () => {
      await http.destroy();
      await running.close();
    },
  };
};

const cloudIdOf = (graphHost: string): TokenSourceOptions['cloud'] => {
  if (graphHost === 'graph.microsoft.us') return 'usgov-l4';
  if (graphHost === 'dod-graph.microsoft.us') return 'usgov-l5';
  return graphHost.endsWith('.cn') ? 'china' : 'global';
};
