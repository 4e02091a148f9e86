import { startSimulator } from '@itsm-m365/microsoft-simulator';
import type { Order, Place } from './roles.ts';

/**
 * Serves a generated tenant until the process ends. Without throttling: Graph's quota would cap floor and product alike,
 * and hide what lies between them.
 */
export const serve = async ({ users, secret }: Extract<Order, { readonly role: 'simulator' }>): Promise<Place> => {
  const { url, simulator } = await startSimulator({ users, assignmentsPerUser: 2.5, secret, throttle: false });
  const { tenantId, clientId } = simulator.tenant;
  return { url, tenantId, clientId, secret };
};
