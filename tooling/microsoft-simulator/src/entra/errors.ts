import { jsonReply, type SimReply } from '../http.ts';
import { randomGuid } from '../random.ts';
import { serviceNow, type World } from '../world.ts';
import { type EntraProblem, problem, signInProblems } from './sign-in-errors.ts';

/** AADSTS numbers a client can meet at the token endpoint. Entra page: Authentication and authorization error codes. */
export const entraProblems = {
  900144: problem(400, 'invalid_request', (name) => `The request body lacks the parameter '${name}'.`),
  900561: problem(400, 'invalid_request', (method) => `The endpoint takes POST only, not ${method}.`),
  70003: problem(400, 'unsupported_grant_type', (grant) => `The grant type '${grant}' is not supported.`),
  9001023: problem(400, 'invalid_request', (name) => `The grant type is not supported at '/${name}'; name a tenant.`),
  90002: problem(400, 'invalid_request', (tenant) => `Tenant '${tenant}' not found.`),
  900382: problem(400, 'invalid_request', (tenant) => `Tenant '${tenant}' belongs to another cloud.`),
  700016: problem(400, 'unauthorized_client', (client) => `Application '${client}' was not found in the directory.`),
  7000112: problem(400, 'unauthorized_client', (client) => `Application '${client}' is disabled.`),
  70011: problem(400, 'invalid_scope', (scope) => `The scope '${scope}' is not valid; one resource and /.default.`),
  500011: problem(400, 'invalid_resource', (resource) => `The resource principal '${resource}' was not found.`),
  7000218: problem(401, 'invalid_client', () => "The request lacks 'client_assertion' or 'client_secret'."),
  7000215: problem(401, 'invalid_client', (client) => `Invalid client secret provided for app '${client}'.`),
  7000222: problem(
    401,
    'invalid_client',
    (client) => `The client secret keys provided for app '${client}' are expired.`,
  ),
  700027: problem(401, 'invalid_client', (why) => `The client assertion failed signature validation: ${why}.`),
  700024: problem(401, 'invalid_client', (range) => `Client assertion is not within its valid time range. ${range}`),
  // Captured with invalid_grant, for assertions that stand for a user (azure-docs #16399, msgraph-sdk-dotnet #2551); the
  // status is the one RFC 6749 5.2 gives invalid_grant.
  500133: problem(400, 'invalid_grant', (range) => `Assertion is not within its valid time range. ${range}`),
  700021: problem(401, 'invalid_client', (issuer) => `The assertion names '${issuer}', which is not the client_id.`),
  700023: problem(401, 'invalid_client', (audience) => `The assertion's audience '${audience}' is not this endpoint.`),
  1000502: problem(401, 'invalid_client', () => 'The provided certificate is not within its validity period.'),
  50012: problem(401, 'invalid_client', () => 'The client assertion was used before.'),
  50013: problem(401, 'invalid_client', () => 'The assertion failed signature validation with the keys of its issuer.'),
  50027: problem(400, 'invalid_request', (why) => `The JWT token is invalid or malformed: ${why}.`),
  700211: problem(401, 'invalid_client', (issuer) => `No matching federated identity record for issuer '${issuer}'.`),
  700212: problem(401, 'invalid_client', (name) => `No matching federated identity record for audience '${name}'.`),
  700213: problem(401, 'invalid_client', (name) => `No matching federated identity record for subject '${name}'.`),
  7002138: problem(
    401,
    'invalid_client',
    (name) => `No matching federated identity record for subject '${name}'; it matches when case is ignored.`,
  ),
  ...signInProblems,
  90055: problem(429, 'temporarily_unavailable', () => 'The tenant sends too many requests.'),
  90033: problem(503, 'temporarily_unavailable', () => 'A transient error has occurred.'),
} as const;

export type EntraCode = keyof typeof entraProblems;

/** Why Entra refuses: a number, what its sentence is about, and `error` where the place decides it. */
export interface Refused {
  readonly code: EntraCode;
  readonly subject: string;
  readonly error?: string;
}

/** A number without an entry, enabled by a fault, is refused as `invalid_grant`. */
const problemOf = (code: number): EntraProblem =>
  (entraProblems as Readonly<Record<number, EntraProblem>>)[code] ??
  problem(400, 'invalid_grant', () => 'The request was refused.');

const stamp = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** What an Entra error says, whatever carries it: JSON, a redirect or a page. */
export interface EntraWords {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly error_uri: string;
  readonly suberror?: string;
}

export interface ErrorContext {
  readonly host: string;
  readonly correlationId?: string | undefined;
  readonly status?: number;
  /** In place of the number's own `error`. */
  readonly error?: string | undefined;
}

export const entraWords = (world: World, code: number, subject: string, context: ErrorContext): EntraWords => {
  const { error, sentence, suberror } = problemOf(code);
  const traceId = randomGuid(world.random);
  const correlationId = context.correlationId ?? randomGuid(world.random);
  const timestamp = stamp(serviceNow(world));
  return {
    error: context.error ?? error,
    error_description: `AADSTS${code}: ${sentence(subject)}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\nTimestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://${context.host}/error?code=${code}`,
    ...(suberror === undefined ? {} : { suberror }),
  };
};

/** The error body of Entra: number and sentence in `error_description`, ids for support, RFC 6749 5.2 beneath. */
export const entraError = (
  world: World,
  code: number,
  subject: string,
  context: ErrorContext,
  headers: Readonly<Record<string, string>> = {},
): SimReply => {
  const words = entraWords(world, code, subject, context);
  return jsonReply(context.status ?? problemOf(code).status, words, {
    'cache-control': 'no-store, no-cache',
    pragma: 'no-cache',
    'x-ms-request-id': words.trace_id,
    ...headers,
  });
};
