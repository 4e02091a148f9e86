import type { Credential } from './credential.ts';

/**
 * Takes a credential's secrets out of a text that others wrote: a proxy or a debugging endpoint may echo the request. JWTs
 * go too, whoever they belong to.
 */
export const redactorOf = (credential: Credential): ((text: string) => string) => {
  const planted =
    credential.type === 'secret'
      ? [credential.value, encodeURIComponent(credential.value)]
      : credential.type === 'certificate'
        ? [credential.privateKeyPem, credential.passphrase ?? '']
        : [];
  const secrets = planted.filter((secret) => secret.length >= 4);
  return (text) => redactTokens(secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text));
};

/** Takes JSON Web Tokens and private keys out of a text. */
export const redactTokens = (text: string): string =>
  text
    .replace(/eyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?/g, '[redacted]')
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[redacted]');
