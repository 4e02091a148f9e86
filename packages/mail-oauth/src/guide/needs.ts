import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import { type Identity, identityOf } from '../identity.ts';
import { delegatedScopes } from '../tokens/resources.ts';
import type { MailboxProtocol } from './commands.ts';

/** How an application is set up; the first two need a person, and opposite registrations. */
export type SetupFlow = 'delegated-public' | 'delegated-confidential' | 'app-only';

export const setupFlow = ({ flow, credential }: ApplicationSettings): SetupFlow => {
  if (flow === 'app-only') return 'app-only';
  return credential.type === 'none' ? 'delegated-public' : 'delegated-confidential';
};

/** One mailbox of the application's accounts, and what the application or a person does with it. */
export interface MailboxNeed {
  readonly identity: Identity;
  readonly receives: AccountSettings['receiving']['protocol'];
  readonly sends: AccountSettings['sending']['protocol'];
  /** What a person's sign-in asks for, as the portal names it. */
  readonly delegated: readonly string[];
}

const nameOf = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1);

export const needOf = (account: AccountSettings, application: ApplicationSettings): MailboxNeed => ({
  identity: identityOf(account, application.flow),
  receives: account.receiving.protocol,
  sends: account.sending.protocol,
  delegated: (['exchange', 'graph'] as const).flatMap((resource) =>
    delegatedScopes(account, resource, 'global').map(nameOf),
  ),
});

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].filter((value) => value !== '');

export const receives = (needs: readonly MailboxNeed[], protocol: 'imap' | 'pop' | 'graph'): boolean =>
  needs.some((need) => need.receives === protocol);
export const sends = (needs: readonly MailboxNeed[], protocol: 'smtp' | 'graph'): boolean =>
  needs.some((need) => need.sends === protocol);

/** Mailboxes that IMAP or POP open. */
export const fetchedMailboxes = (needs: readonly MailboxNeed[]): readonly string[] =>
  unique(needs.filter(({ receives: how }) => how === 'imap' || how === 'pop').map(({ identity }) => identity.mailbox));

/** Mailboxes that SMTP signs in to or sends from. */
export const sendingMailboxes = (needs: readonly MailboxNeed[]): readonly string[] =>
  unique(
    needs.filter(({ sends: how }) => how === 'smtp').flatMap(({ identity }) => [identity.smtpLogin, identity.from]),
  );

/** Mailboxes that Graph reads or sends from. */
export const graphMailboxes = (needs: readonly MailboxNeed[]): readonly string[] =>
  unique(
    needs.flatMap(({ receives: how, sends: by, identity }) => [
      ...(how === 'graph' ? [identity.mailbox] : []),
      ...(by === 'graph' ? [identity.from] : []),
    ]),
  );

/** Which switches of *Manage email apps* each mailbox needs. */
export const switchesOf = (needs: readonly MailboxNeed[]): ReadonlyMap<string, readonly MailboxProtocol[]> => {
  const found = new Map<string, readonly MailboxProtocol[]>();
  const add = (mailbox: string, protocol: MailboxProtocol) => {
    const known = found.get(mailbox) ?? [];
    if (mailbox !== '' && !known.includes(protocol)) found.set(mailbox, [...known, protocol]);
  };
  for (const { identity, receives: how, sends: by } of needs) {
    if (how === 'imap' || how === 'pop') add(identity.mailbox, how);
    if (by === 'smtp') add(identity.smtpLogin, 'smtp');
  }
  return found;
};

/** MAIL-07: delegated scopes, as the portal lists them under Microsoft Graph; all that a sign-in asks for, and no more. */
export const delegatedPermissions = (needs: readonly MailboxNeed[]): readonly string[] =>
  unique([...needs.flatMap(({ delegated }) => delegated).sort(), 'offline_access']);

/** ADV-06: application permissions that have no narrower way. */
export const applicationPermissions = (needs: readonly MailboxNeed[]): readonly string[] => [
  ...(receives(needs, 'imap') ? ['IMAP.AccessAsApp'] : []),
  ...(receives(needs, 'pop') ? ['POP.AccessAsApp'] : []),
];

/** What RBAC for Applications gives for chosen mailboxes, and the tenant-wide permission that would do the same. */
export const scopedRoles = (needs: readonly MailboxNeed[]) => [
  ...(sends(needs, 'smtp')
    ? ([{ role: 'Application SMTP.SendAsApp', wide: 'SMTP.SendAsApp', mailboxes: sendingMailboxes(needs) }] as const)
    : []),
  ...(receives(needs, 'graph')
    ? ([{ role: 'Application Mail.ReadWrite', wide: 'Mail.ReadWrite', mailboxes: graphMailboxes(needs) }] as const)
    : []),
  ...(sends(needs, 'graph')
    ? ([{ role: 'Application Mail.Send', wide: 'Mail.Send', mailboxes: graphMailboxes(needs) }] as const)
    : []),
];
