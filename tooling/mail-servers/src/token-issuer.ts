import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** A public key as Dovecot looks it up: by the token's `azp` and `kid`. */
export interface TokenKey {
  readonly client: string;
  readonly kid: string;
  readonly publicKeyPem: string;
}

export interface TokenIssuer {
  readonly issuer: string;
  readonly key: TokenKey;
  /** An access token of the user, one hour long unless told otherwise; `expiresIn` in seconds, negative: expired. */
  token(user: string, options?: { readonly expiresIn?: number; readonly scope?: string }): Promise<string>;
}

/** Issues access tokens for the real mail servers of the tests; another one's tokens have a foreign signature. */
export const tokenIssuer = (issuer = 'https://sts.example.test/'): TokenIssuer => {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
  });
  const key: TokenKey = {
    client: 'mail-client',
    kid: 'key-1',
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  return {
    issuer,
    key,
    token: (user, { expiresIn = 3600, scope = 'IMAP.AccessAsUser.All' } = {}) => {
      const seconds = Math.floor(Date.now() / 1000);
      return new SignJWT({ preferred_username: user, scope, azp: key.client })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
        .setSubject(user)
        .setIssuer(issuer)
        .setIssuedAt(seconds - 7200)
        .setExpirationTime(seconds + expiresIn)
        .sign(privateKey);
    },
  };
};
