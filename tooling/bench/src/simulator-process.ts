import { startSimulator } from '@itsm-m365/microsoft-simulator';
import type { Kept, Order, Place } from './roles.ts';

/**
 * Serves generated tenants until the process ends. Without throttling: Graph's quota would cap floor and product alike,
 * and hide what lies between them. Pages are made once: Graph does not share a machine with its clients.
 */
export const serve = async ({ users, secret }: Extract<Order, { readonly role: 'simulator' }>): Promise<Kept> => {
  const tenants = users.map((count) => ({ users: count, assignmentsPerUser: 2.5 }));
  const { url, simulator, close } = await startSimulator({ tenants, secret, throttle: false, rememberListings: true });
  const answer: readonly Place[] = simulator.tenants.map(({ tenantId, clientId }) => ({
    url,
    tenantId,
    clientId,
    secret,
  }));
  return { answer, remove: close };
};
