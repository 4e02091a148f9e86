import type { EndpointName } from '../http.ts';

export type RetryAfterFormat = 'integer' | 'fractional' | 'http-date' | 'absent';

/** Where and how often a fault strikes; all optional, all must agree. */
export interface CommonFaultParameters {
  readonly endpoint?: EndpointName | readonly EndpointName[];
  readonly tenantId?: string;
  /** Strikes this many times, then is spent. */
  readonly times?: number;
  /** Chance from 0 to 1, drawn from the simulator's randomness. */
  readonly probability?: number;
  /** Strikes this one page of a walk, the first being 0. */
  readonly page?: number;
  /** Spares the first n pages of a walk. */
  readonly afterPages?: number;
  /** Spares the first n matching requests. */
  readonly afterRequests?: number;
}

interface SpecificParameters {
  readonly retryAfterSeconds: number;
  readonly retryAfterFormat: RetryAfterFormat;
  readonly milliseconds: number;
  readonly seconds: number;
  readonly host: string;
  readonly status: number;
  readonly count: number;
  readonly code: string;
  readonly number: number;
}

type SpecificName = keyof SpecificParameters;

interface FaultDefinition<P extends SpecificName> {
  readonly description: string;
  readonly parameters: readonly P[];
}

const fault = <P extends SpecificName = never>(description: string, ...parameters: P[]): FaultDefinition<P> => ({
  description,
  parameters,
});

/** What can go wrong at Exchange Online: in its IMAP, POP and SMTP servers, and in Graph's mail. */
const exchangeFaults = {
  'mail-authentication-refused': fault('IMAP, POP or SMTP refuses a good token: a change is not known there yet.'),
  'mail-silent': fault('A mail server takes the connection and says nothing, not even its greeting.'),
  'mail-slow': fault('A mail server waits before each answer.', 'milliseconds'),
  'mail-connection-lost': fault('A mail server ends the connection instead of answering a command.'),
  'imap-throttled': fault('IMAP answers BAD Request is throttled.', 'milliseconds'),
  'imap-bye': fault('IMAP answers a command with BYE and closes.'),
  'imap-not-connected': fault('IMAP answers BAD User is authenticated but not connected, rights or not.'),
  'imap-dynamic-delivery': fault('IMAP gives a notice in place of a message that Defender still holds.'),
  'smtp-throttled': fault('SMTP answers MAIL FROM with 421, 451 or 452 (default 451).', 'status'),
  'smtp-data-throttled': fault('SMTP answers the message with 421, 451 or 452 (default 451).', 'status'),
  'smtp-greylisted': fault('SMTP answers RCPT TO with 450 4.7.1.'),
  'smtp-recipient-refused': fault('SMTP answers RCPT TO with 550 5.1.10.'),
  'smtp-data-refused': fault('SMTP refuses the message for good.', 'status', 'code'),
  'smtp-lost-when-taken': fault('SMTP takes the message, and the connection breaks before the answer.'),
  'smtp-lost-when-not-taken': fault('The connection breaks before the answer, and SMTP has not taken the message.'),
  'smtp-basic-retired': fault('SMTP refuses a password with 550 5.7.30 instead of 535 5.7.139.'),
  'message-id-replaced': fault('Exchange gives a sent message a Message-ID of its own.'),
  'send-mail-lost-when-taken': fault('Graph sends the message, and the connection breaks before the answer.'),
  'send-mail-lost-when-not-taken': fault('The connection breaks before the answer, and Graph has not sent.'),
  'mailbox-concurrency': fault('Graph answers 429 MailboxConcurrency however few requests run.', 'retryAfterSeconds'),
} as const;

export type ExchangeFaultName = keyof typeof exchangeFaults;

export const isExchangeFault = (name: FaultName): name is ExchangeFaultName => Object.hasOwn(exchangeFaults, name);

