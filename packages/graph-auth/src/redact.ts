import type { Credential } from './credential.ts';

/**
 * Takes a credential's secrets out of a text that others wrote: a proxy or a debugging endpoint may echo the request. JWTs
 * go too, whoever they belong to. `sent` are further secrets of the request.
 */
export const redactorOf = (
  credential: Credential | undefined,
  sent: readonly string[] = [],
): ((text: string) => string) => {
  const own =
    credential?.type === 'secret'
      ? [credential.value]
      : credential?.type === 'certificate'
        ? [credential.privateKeyPem, credential.passphrase ?? '']
        : [];
  const planted = [...own, ...sent];
  // Halves of surrogate pairs, which `encodeURIComponent` throws on, cannot be sent.
  const encoded = planted.map((secret) => encodeURIComponent(secret.replace(/\p{Cs}/gu, '\uFFFD')));
  const secrets = [...planted, ...encoded].filter((secret) => secret.length >= 4);
  return (text) => redactTokens(secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text));
};

/**
 * Takes out of a text of Microsoft's what could forge a line of a log or turn a text around: control characters except its
 * own tabs and line breaks, line separators, bidi overrides, halves of pairs. At most so many UTF-16 units.
 */
export const shownText = (text: string, limit: number): string =>
  text.slice(0, limit).replace(/(?![\t\r\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, '');

/** Takes JSON Web Tokens and private keys out of a text. */
export const redactTokens = (text: string): string =>
  text
    .replace(/eyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?/g, '[redacted]')
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[redacted]');
