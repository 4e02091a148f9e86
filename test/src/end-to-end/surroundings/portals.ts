import type { SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import type { Client } from './client.ts';
import { clientSecret } from './simulated.ts';

export const section = '/settings/m365-import.portals';

export interface StoredPortal {
  readonly id: string;
  readonly version: number;
  readonly value: Readonly<Record<string, unknown>> & { readonly name: string; readonly exclusions: readonly string[] };
}

export const secretCredential = { type: 'secret', value: clientSecret, validUntil: '2099-12-31' } as const;

/** A portal as an administrator fills it in. */
export const portalOf = (
  tenant: Pick<SimulatorTenant, 'tenantId' | 'clientId'>,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  name,
  description: '',
  active: true,
  guardMaxSharePercent: 10,
  guardMinCount: 20,
  fullListingHours: 24,
  cloud: 'global',
  tenantId: tenant.tenantId,
  clientId: tenant.clientId,
  credential: secretCredential,
  exclusions: [],
  ...more,
});

export const addPortal = (client: Client, value: object): Promise<StoredPortal> =>
  client.post(`${section}/items`, { value });

export const readPortal = (client: Client, id: string): Promise<StoredPortal> => client.get(`${section}/items/${id}`);

/** Changes some fields, as the editor does: reads, changes, stores with the version read. */
export const changePortal = async (client: Client, id: string, change: object): Promise<StoredPortal> => {
  const { value, version } = await readPortal(client, id);
  return client.put(`${section}/items/${id}`, { value: { ...value, ...change }, ifVersion: version });
};

export const removePortal = async (client: Client, id: string): Promise<void> => {
  const { version } = await readPortal(client, id);
  const answer = await client.call('DELETE', `${section}/items/${id}?ifVersion=${version}`);
  if (answer.status !== 204) throw new Error(`the portal was not removed: ${answer.text}`);
};
