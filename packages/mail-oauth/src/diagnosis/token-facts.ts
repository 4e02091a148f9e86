import type { Instant } from '@itsm-m365/plugin-api';
import { claimsOf } from '../tokens/claims.ts';
import { shown } from './shown.ts';

/** What a token says of itself. Read here without verification: only Exchange's own answer counts, this explains it. */
export interface TokenFacts {
  readonly audience: string;
  /** Application permissions. */
  readonly roles: readonly string[];
  /** Delegated permissions. */
  readonly scopes: readonly string[];
  readonly tenant: string;
  readonly application: string;
  /** Names of the person, lower case; empty for an application's token. */
  readonly names: readonly string[];
  /** NaN where it does not say. */
  readonly expiresAt: Instant;
}

const mostNames = 50;
const longestToken = 100_000;

const words = (value: unknown): string => (typeof value === 'string' ? shown(value.slice(0, 2_000), 2_000) : '');

const list = (value: unknown): readonly string[] => {
  const given = Array.isArray(value) ? value.slice(0, mostNames) : words(value).split(' ');
  return given
    .map((one) => words(one).slice(0, 100))
    .filter((one) => one !== '')
    .slice(0, mostNames);
};

/** Names of the same service, lower case and without an end slash; the GUIDs are Microsoft's own applications. */
const exchangeAudiences = [
  'https://outlook.office365.com',
  'https://outlook.office.com',
  'https://ps.outlook.com',
  '00000002-0000-0ff1-ce00-000000000000',
];
const graphAudiences = ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'];

/** Which service a token is for; undefined where its audience is none that is known. */
export const audienceOf = ({ audience }: Pick<TokenFacts, 'audience'>): 'exchange' | 'graph' | undefined => {
  const plain = audience.toLowerCase().replace(/\/+$/, '');
  if (exchangeAudiences.includes(plain)) return 'exchange';
  return graphAudiences.includes(plain) ? 'graph' : undefined;
};

/** Best effort, since Microsoft promises nothing of a token's contents: undefined for what is no readable token. */
export const tokenFacts = (token: string): TokenFacts | undefined => {
  if (token.length > longestToken) return undefined;
  const claims = claimsOf(token);
  if (claims === undefined) return undefined;
  // `claimsOf` has parsed it already, so that it cannot throw here.
  const body: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const fields = new Map<string, unknown>(Object.entries(typeof body === 'object' && body !== null ? body : {}));
  return {
    audience: claims.audience,
    roles: list(fields.get('roles')),
    scopes: list(fields.get('scp')),
    tenant: claims.tenant,
    application: (words(fields.get('appid')) || words(fields.get('azp'))).toLowerCase().slice(0, 100),
    names: claims.names,
    expiresAt: claims.expiresAt,
  };
};

/** `{"` in base64url: how every JSON Web Token begins. */
const tokenStart = /^eyJ[\w-]*(\.[\w-]*){0,2}$/;

/** Bytes of an RSA signature (RFC 7518, 3.3 and 3.5): that of its key, 2048 bits at least. */
const signatureBytes: readonly number[] = [256, 384, 512];

/**
 * Whether a token begins as a JSON Web Token and ends too early; false for one that is opaque. Entra signs by RSA, so that
 * the length of the signature tells it. A token that was altered in its middle is not known here.
 */
export const isCutShort = (token: string): boolean => {
  if (!tokenStart.test(token.slice(0, longestToken))) return false;
  const [head = '', , signature] = token.split('.');
  if (signature === undefined || claimsOf(token) === undefined) return true;
  const algorithm = Buffer.from(head, 'base64url').toString('latin1');
  return /"(RS|PS)\d{3}"/.test(algorithm) && !signatureBytes.includes(Buffer.from(signature, 'base64url').length);
};
