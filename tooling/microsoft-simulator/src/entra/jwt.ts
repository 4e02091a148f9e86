import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { JsonWebKeyLike } from '../options.ts';

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const object = (part: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Reads a compact JWS (RFC 7515) without judging it; undefined when it is none. */
export const readJwt = (text: string): Jwt | undefined => {
  const [first, second, third, ...rest] = text.split('.');
  if (first === undefined || second === undefined || third === undefined || rest.length > 0) return undefined;
  const header = object(first);
  const claims = object(second);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: Buffer.from(`${first}.${second}`), signature: Buffer.from(third, 'base64url') };
};

/** Checks a signature by the algorithms Entra takes for assertions (RFC 7518 3.3 to 3.5). */
export const signatureHolds = (jwt: Jwt, key: KeyObject): boolean => {
  const { alg } = jwt.header;
  try {
    if (alg === 'RS256') return verify('sha256', jwt.signed, key, jwt.signature);
    if (alg === 'PS256') {
      const options = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      return verify('sha256', jwt.signed, options, jwt.signature);
    }
    if (alg === 'ES256') return verify('sha256', jwt.signed, { key, dsaEncoding: 'ieee-p1363' }, jwt.signature);
    return false;
  } catch {
    return false;
  }
};

export const keyOf = (jwk: JsonWebKeyLike): KeyObject => createPublicKey({ key: { ...jwk }, format: 'jwk' });
