import type { EndpointName } from '../http.ts';

const directory = ['Directory.Read.All', 'Directory.ReadWrite.All'] as const;
const users = ['User.Read.All', 'User.ReadWrite.All', ...directory] as const;
const organization = ['Organization.Read.All', 'Organization.ReadWrite.All', ...directory] as const;

const groups = ['GroupMember.Read.All', 'Group.Read.All', 'Group.ReadWrite.All', ...directory] as const;

/** Application roles that open an endpoint; any one is enough. Graph pages: the permission table of each operation. */
export const rolesFor: Readonly<Partial<Record<EndpointName, readonly string[]>>> = {
  organization,
  subscriptions: organization,
  subscribedSkus: [...organization, 'LicenseAssignment.Read.All'],
  users,
  'users-delta': users,
  'users-count': users,
  user: users,
  groups,
  group: groups,
};

export const signInActivityRole = 'AuditLog.Read.All';

export const isPermitted = (endpoint: EndpointName, roles: ReadonlySet<string>): boolean =>
  rolesFor[endpoint]?.some((role) => roles.has(role)) ?? true;
