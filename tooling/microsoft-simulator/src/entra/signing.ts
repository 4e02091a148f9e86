import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readJwt, signatureHolds } from './jwt.ts';

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

// One key per process: making an RSA key takes longer than most tests. Tenants are told apart by `tid`, not by key.
let shared: SigningKey | undefined;

const signingKey = (): SigningKey => {
  if (shared === undefined) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = createPublicKey(privateKey);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    shared = { privateKey, publicKey, kid: createHash('sha256').update(der).digest('base64url').slice(0, 27) };
  }
  return shared;
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const signToken = (claims: Readonly<Record<string, unknown>>): string => {
  const { privateKey, kid } = signingKey();
  const signed = `${part({ typ: 'JWT', alg: 'RS256', x5t: kid, kid })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
};

/** Claims of a token this process signed, or undefined for a foreign or tampered one. Expiry is not judged here. */
export const verifyToken = (token: string): Readonly<Record<string, unknown>> | undefined => {
  const jwt = readJwt(token);
  return jwt !== undefined && jwt.header.alg === 'RS256' && signatureHolds(jwt, signingKey().publicKey)
    ? jwt.claims
    : undefined;
};

/** The public keys in the form of RFC 7517. */
export const publicKeySet = (issuer: string): unknown => {
  const { publicKey, kid } = signingKey();
  const jwk = publicKey.export({ format: 'jwk' });
  return { keys: [{ kty: 'RSA', use: 'sig', kid, x5t: kid, n: jwk.n, e: jwk.e, issuer }] };
};

export interface SigningKeyPem {
  /** The `kid` in the header of every token. */
  readonly kid: string;
  /** The public key, SPKI in PEM. */
  readonly pem: string;
}

/** The public key for servers that check tokens by themselves, as Dovecot does with `local_validation_key_dict`. */
export const signingKeyPem = (): SigningKeyPem => {
  const { publicKey, kid } = signingKey();
  return { kid, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};
