import { createTokenSource, graphErrors, type TokenSource } from '@itsm-m365/graph-auth';
import { isKnownError, type Services } from '@itsm-m365/plugin-api';
import type { Resource } from './access.ts';
import { explained } from './explained.ts';
import type { Registration } from './registration.ts';
import type { RenewableTokens } from './renewable.ts';
import { applicationScope } from './resources.ts';

/**
 * Access tokens by client credentials with secret, certificate or federated assertion (ADV-08). The credential is revealed
 * with the first token; a changed application needs tokens made anew.
 */
export const createApplicationTokens = (
  registration: Registration,
  services: Pick<Services, 'http' | 'clock' | 'random' | 'logger'>,
): RenewableTokens => {
  const sources = new Map<Resource, Promise<TokenSource>>();

  const open = async (resource: Resource): Promise<TokenSource> => {
    const { cloud, authority, clientId } = registration;
    const credential = await registration.credential();
    if (credential === undefined) throw graphErrors.CREDENTIAL_MISSING({ class: 'local', field: 'credential' });
    const { http, clock, random, logger } = services;
    const scope = applicationScope(resource, cloud);
    return createTokenSource({ cloud, tenantId: authority, clientId, credential, scope, http, clock, random, logger });
  };

  const sourceOf = (resource: Resource): Promise<TokenSource> => {
    const known = sources.get(resource);
    if (known !== undefined) return known;
    const opened = open(resource);
    sources.set(resource, opened);
    // What could not be revealed may be there the next time.
    opened.catch(() => sources.delete(resource));
    return opened;
  };

  return {
    token: async (resource, { refused, signal } = {}) => {
      try {
        const source = await sourceOf(resource);
        return await (refused === undefined ? source.get(signal) : source.renew(refused, signal));
      } catch (error) {
        throw isKnownError(error) ? explained(error, { isPublic: false }) : error;
      }
    },
    renew: async () => undefined,
  };
};
