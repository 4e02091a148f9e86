import type { Clock } from '../clock.ts';
import type { SimulatorOptions, TenantOptions } from '../options.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { Folder } from './folder.ts';
import { createMailbox, type Mailbox, type MailboxOptions, type MailboxSettings } from './mailbox.ts';
import { messageIdOf, type StoredMessage } from './message.ts';
import { type Settled, settled } from './settled.ts';

/** Roles of RBAC for Applications. Exchange page: Role Based Access Control for Applications in Exchange Online. */
export type ApplicationRole =
  | 'Application Mail.Read'
  | 'Application Mail.ReadWrite'
  | 'Application Mail.Send'
  | 'Application SMTP.SendAsApp';

export const applicationRoles: readonly ApplicationRole[] = [
  'Application Mail.Read',
  'Application Mail.ReadWrite',
  'Application Mail.Send',
  'Application SMTP.SendAsApp',
];

/** What New-ServicePrincipal was told; Exchange does not check it, signing in fails later. */
export interface ServicePrincipal {
  readonly appId: string;
  /** Right: the object id of the enterprise application (`app.objectId`). */
  readonly objectId: string;
}

interface RoleAssignment {
  readonly appId: string;
  readonly role: ApplicationRole;
  readonly addresses: ReadonlySet<string>;
}

