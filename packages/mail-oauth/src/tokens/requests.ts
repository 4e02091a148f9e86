import { ConfidentialClientApplication, type Configuration, PublicClientApplication } from '@azure/msal-node';
import { type Credential, clouds, requestGrant, type TokenAnswer } from '@itsm-m365/graph-auth';
import type { Services } from '@itsm-m365/plugin-api';
import { explained } from './explained.ts';
import type { Registration } from './registration.ts';

export type RequestServices = Pick<Services, 'http' | 'clock' | 'random'>;

/** For one POST; well below the lease of a renewal's claim. */
export const requestTimeoutMs = 30_000;

type Acquire = (
  application: ConfidentialClientApplication | PublicClientApplication,
  correlationId: string,
) => Promise<unknown>;

const applicationOf = (configuration: Configuration, credential: Credential | undefined) =>
  credential === undefined
    ? new PublicClientApplication(configuration)
    : new ConfidentialClientApplication(configuration);

const request = async (
  registration: Registration,
  services: RequestServices,
  sent: readonly string[],
  signal: AbortSignal,
  acquire: Acquire,
): Promise<TokenAnswer> => {
  const correlationId = services.random.uuid();
  const credential = await registration.credential();
  const answer = await requestGrant(
    {
      cloud: clouds[registration.cloud],
      tenantId: registration.authority,
      clientId: registration.clientId,
      credential,
      http: services.http,
      now: services.clock.now(),
      correlationId,
      timeoutMs: requestTimeoutMs,
      signal,
      sent,
    },
    (configuration) => acquire(applicationOf(configuration, credential), correlationId),
  );
  if (!('error' in answer)) return answer;
  return { ...answer, error: explained(answer.error, { isPublic: credential === undefined }) };
};

/**
 * One refresh (RFC 6749, 6). msal-node adds `openid profile offline_access`. Never throws for a refusal; throws what
 * revealing the credential throws, and the signal's reason.
 */
export const requestRefresh = (
  registration: Registration,
  services: RequestServices,
  refreshToken: string,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<TokenAnswer> =>
  request(registration, services, [refreshToken], signal, (application, correlationId) =>
    application.acquireTokenByRefreshToken({ refreshToken, scopes: [...scopes], correlationId }),
  );

export interface CodeGrant {
  readonly code: string;
  readonly verifier: string;
  readonly redirect: string;
}

/** Redeems an authorization code with its PKCE verifier (RFC 6749, 4.1.3; RFC 7636, 4.5). As {@link requestRefresh}. */
export const requestByCode = (
  registration: Registration,
  services: RequestServices,
  grant: CodeGrant,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<TokenAnswer> =>
  request(registration, services, [grant.code, grant.verifier], signal, (application, correlationId) =>
    application.acquireTokenByCode({
      code: grant.code,
      codeVerifier: grant.verifier,
      redirectUri: grant.redirect,
      scopes: [...scopes],
      correlationId,
    }),
  );
