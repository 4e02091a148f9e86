import { type CloudId, type Credential, checkIds, credentialOf, graphErrors } from '@itsm-m365/graph-auth';
import type { Services } from '@itsm-m365/plugin-api';
import { type MailApplication, revealOf } from '../applications.ts';
import { isGuid } from '../problems.ts';

/** The application in Entra that asks for tokens. */
export interface Registration {
  readonly cloud: CloudId;
  /** Directory (tenant) ID, or `organizations` (MAIL-08, MAIL-20). */
  readonly authority: string;
  readonly clientId: string;
  /** Reveals the credential, for one request; undefined for a public client (MAIL-12). */
  credential(): Promise<Credential | undefined>;
}

/**
 * What a stored application says about its registration. Throws `TENANT_INVALID` and `CLIENT_INVALID` without touching the
 * network: both become part of an address.
 */
export const registrationOf = (
  application: MailApplication,
  services: Pick<Services, 'secrets' | 'http'>,
  cloud: CloudId = 'global',
): Registration => {
  const { accountType, tenantId, clientId, credential } = application.value;
  const client = clientId.trim().toLowerCase();
  if (!isGuid(client)) throw graphErrors.CLIENT_INVALID({ class: 'local' });
  const authority = accountType === 'organizations' ? 'organizations' : tenantId.trim().toLowerCase();
  if (accountType !== 'organizations') checkIds(authority, client);
  return {
    cloud,
    authority,
    clientId: client,
    credential: async () =>
      credential.type === 'none' ? undefined : credentialOf(credential, revealOf(services, application), services.http),
  };
};
