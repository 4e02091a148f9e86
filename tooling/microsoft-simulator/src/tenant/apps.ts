import { X509Certificate } from 'node:crypto';
import type { AccountTypes, AppOptions, AppPlatform, FederatedCredentialOptions, SecretOptions } from '../options.ts';

/** A permission whose grant is known to the directory from an instant on. */
export interface PendingPermission {
  readonly name: string;
  readonly knownFrom: number;
}

/** An app registration with its service principal. Everything may be changed while the simulator runs. */
export interface SimulatorApp {
  readonly clientId: string;
  /** Of the service principal, which the portal calls enterprise application. */
  readonly objectId: string;
  /** Of the app registration; Exchange's `New-ServicePrincipal` does not take it. */
  readonly registrationObjectId: string;
  displayName: string;
  roles: string[];
  exchangeRoles: string[];
  secrets: SecretOptions[];
  certificates: X509Certificate[];
  federatedCredentials: FederatedCredentialOptions[];
  disabled: boolean;
  platform: AppPlatform;
  redirectUris: string[];
  allowPublicClient: boolean;
  accountTypes: AccountTypes;
  delegatedScopes: string[];
  assignmentRequired: boolean;
  secretsRequired: boolean | undefined;
  extraClaims: Readonly<Record<string, unknown>>;
  /** Before this instant the directory answers AADSTS700016. */
  knownFrom: number;
  /** Grants under way, delegated and of roles; see `consent`. */
  pending: PendingPermission[];
  readonly userConsents: Map<string, Set<string>>;
  readonly assignedUsers: Set<string>;
  /** Adds a PEM certificate, as the Certificates & secrets page does. */
  addCertificate(pem: string): void;
}

export const defaultRoles = ['User.Read.All', 'Organization.Read.All'] as const;

export interface AppIdentity {
  readonly clientId: string;
  readonly objectId: string;
  readonly registrationObjectId: string;
  /** The secret of an app that states no credential. */
  readonly secret: string;
  readonly now: number;
}

export const createApp = (options: AppOptions, identity: AppIdentity): SimulatorApp => {
  const { secret, now, ...ids } = identity;
  const platform = options.platform ?? 'web';
  const hasOtherCredential = (options.certificates?.length ?? 0) + (options.federatedCredentials?.length ?? 0) > 0;
  const secrets = options.secrets ?? (hasOtherCredential || platform !== 'web' ? [] : [secret]);
  const app: SimulatorApp = {
    ...ids,
    displayName: options.displayName ?? 'Licence import',
    roles: [...(options.roles ?? defaultRoles)],
    exchangeRoles: [...(options.exchangeRoles ?? [])],
    secrets: secrets.map((entry) => (typeof entry === 'string' ? { value: entry } : entry)),
    certificates: (options.certificates ?? []).map((pem) => new X509Certificate(pem)),
    federatedCredentials: [...(options.federatedCredentials ?? [])],
    disabled: options.disabled ?? false,
    platform,
    redirectUris: [...(options.redirectUris ?? [])],
    allowPublicClient: options.allowPublicClient ?? false,
    accountTypes: options.accountTypes ?? 'organization',
    delegatedScopes: [...(options.delegatedScopes ?? [])],
    assignmentRequired: options.assignmentRequired ?? false,
    secretsRequired: options.secretsRequired,
    extraClaims: options.extraClaims ?? {},
    knownFrom: now + (options.knownAfterSeconds ?? 0) * 1000,
    pending: [],
    userConsents: new Map(),
    assignedUsers: new Set(),
    addCertificate: (pem) => {
      app.certificates.push(new X509Certificate(pem));
    },
  };
  return app;
};

const isRole = (name: string): boolean => /AsApp$/.test(name);

/** Moves grants whose time has come to where they count. */
export const settleConsents = (app: SimulatorApp, now: number): void => {
  const due = app.pending.filter((entry) => entry.knownFrom <= now);
  if (due.length === 0) return;
  app.pending = app.pending.filter((entry) => entry.knownFrom > now);
  for (const { name } of due) (isRole(name) ? app.exchangeRoles : app.delegatedScopes).push(name);
};
