import { createHash } from 'node:crypto';
import type { Target } from '../http.ts';
import { QueryProblem } from './call.ts';

/** Where a walk stands. Everything needed is inside the token, so walks cost the simulator no memory. */
export interface PageToken {
  readonly kind: 'list' | 'groups' | 'delta-page' | 'delta-state';
  readonly tenantId: string;
  readonly mintedAt: number;
  /** Number of the page this token leads to, the first being 0. */
  readonly page: number;
  /** Place in the listing, or offset within the changes of a delta round. */
  readonly position: number;
  /** Makes every walk's tokens distinct. */
  readonly walk: string;
  /** The page before was left empty by a fault. */
  readonly afterEmpty?: boolean;
  /** Minted by a repeated request. */
  readonly fromRepeat?: boolean;
  readonly select?: string;
  /** Delta: ids of `$filter=id eq …`. */
  readonly ids?: readonly string[];
  /** Delta: the round covers changes after `from` (absent: everything) up to `to`. */
  readonly from?: number;
  readonly to?: number;
}

const seal = (payload: Buffer): string => createHash('sha256').update('page-token').update(payload).digest('base64url');

export const encodeToken = (token: PageToken): string => {
  const payload = Buffer.from(JSON.stringify(token)).map((byte) => byte ^ 0x5a);
  return `${seal(Buffer.from(payload)).slice(0, 12)}${Buffer.from(payload).toString('base64url')}`;
};

/** Undefined for a token that is damaged. */
const opened = (text: string): PageToken | undefined => {
  const payload = Buffer.from(text.slice(12), 'base64url');
  if (text.length <= 12 || seal(payload).slice(0, 12) !== text.slice(0, 12)) return undefined;
  return JSON.parse(Buffer.from(payload.map((byte) => byte ^ 0x5a)).toString()) as PageToken;
};

/** Reads a token back; throws 400 for one that is damaged, of another kind, or of another tenant. */
export const decodeToken = (text: string, kinds: readonly PageToken['kind'][], tenantId: string): PageToken => {
  const token = opened(text);
  if (token !== undefined && kinds.includes(token.kind) && token.tenantId === tenantId) return token;
  throw new QueryProblem('Request_BadRequest', 'The specified page token is not valid.');
};

/** Number of the page a request asks for, so that a fault can wait for the middle of a walk. */
export const pageOf = (target: Target): number => opened(target.query.get('$skiptoken') ?? '')?.page ?? 0;
