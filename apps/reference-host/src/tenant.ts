import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { demoTenant, type RunningSimulator, startSimulator } from '@itsm-m365/microsoft-simulator';
import { type Actor, systemActor } from '@itsm-m365/plugin-api';
import type { ServerTasks } from '@itsm-m365/server-tasks';
import type { Configuration, TenantFromEnvironment } from './configuration.ts';

const section = 'm365-import.portals';
const actor: Actor = systemActor;

/** The simulated tenant of this start, with a secret that lives as long as the process. */
export interface DemonstrationTenant {
  readonly running: RunningSimulator;
  readonly secret: string;
}

export const startDemonstration = async (configuration: Configuration): Promise<DemonstrationTenant> => {
  const secret = randomBytes(24).toString('base64url');
  const { users, seed } = configuration.simulator;
  return { running: await startSimulator({ users, seed, secret }), secret };
};

const credentialFrom = async (tenant: TenantFromEnvironment): Promise<Record<string, unknown>> => {
  if (tenant.clientSecret !== undefined) {
    return { type: 'secret', value: tenant.clientSecret, validUntil: tenant.secretExpires };
  }
  const [certificate, privateKey] = await Promise.all([
    readFile(tenant.certificateFile ?? '', 'utf8'),
    readFile(tenant.keyFile ?? '', 'utf8'),
  ]);
  return {
    type: 'certificate',
    certificate,
    privateKey,
    ...(tenant.keyPassphrase === undefined ? {} : { passphrase: tenant.keyPassphrase }),
  };
};

const dayAfter = (now: number, days: number): string => new Date(now + days * 86_400_000).toISOString().slice(0, 10);

interface PortalItem {
  readonly id: string;
  readonly version: number;
  readonly value: unknown;
}

const nameOf = (item: PortalItem): unknown =>
  typeof item.value === 'object' && item.value !== null && 'name' in item.value ? item.value.name : undefined;

/**
 * Makes sure that the portal of this start is set up, by the same door as an administrator: created at the first start,
 * its credential renewed at each later one. Other portals are left alone.
 */
export const preparePortal = async (
  tasks: ServerTasks,
  configuration: Configuration,
  demonstration: DemonstrationTenant | undefined,
): Promise<void> => {
  const { tenant } = configuration;
  const wanted =
    tenant === undefined
      ? {
          name: 'Contoso',
          cloud: 'global',
          tenantId: demoTenant.tenantId,
          clientId: demoTenant.clientId,
          credential: {
            type: 'secret',
            value: demonstration?.secret,
            validUntil: dayAfter(tasks.services.clock.now(), 180),
          },
        }
      : {
          name: tenant.name,
          cloud: tenant.cloud,
          tenantId: tenant.tenantId,
          clientId: tenant.clientId,
          credential: await credentialFrom(tenant),
        };
  const present = (await tasks.settings.list(section)).find((item) => nameOf(item) === wanted.name);
  const { defaults } =
    tasks.plugins.started.flatMap(({ settings }) => settings ?? []).find(({ id }) => id === section) ?? {};
  const base = present === undefined ? { ...defaults } : (present.value as Record<string, unknown>);
  await tasks.settings.put(section, present?.id, { ...base, ...wanted }, { actor, ifVersion: present?.version ?? 0 });
};
