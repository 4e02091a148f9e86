import { demoTenant, type TruthSku } from '@itsm-m365/microsoft-simulator';
import { built, type Started, startNode } from './processes.ts';

export interface SimulatorProcess {
  readonly url: string;
  readonly secret: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** Reads what the tenant itself knows. */
  truth<T>(path: string): Promise<T>;
  /** Changes the tenant. */
  mutate(deeds: readonly object[]): Promise<void>;
  end(): Promise<void>;
}

export const skusOf = (simulator: SimulatorProcess): Promise<readonly TruthSku[]> => simulator.truth('/truth/skus');

/** The simulator in a process of its own, so that its memory and its time are its own. */
export const startSimulatorProcess = async (users: number, seed = 11): Promise<SimulatorProcess> => {
  const secret = 'a-secret-of-this-test';
  const started: Started = startNode(built('tooling', 'microsoft-simulator', 'dist', 'main.js'), [
    '--port',
    '0',
    '--users',
    String(users),
    '--seed',
    String(seed),
    '--secret',
    secret,
  ]);
  const [, url = ''] = await started.says(/listening on (http:\S+)/);
  const tenant = `${url}/_control/tenants/0`;
  return {
    url,
    secret,
    tenantId: demoTenant.tenantId,
    clientId: demoTenant.clientId,
    async truth<T>(path: string) {
      const answer = await fetch(`${tenant}${path}`);
      return (await answer.json()) as T;
    },
    async mutate(deeds) {
      const answer = await fetch(`${tenant}/mutations`, { method: 'POST', body: JSON.stringify(deeds) });
      if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
    },
    async end() {
      started.child.kill('SIGTERM');
      await started.ended;
    },
  };
};

/** Arguments of the process that imports from it once. */
export const onceArguments = (simulator: SimulatorProcess, folder: string): string[] => [
  '--folder',
  folder,
  '--simulator',
  simulator.url,
  '--tenant',
  simulator.tenantId,
  '--client',
  simulator.clientId,
  '--secret',
  simulator.secret,
];
