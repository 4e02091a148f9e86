import {
  createGraphClient,
  createTokenSource,
  credentialFacts,
  credentialOf,
  expiryNotice,
  type GraphClient,
} from '@itsm-m365/graph-auth';
import type {
  Notice,
  RevealField,
  SecretBinding,
  SecretRef,
  Services,
  StoredItem,
  Subject,
} from '@itsm-m365/plugin-api';
import type { PortalSettings } from './portal-fields.ts';

export const portalsSection = 'm365-import.portals';

export type Portal = StoredItem<PortalSettings>;

export const subjectOf = (portal: Portal): Subject => ({ type: 'portal', id: portal.id, name: portal.value.name });

/** As much of a portal as its secrets hang on; `id` is `''` while it is new. */
type PortalSecrets = Pick<Portal, 'id' | 'value'>;

/** What a secret of a portal was entered for; another tenant, application or cloud asks for it again. */
const bindingOf = (portal: PortalSecrets, field: string): SecretBinding => ({
  owner: `${portalsSection}/${portal.id}`,
  field: `credential.${field}`,
  boundTo: { tenantId: portal.value.tenantId, clientId: portal.value.clientId, cloud: portal.value.cloud },
});

/** Reveals a secret of a portal's credential by its field; undefined where it has none. */
export const revealOf =
  (services: Pick<Services, 'secrets'>, portal: PortalSecrets): RevealField =>
  async (field) => {
    const stored: unknown = Object.entries(portal.value.credential).find(([name]) => name === field)?.[1];
    // The settings' schema makes every field that is asked for here a stored reference.
    return typeof stored === 'string'
      ? services.secrets.reveal(stored as SecretRef, bindingOf(portal, field))
      : undefined;
  };

export interface Connection {
  readonly graph: GraphClient;
  /** The expiry notice that is due, with the key that makes it unique. */
  readonly expiry: { readonly key: string; readonly notice: Notice } | undefined;
}

/**
 * Makes a Graph client of a portal's settings. Nothing is sent yet: the first call asks for a token, and refuses an
 * expired credential locally. Throws `SECRET_UNREADABLE` and `CREDENTIAL_MISSING`.
 */
export const connect = async (services: Services, portal: Portal): Promise<Connection> => {
  const { cloud, tenantId, clientId } = portal.value;
  const { http, clock, random, logger } = services;
  const credential = await credentialOf(portal.value.credential, revealOf(services, portal), http);
  const facts = credentialFacts(credential, `${tenantId}/${clientId}`);
  const token = createTokenSource({ cloud, tenantId, clientId, credential, http, clock, random, logger });
  return {
    graph: createGraphClient({ cloud, token, http, clock, random, logger }),
    expiry: facts === undefined ? undefined : expiryNotice(facts, clock.now(), subjectOf(portal)),
  };
};
