import type { KnownError } from '@itsm-m365/plugin-api';
import { maxText } from './entra-refusal.ts';
import { graphErrors } from './errors.ts';
import { redactTokens, shownText } from './redact.ts';

/** An error body of Graph (Graph page "Error responses"), as Microsoft wrote it. */
export interface GraphFault {
  readonly code: string;
  readonly message: string;
  /** `code` and those of the nested inner errors, lower case: only these may be branched on. */
  readonly codes: readonly string[];
  readonly requestId?: string;
}

const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;

const textOf = (value: unknown): string => (typeof value === 'string' ? redactTokens(shownText(value, maxText)) : '');

/** Reads an error from a parsed body; undefined where it is none. Both casings of the inner error occur. */
export const graphFaultOf = (body: unknown): GraphFault | undefined => {
  const error = fieldsOf(fieldsOf(body)?.get('error'));
  if (error === undefined) return undefined;
  const codes: string[] = [];
  let requestId: string | undefined;
  let level: ReadonlyMap<string, unknown> | undefined = error;
  for (let depth = 0; level !== undefined && depth < 10; depth += 1) {
    codes.push(textOf(level.get('code')).toLowerCase());
    requestId ??= textOf(level.get('request-id') ?? level.get('requestId')) || undefined;
    level = fieldsOf(level.get('innerError') ?? level.get('innererror'));
  }
  return {
    code: textOf(error.get('code')),
    message: textOf(error.get('message')),
    codes: codes.filter((code) => code !== ''),
    ...(requestId === undefined ? {} : { requestId }),
  };
};

/** Which application permission a path needs; the names are Microsoft's (M365-04, M365-05). */
export const permissionFor = (path: string): string => {
  const resource = path.replace(/^https:\/\/[^/]+/, '').replace(/^\/(v1\.0|beta)(?=\/)/, '');
  if (/^\/users\b/i.test(resource)) return 'User.Read.All';
  if (/^\/(organization|subscribedSkus|directory\/subscriptions)\b/i.test(resource)) return 'Organization.Read.All';
  return /^\/groups\b/i.test(resource) ? 'GroupMember.Read.All' : 'User.Read.All, Organization.Read.All';
};

export interface FaultFacts {
  readonly status: number;
  readonly path: string;
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly attempts: number;
  /** Seconds that all attempts together may take. */
  readonly limit: number;
}

const expiredPage = ['directory_expiredpagetoken', 'directorypagetokennotfoundexception'];
const expiredDelta = ['syncstatenotfound', 'resyncrequired', 'syncstateinvalid'];

/** Chooses our code for a refusal of Graph; code and message of Microsoft's stay as they are (GERR-01). */
export const graphRefusal = (fault: GraphFault, facts: FaultFacts): KnownError => {
  const { status, path } = facts;
  const details = {
    ...facts,
    class: 'remote',
    // Either may be empty, and a sentence without them says nothing.
    graphCode: fault.code || `HTTP ${status}`,
    graphMessage: fault.message || `HTTP ${status}`,
    permission: permissionFor(path),
  };
  const has = (...codes: readonly string[]) => fault.codes.some((code) => codes.includes(code));
  if (has(...expiredPage)) return graphErrors.GRAPH_PAGE_TOKEN_EXPIRED(details);
  if (has(...expiredDelta) || status === 410) return graphErrors.GRAPH_DELTA_EXPIRED(details);
  if (status === 401) return graphErrors.GRAPH_TOKEN_REFUSED(details);
  if (status === 403 && has('authorization_requestdenied', 'accessdenied', 'forbidden'))
    return graphErrors.GRAPH_PERMISSION_MISSING(details);
  if (status === 429 || status === 424) return graphErrors.GRAPH_THROTTLED(details);
  return status >= 500 && status !== 501 ? graphErrors.GRAPH_UNAVAILABLE(details) : graphErrors.GRAPH_REFUSED(details);
};
