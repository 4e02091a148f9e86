import type { Clock } from './clock.ts';
import type { CloudName } from './clouds.ts';
import type { MailboxOptions } from './exchange/mailbox.ts';
import type { Random } from './random.ts';
import type { SkuSeed } from './tenant/model.ts';

export interface SecretOptions {
  readonly value: string;
  /** Instant in milliseconds after which the secret answers AADSTS7000222. */
  readonly expiresAt?: number;
}

/** A trust in an external token issuer. Entra page: Workload identity federation. */
export interface FederatedCredentialOptions {
  readonly issuer: string;
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** The issuer's public keys (RFC 7517), held by the simulator so that nothing is fetched. */
  readonly jwks: { readonly keys: readonly JsonWebKeyLike[] };
}

export interface JsonWebKeyLike {
  readonly kty: string;
  readonly kid?: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

export interface AppOptions {
  readonly clientId?: string;
  readonly displayName?: string;
  /** Application permissions with admin consent. Default: User.Read.All and Organization.Read.All. */
  readonly roles?: readonly string[];
  readonly secrets?: readonly (string | SecretOptions)[];
  /** X.509 certificates, PEM. */
  readonly certificates?: readonly string[];
  readonly federatedCredentials?: readonly FederatedCredentialOptions[];
  readonly disabled?: boolean;
  /** Application permissions on Exchange with admin consent: IMAP.AccessAsApp, POP.AccessAsApp, SMTP.SendAsApp. */
  readonly exchangeRoles?: readonly string[];
  /** What its redirect URIs are registered as. `public` and `spa` have no secret unless stated. Default `web`. */
  readonly platform?: AppPlatform;
  /** Matched exactly; the port of `http://localhost` and `http://127.0.0.1` is ignored on platform `public`. */
  readonly redirectUris?: readonly string[];
  /** "Allow public client flows": the device code flow works without a secret. Default false. */
  readonly allowPublicClient?: boolean;
  /** Default `organization`: single tenant, AADSTS50194 on /common. */
  readonly accountTypes?: AccountTypes;
  /** Delegated permissions with admin consent, as `https://outlook.office.com/IMAP.AccessAsUser.All` or, of Graph, bare. */
  readonly delegatedScopes?: readonly string[];
  /** Only users assigned by `assignUser` may sign in (AADSTS50105). Default false. */
  readonly assignmentRequired?: boolean;
  /** Codes and refresh tokens need a credential (AADSTS7000218). Default: on platform `web`. */
  readonly secretsRequired?: boolean;
  /** Claims put over those of every access token, for resource servers that insist on one (`preferred_username`). */
  readonly extraClaims?: Readonly<Record<string, unknown>>;
  /** Seconds until the directory knows the app (AADSTS700016 before). Default 0. */
  readonly knownAfterSeconds?: number;
}

/** Entra page: Redirect URI (reply URL) restrictions, supported platforms. */
export type AppPlatform = 'public' | 'web' | 'spa';

/** One tenant, work and school accounts of any tenant, or these and personal ones. */
export type AccountTypes = 'organization' | 'organizations' | 'all';

export interface TenantOptions {
  readonly tenantId?: string;
  readonly cloud?: CloudName;
  readonly displayName?: string;
  /** Verified domain; may be used instead of the tenant id at the token endpoint. */
  readonly domain?: string;
  /** 10 to 1 000 000; default 250. */
  readonly users?: number;
  /** Average number of assignments (rows of licenseAssignmentStates) per user; default 2.5. */
  readonly assignmentsPerUser?: number;
  readonly seed?: number;
  /** Own products, or how many of the default ones (more than there are: invented ones are added). */
  readonly skus?: readonly SkuSeed[] | number;
  readonly apps?: readonly AppOptions[];
  /** Entra ID P1 present: without it `signInActivity` is refused with 403. Default true. */
  readonly premium?: boolean;
  readonly mailboxes?: readonly MailboxOptions[];
  /** Set-TransportConfig -SmtpClientAuthenticationDisabled; default false. */
  readonly smtpAuthDisabled?: boolean;
}

export interface ThrottleOptions {
  /** Resource units per window and app+tenant; default by tenant size: 3 500, 5 000 or 8 000. Graph page: Throttling limits. */
  readonly resourceUnits?: number;
  /** Default 10. */
  readonly windowSeconds?: number;
}

export interface SimulatorOptions {
  readonly tenants?: readonly TenantOptions[];
  /** For the one default tenant, when `tenants` is not given. */
  readonly users?: number;
  readonly assignmentsPerUser?: number;
  readonly skus?: readonly SkuSeed[] | number;
  readonly seed?: number;
  /** Secret of the first app of every tenant that states none; default: new on every start. */
  readonly secret?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Seconds a token lives, fixed or drawn between two values; default 3599. */
  readonly tokenLifetimeSeconds?: number | { readonly minimum: number; readonly maximum: number };
  /** A refresh token dies 30 seconds after the one it was exchanged for was first used. Default false, as at Entra. */
  readonly strictRotation?: boolean;
  /** Length of refresh tokens, real ones being over a thousand characters; default 1200. */
  readonly refreshTokenCharacters?: number;
  /** Token requests per minute and app before 429; default unlimited. */
  readonly tokenRequestsPerMinute?: number;
  /** False switches resource-unit throttling off. */
  readonly throttle?: ThrottleOptions | false;
  /** A request before Retry-After has elapsed is refused again and the waiting time starts anew. Default true. */
  readonly punishEarlyRetry?: boolean;
  /** Seconds until a change shows in delta queries; default 0. */
  readonly deltaDelaySeconds?: number;
  /** Seconds until a change shows in advanced queries (ConsistencyLevel: eventual); default 0. */
  readonly indexLagSeconds?: number;
  /** Users per page of a listing whatever more is asked for, so that small tenants have pages; default 999. */
  readonly userPageSize?: number;
  /** Users per delta page; default 200. */
  readonly deltaPageSize?: number;
  /** Seconds until Exchange's servers know a changed right or switch; default 0. */
  readonly exchangeDelaySeconds?: number;
  /** Mail requests per app and mailbox in ten minutes before 429; default 10 000. Graph page: Throttling limits, Outlook. */
  readonly mailboxRequestsPerTenMinutes?: number;
  /** Seconds a $skiptoken lives; default unlimited. */
  readonly pageTokenLifetimeSeconds?: number;
  /** Pages of `/users` are made once and kept in memory until a user changes, for load tests; default false. */
  readonly rememberListings?: boolean;
}