/** A message that left for somewhere else than the simulated mailboxes. */
export interface Outgoing {
  readonly tenantId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export interface MessageTruth {
  readonly folder: string;
  readonly uid: number;
  readonly id: string;
  readonly flags: readonly string[];
  readonly messageId: string | undefined;
  readonly internalDate: number;
  readonly raw: Buffer;
}

export interface MailboxTruth {
  readonly address: string;
  readonly principal: string;
  readonly kind: 'user' | 'shared';
  readonly settings: MailboxSettings;
  readonly fullAccess: readonly string[];
  readonly sendAs: readonly string[];
  readonly folders: readonly {
    readonly path: string;
    readonly uidValidity: number;
    readonly uidNext: number;
    readonly messages: number;
  }[];
}

export interface ExchangeTruth {
  mailboxes(): readonly MailboxTruth[];
  /** All messages of a mailbox, or those of one folder. */
  messages(address: string, folder?: string): readonly MessageTruth[];
  /** Mail to addresses that no simulated mailbox has. */
  outgoing(): readonly Outgoing[];
}

/** Exchange Online of all tenants: addresses are unique among them. */
export interface Exchange {
  readonly mailboxes: readonly Mailbox[];
  /** Adds a mailbox, and the directory user it belongs to where there is none of that user principal name. */
  addMailbox(options: MailboxOptions, tenant?: SimulatorTenant): Mailbox;
  /** By any of its addresses; throws for one that no mailbox has. */
  mailbox(address: string): Mailbox;
  find(address: string): Mailbox | undefined;
  /** Puts a message into the inbox, or another folder. */
  deliver(address: string, raw: Buffer | string, folder?: string): StoredMessage;
  /** MAIL-04: gives every folder a new UIDVALIDITY and numbers messages from 1. Open sessions end. */
  moveMailbox(address: string): void;
  /** Set-CASMailbox, Set-Mailbox and licences. */
  set(address: string, settings: Partial<MailboxSettings>): void;
  /** Set-TransportConfig -SmtpClientAuthenticationDisabled. */
  setSmtpAuthDisabled(disabled: boolean, tenant?: SimulatorTenant): void;
  smtpAuthDisabled(tenantId: string): boolean;
  /** New-ServicePrincipal. Registers whatever object id it is given: a wrong one shows when the app signs in. */
  newServicePrincipal(principal: ServicePrincipal, tenant?: SimulatorTenant): void;
  /** The service principals of a tenant as the servers know them. */
  servicePrincipals(tenantId: string): readonly ServicePrincipal[];
  /** Add-MailboxPermission -AccessRights FullAccess; a user principal name or the object id of a service principal. */
  grantFullAccess(address: string, trustee: string): void;
  revokeFullAccess(address: string, trustee: string): void;
  /** Add-RecipientPermission -AccessRights SendAs. */
  grantSendAs(address: string, trustee: string): void;
  revokeSendAs(address: string, trustee: string): void;
  /** New-ManagementRoleAssignment -App -Role -CustomResourceScope, the scope as a list of addresses. */
  assignApplicationRole(
    appId: string,
    role: ApplicationRole,
    addresses: readonly string[],
    tenant?: SimulatorTenant,
  ): void;
  hasApplicationRole(tenantId: string, appId: string, role: ApplicationRole, mailbox: Mailbox): boolean;
  /** Takes mail that no mailbox here is for. */
  sendOut(outgoing: Outgoing): void;
  readonly truth: ExchangeTruth;
}

interface TenantSettings {
  readonly smtpAuthDisabled: Settled<boolean>;
  readonly servicePrincipals: Settled<readonly ServicePrincipal[]>;
  readonly roles: Settled<readonly RoleAssignment[]>;
}

const describe = (folder: Folder, message: StoredMessage): MessageTruth => ({
  folder: folder.path,
  uid: message.uid,
  id: message.id,
  flags: [...message.flags],
  messageId: messageIdOf(message.raw),
  internalDate: message.internalDate,
  raw: message.raw,
});

export const createExchange = (
  tenants: readonly SimulatorTenant[],
  tenantOptions: readonly TenantOptions[],
  options: SimulatorOptions,
  clock: Clock,
): Exchange => {
  const spreading = { now: clock.now, delay: () => (options.exchangeDelaySeconds ?? 0) * 1000 };
  const mailboxes: Mailbox[] = [];
  const byAddress = new Map<string, Mailbox>();
  const outgoing: Outgoing[] = [];
  const perTenant = new Map<string, TenantSettings>(
    tenants.map((tenant, at) => [
      tenant.tenantId,
      {
        smtpAuthDisabled: settled(tenantOptions[at]?.smtpAuthDisabled ?? false, spreading),
        servicePrincipals: settled<readonly ServicePrincipal[]>([], spreading),
        roles: settled<readonly RoleAssignment[]>([], spreading),
      },
    ]),
  );
  const settingsOf = (tenantId: string | undefined): TenantSettings => {
    const found = perTenant.get(tenantId ?? '');
    if (found === undefined) throw new Error(`There is no tenant ${tenantId}.`);
    return found;
  };
  const find = (address: string): Mailbox | undefined => byAddress.get(address.trim().toLowerCase());
  const mailbox = (address: string): Mailbox => {
    const found = find(address);
    if (found === undefined) throw new Error(`There is no mailbox ${address}.`);
    return found;
  };
  const change = (rights: Settled<ReadonlySet<string>>, trustee: string, has: boolean): void => {
    const next = new Set(rights.wanted);
    if (has) next.add(trustee.toLowerCase());
    else next.delete(trustee.toLowerCase());
    rights.set(next);
  };

  const exchange: Exchange = {
    mailboxes,
    addMailbox: (wanted, tenant = tenants[0]) => {
      if (tenant === undefined) throw new Error('There is no tenant for a mailbox.');
      const created = createMailbox(wanted, { ...spreading, tenantId: tenant.tenantId });
      const taken = [...created.addresses].find((address) => byAddress.has(address));
      if (taken !== undefined) throw new Error(`There is a mailbox ${taken} already.`);
      if (tenant.directory.place(created.principal) === undefined) {
        tenant.addUser({ displayName: created.displayName, userPrincipalName: created.principal });
      }
      mailboxes.push(created);
      for (const address of created.addresses) byAddress.set(address, created);
      return created;
    },
    mailbox,
    find,
    deliver: (address, raw, folder = 'INBOX') => mailbox(address).append(folder, Buffer.from(raw)),
    moveMailbox: (address) => mailbox(address).move(),
    set: (address, settings) => {
      const { settings: known } = mailbox(address);
      known.set({ ...known.wanted, ...settings });
    },
    setSmtpAuthDisabled: (disabled, tenant = tenants[0]) => settingsOf(tenant?.tenantId).smtpAuthDisabled.set(disabled),
    smtpAuthDisabled: (tenantId) => settingsOf(tenantId).smtpAuthDisabled.current,
    newServicePrincipal: ({ appId, objectId }, tenant = tenants[0]) => {
      const { servicePrincipals } = settingsOf(tenant?.tenantId);
      const added = { appId: appId.toLowerCase(), objectId: objectId.toLowerCase() };
      servicePrincipals.set([...servicePrincipals.wanted.filter((entry) => entry.appId !== added.appId), added]);
    },
    servicePrincipals: (tenantId) => settingsOf(tenantId).servicePrincipals.current,
    grantFullAccess: (address, trustee) => change(mailbox(address).fullAccess, trustee, true),
    revokeFullAccess: (address, trustee) => change(mailbox(address).fullAccess, trustee, false),
    grantSendAs: (address, trustee) => change(mailbox(address).sendAs, trustee, true),
    revokeSendAs: (address, trustee) => change(mailbox(address).sendAs, trustee, false),
    assignApplicationRole: (appId, role, addresses, tenant = tenants[0]) => {
      const { roles } = settingsOf(tenant?.tenantId);
      const scope = new Set(addresses.map((address) => address.toLowerCase()));
      roles.set([...roles.wanted, { appId: appId.toLowerCase(), role, addresses: scope }]);
    },
    hasApplicationRole: (tenantId, appId, role, { addresses }) =>
      settingsOf(tenantId).roles.current.some(
        (entry) =>
          entry.appId === appId &&
          entry.role === role &&
          [...addresses].some((address) => entry.addresses.has(address)),
      ),
    sendOut: (mail) => {
      outgoing.push(mail);
    },
    truth: {
      mailboxes: () =>
        mailboxes.map(({ address, principal, kind, settings, fullAccess, sendAs, folders }) => ({
          address,
          principal,
          kind,
          settings: settings.wanted,
          fullAccess: [...fullAccess.wanted],
          sendAs: [...sendAs.wanted],
          folders: folders.map(({ path, uidValidity, uidNext, messages }) => ({
            path,
            uidValidity,
            uidNext,
            messages: messages.length,
          })),
        })),
      messages: (address, path) =>
        mailbox(address)
          .folders.filter((folder) => path === undefined || folder.path === path)
          .flatMap((folder) => folder.messages.map((message) => describe(folder, message))),
      outgoing: () => [...outgoing],
    },
  };
  tenants.forEach((tenant, at) => {
    for (const wanted of tenantOptions[at]?.mailboxes ?? []) exchange.addMailbox(wanted, tenant);
  });
  return exchange;
};
