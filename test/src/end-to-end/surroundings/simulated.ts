import {
  type RunningSimulator,
  type SimulatorTenant,
  simulatorDispatcher,
  startSimulator,
  type TenantOptions,
} from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';

export interface Simulated extends RunningSimulator {
  readonly http: Dispatcher;
  /** The tenants, in the order asked for. */
  tenant(number?: number): SimulatorTenant;
}

export const clientSecret = 'only-the-simulator-knows-it';

/** Tenants at a simulator of this test's own, and the way to them. */
export const simulate = async (...tenants: readonly TenantOptions[]): Promise<Simulated> => {
  const running = await startSimulator({ seed: 7, tenants, secret: clientSecret });
  const http = simulatorDispatcher(running.url);
  return {
    ...running,
    http,
    tenant(number = 0) {
      const tenant = running.simulator.tenants[number];
      if (tenant === undefined) throw new Error(`there is no tenant ${number}`);
      return tenant;
    },
    async close() {
      await http.destroy();
      await running.close();
    },
  };
};