/** Everything that can be switched on to go wrong: at Entra, on the wire, in Graph's answers, in its data. */
export const faultTable = {
  'internal-server-error': fault('Graph answers 500 UnknownError.'),
  'bad-gateway': fault('Graph answers 502 with a JSON error.'),
  'service-unavailable': fault('Graph answers 503.', 'retryAfterSeconds', 'retryAfterFormat'),
  'gateway-timeout': fault('Graph answers 504.'),
  'too-many-requests': fault(
    'Graph answers 429; a request before Retry-After has elapsed is a violation and starts the wait anew.',
    'retryAfterSeconds',
    'retryAfterFormat',
  ),
  'token-refused': fault('Graph answers 401 to a token that is valid: revoked, or keys rolled over.'),
  'permission-refused': fault('Graph answers 403 Authorization_RequestDenied whatever the roles.'),
  'empty-error-code': fault('Graph answers an error whose code is an empty text.', 'status'),
  'error-none-body': fault('Graph answers 200 with a body that has `error` null and no value.'),
  'connection-reset': fault('The connection breaks in the middle of the body.'),
  'slow-body': fault('The body arrives in pieces over the given time.', 'milliseconds'),
  hang: fault('The answer never comes.'),
  'truncated-json': fault('The body stops in the middle, with a content length that fits.'),
  'proxy-page-ok': fault('A proxy answers 200 with an HTML page.'),
  'proxy-page-forbidden': fault('A proxy answers 403 with an HTML page.'),
  'proxy-page-bad-gateway': fault('A proxy answers 502 with an HTML page.'),
  'no-gzip': fault('Answers are not compressed although the client accepts gzip.'),
  'clock-skew': fault('The service clock runs ahead by the given seconds (negative: behind).', 'seconds'),
  'foreign-next-link': fault('nextLink points to another host.', 'host'),
  'page-loop': fault('nextLink repeats the page just read.'),
  'empty-page': fault('A page has no items, but a nextLink to the items.'),
  'empty-users': fault('The user listing is empty and complete.'),
  'partial-listing': fault('The listing ends early, without a nextLink, as if complete.'),
  'duplicate-users': fault('Each page repeats the last users of the page before.', 'count'),
  'top-over-maximum-refused': fault('$top over the maximum is refused with 400 instead of clamped.'),
  'expired-page-token': fault('Continuing fails with 400 Directory_ExpiredPageToken.'),
  'expired-page-token-on-licence-filter': fault(
    'Page 2 of a listing filtered by assignedLicenses/any without ConsistencyLevel fails with 400 Directory_ExpiredPageToken.',
  ),
  'page-token-not-found': fault(
    'Continuing with a link taken from a repeated request fails with 400 DirectoryPageTokenNotFoundException.',
  ),
  'delta-gone': fault('A delta or next link answers 410 with a Location to start over.'),
  'sync-state-not-found': fault('A delta link answers 400 syncStateNotFound.', 'status', 'code'),
  'delta-unsupported': fault('Delta answers 400 Request_UnsupportedQuery, as in B2C tenants.'),
  'delta-replay': fault('Delta pages hold each user twice.'),
  'delta-surfaces-assignment-states': fault('Changes of licenseAssignmentStates alone show in delta after all.'),
  'removed-in-initial-round': fault('The initial delta round holds an already removed user.'),
  'batch-item-too-many-requests': fault(
    'Items of a batch answer 429, the batch itself 200.',
    'retryAfterSeconds',
    'retryAfterFormat',
  ),
  'batch-failed-dependency': fault('The batch itself answers 424.'),
  'mixed-case-guids': fault('Product ids appear in upper case in some places.'),
  'error-none': fault('Assignments without an error carry the text "None".'),
  'error-null': fault('Assignments without an error carry null.'),
  'missing-locked-out': fault('prepaidUnits lack lockedOut, as in the national clouds.'),
  'token-too-many-requests': fault('The token endpoint answers 429.', 'retryAfterSeconds', 'retryAfterFormat'),
  'token-server-error': fault('The token endpoint answers 5xx (default 503).', 'status'),
  'token-empty-object': fault('The token endpoint answers 200 with {}.'),
  'token-not-json': fault('The token endpoint answers 200 with HTML.'),
  'token-without-expiry': fault('The token answer lacks expires_in.'),
  'assertion-expired-as-500133': fault(
    'A client assertion outside its validity is refused as AADSTS500133 invalid_grant instead of AADSTS700024.',
  ),
  'entra-refusal': fault(
    'Entra refuses with the AADSTS number given (default 53003): the token endpoint, or another named by `endpoint`.',
    'number',
  ),
  'assertion-replay-refused': fault('A client assertion whose jti was seen before is refused.'),
  ...exchangeFaults,
} as const;

export type FaultName = keyof typeof faultTable;

export type FaultParameters<N extends FaultName = FaultName> = CommonFaultParameters &
  Partial<Pick<SpecificParameters, (typeof faultTable)[N]['parameters'][number]>>;

/** As stored: any parameter may be present, since the name decides which are read. */
export type AnyFaultParameters = CommonFaultParameters & Partial<SpecificParameters>;

export const faultNames = Object.keys(faultTable) as readonly FaultName[];

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(faultTable, name);

export const commonParameterNames: readonly (keyof CommonFaultParameters)[] = [
  'endpoint',
  'tenantId',
  'times',
  'probability',
  'page',
  'afterPages',
  'afterRequests',
];
