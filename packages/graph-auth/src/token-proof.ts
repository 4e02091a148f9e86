import type { Configuration } from '@azure/msal-node';
import { isKnownError } from '@itsm-m365/plugin-api';
import type { Cloud } from './clouds.ts';
import { type Credential, readPair } from './credential.ts';
import { graphErrors, plainCause } from './errors.ts';
import type { EndpointRequest } from './token-endpoint.ts';

/** A request of an application, whatever the grant. */
export interface ClientRequest extends EndpointRequest {
  /** Directory (tenant) ID, a verified domain, or `organizations`. */
  readonly tenantId: string;
  readonly clientId: string;
  /** Undefined: a public client. */
  readonly credential: Credential | undefined;
  /** Secrets of the request besides the credential: code, verifier, refresh token. Taken out of what the server says. */
  readonly sent?: readonly string[];
}

export interface TokenRequest extends ClientRequest {
  readonly credential: Credential;
  readonly scope: string;
}

/** Everything msal-node needs to know of an authority, so that the POST is the only request. */
export const metadataOf = ({ loginHost }: Cloud, tenantId: string): string =>
  JSON.stringify({
    authorization_endpoint: `https://${loginHost}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `https://${loginHost}/${tenantId}/oauth2/v2.0/token`,
    issuer: `https://${loginHost}/${tenantId}/v2.0`,
    jwks_uri: `https://${loginHost}/${tenantId}/discovery/v2.0/keys`,
  });

/** The local half of GERR-06: what keeps a JWT from being signed, told by the seed's one sentence with its real cause. */
const signingCodes = [
  'PRIVATE_KEY_UNREADABLE',
  'PRIVATE_KEY_PASSPHRASE_MISSING',
  'PRIVATE_KEY_PASSPHRASE_WRONG',
  'CERTIFICATE_KEY_TYPE',
  'CERTIFICATE_KEY_SHORT',
];

export const asSigningError = (error: unknown): unknown =>
  isKnownError(error, ...signingCodes)
    ? graphErrors.TOKEN_SIGNING_FAILED({ class: 'local', reason: error.code }, { cause: plainCause(error) })
    : error;

/** The part of msal-node's configuration that proves who we are. */
export const proofOf = (request: ClientRequest, failed: (error: unknown) => never): Partial<Configuration['auth']> => {
  const { credential, signal } = request;
  if (credential === undefined) return {};
  if (credential.type === 'secret') return { clientSecret: credential.value };
  if (credential.type === 'federated') {
    return { clientAssertion: () => credential.assertion(signal).catch(failed) };
  }
  const { certificate, key } = readPair(credential);
  return { clientCertificate: { thumbprintSha256: certificate.thumbprintSha256, privateKey: key.pem } };
};
