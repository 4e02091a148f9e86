import type { Cloud } from '../clouds.ts';
import { type SimulatorApp, settleConsents } from '../tenant/apps.ts';
import type { Refused } from './errors.ts';
import { type Resource, resourceOf } from './resources.ts';

export interface Permission {
  readonly resource: Resource;
  /** Bare, such as `IMAP.AccessAsUser.All`, or `.default`: whatever is consented. */
  readonly name: string;
}

/** A `scope` parameter, taken apart. */
export interface AskedScopes {
  readonly permissions: readonly Permission[];
  /** The resources named, each once, in order. */
  readonly resources: readonly Resource[];
  readonly openid: boolean;
  /** A refresh token is wanted. */
  readonly offline: boolean;
}

const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/**
 * Listed under Microsoft Graph in the portal, where they are consented to, and asked for at Exchange (Exchange page on
 * OAuth for IMAP, POP and SMTP): consent at Graph counts for both. A Graph token that has them opens no mailbox.
 */
const protocolScopes = new Set(['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send']);

const permissionName = /^[A-Za-z]+(?:\.[A-Za-z]+)*$/;

const split = (scope: string): readonly [string | undefined, string] => {
  const slash = scope.includes('://') ? scope.lastIndexOf('/') : -1;
  return slash < 0 ? [undefined, scope] : [scope.slice(0, slash), scope.slice(slash + 1)];
};

const readPermission = (cloud: Cloud, scope: string): Permission | Refused => {
  const [uri, name] = split(scope);
  const resource = resourceOf(cloud, uri ?? `https://${cloud.graphHost}`);
  if (resource === undefined) return { code: 500011, subject: uri ?? '' };
  if (name === '.default') return { resource, name };
  if (uri === undefined && !name.includes('.')) return { code: 70011, subject: scope };
  return permissionName.test(name) ? { resource, name } : { code: 650053, subject: name };
};

export const isRefused = (value: object): value is Refused => 'code' in value && 'subject' in value;

/** Takes a `scope` of a user's flow apart; a bare permission is Graph's. Entra page: Scopes and permissions. */
export const readScopes = (cloud: Cloud, scope: string): AskedScopes | Refused => {
  const parts = [...new Set(scope.split(' ').filter((part) => part !== ''))];
  const permissions: Permission[] = [];
  for (const part of parts) {
    if (identityScopes.has(part)) continue;
    const permission = readPermission(cloud, part);
    if (isRefused(permission)) return permission;
    permissions.push(permission);
  }
  const resources = permissions
    .map(({ resource }) => resource)
    .filter((resource, at, all) => all.findIndex((other) => other.audience === resource.audience) === at);
  return { permissions, resources, openid: parts.includes('openid'), offline: parts.includes('offline_access') };
};

const keyOf = ({ resource, name }: Permission): string =>
  resource.name === 'graph' && protocolScopes.has(name) ? `mail ${name}` : `${resource.name} ${name}`;

const consentedKeys = (cloud: Cloud, app: SimulatorApp, userId: string): ReadonlySet<string> => {
  const names = [...app.delegatedScopes, ...(app.userConsents.get(userId) ?? [])];
  const permissions = names.map((name) => readPermission(cloud, name)).filter((entry) => !isRefused(entry));
  return new Set(permissions.map((entry) => keyOf(entry as Permission)));
};

/** The permissions of one resource that app and user hold, by bare name. */
export const heldScopes = (
  context: { readonly cloud: Cloud; readonly app: SimulatorApp; readonly userId: string; readonly now: number },
  resource: Resource,
): readonly string[] => {
  settleConsents(context.app, context.now);
  const keys = consentedKeys(context.cloud, context.app, context.userId);
  const name = (key: string): string => key.slice(key.indexOf(' ') + 1);
  return [...new Set([...keys].filter((key) => /^mail /.test(key) || key.startsWith(`${resource.name} `)).map(name))];
};

/** The first permission asked for that neither administrator nor user has consented to. */
export const missingConsent = (
  context: { readonly cloud: Cloud; readonly app: SimulatorApp; readonly userId: string; readonly now: number },
  permissions: readonly Permission[],
): Permission | undefined =>
  permissions.find(({ resource, name }) => {
    const held = heldScopes(context, resource);
    return name === '.default' ? held.length === 0 : !held.includes(name);
  });

export const scopeUri = (resource: Resource, name: string): string => `${resource.audience}/${name}`;
