import { shownText } from '@itsm-m365/graph-auth';

/** What a token says of its person; nothing is believed that was not received from Entra itself. */
export interface Claims {
  /** Object id, lower case; `''` without one. */
  readonly user: string;
  /** Directory id, lower case; `''` without one. */
  readonly tenant: string;
  readonly audience: string;
  /** Names of the person in lower case, the most telling first: `preferred_username`, `upn`, `unique_name`, `email`. */
  readonly names: readonly string[];
  /** End of validity, milliseconds; NaN without one. */
  readonly expiresAt: number;
}

const longest = 320;

/** Claims go into texts and rows: bounded, and without what could forge a line. */
const wordOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= longest ? shownText(value, longest).trim().toLowerCase() : '';

/**
 * Reads the claims of a JSON Web Token; undefined for anything else (opaque, cut short, no object). The signature is not
 * checked: the token came from the token endpoint over TLS (OpenID Connect Core, 3.1.3.7, 6).
 */
export const claimsOf = (token: string): Claims | undefined => {
  const parts = token.split('.');
  if (parts.length !== 3 || parts.some((part) => !/^[\w-]+$/.test(part))) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(body));
  const names = ['preferred_username', 'upn', 'unique_name', 'email'].map((name) => wordOf(fields.get(name)));
  const end = fields.get('exp');
  return {
    user: wordOf(fields.get('oid')),
    tenant: wordOf(fields.get('tid')),
    audience: wordOf(fields.get('aud')),
    names: [...new Set(names.filter((name) => name !== ''))],
    expiresAt: typeof end === 'number' ? end * 1000 : Number.NaN,
  };
};
