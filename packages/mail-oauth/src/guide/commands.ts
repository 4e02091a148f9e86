import { filterEquals, quote } from './quote.ts';

/** Stands where the account does not know a value yet; quoted like a value, so that a forgotten one only fails. */
export const unknownValue = {
  tenantId: '<directory (tenant) ID>',
  clientId: '<application (client) ID>',
  objectId: '<object ID of the enterprise application>',
} as const;

const known = (value: string, otherwise: string): string => quote(value.trim() || otherwise);

/** ADV-14 to ADV-16, ADV-21. */
export const installModule = 'Install-Module -Name ExchangeOnlineManagement';
export const importModule = 'Import-Module ExchangeOnlineManagement';
export const allowScripts = 'Set-ExecutionPolicy RemoteSigned';
export const allowScriptsBack = 'Set-ExecutionPolicy Default';

export const connect = (tenantId: string): string =>
  `Connect-ExchangeOnline -Organization ${known(tenantId, unknownValue.tenantId)}`;

const addPrincipal = (parameter: string, clientId: string, objectId: string): string =>
  `New-ServicePrincipal -AppId ${known(clientId, unknownValue.clientId)} ${parameter} ${known(objectId, unknownValue.objectId)}`;

/** ADV-17. `objectId`: the enterprise application's; with the app registration's every sign-in fails. */
export const newServicePrincipal = (clientId: string, objectId: string): string =>
  addPrincipal('-ObjectId', clientId, objectId);

/** As older versions of the module name the parameter (ADV-34). */
export const newServicePrincipalOld = (clientId: string, objectId: string): string =>
  addPrincipal('-ServiceId', clientId, objectId);

const filtered = (clientId: string): string =>
  `Get-ServicePrincipal | Where-Object { $_.AppId -eq ${known(clientId, unknownValue.clientId)} }`;

/** ADV-18: its line `Id` is what permissions are given to. */
export const showServicePrincipal = (clientId: string): string => `${filtered(clientId)} | fl`;
export const takeServicePrincipal = (clientId: string): string => `$principal = ${filtered(clientId)}`;

/** Who gets a right: a person by sign-in name, or the service principal that `takeServicePrincipal` found. */
export type Grantee = { readonly person: string } | 'principal';

const granteeOf = (grantee: Grantee): string => (grantee === 'principal' ? '$principal.Id' : quote(grantee.person));

/** ADV-19. */
export const mailboxPermission = (mailbox: string, grantee: Grantee): string =>
  `Add-MailboxPermission -Identity ${quote(mailbox)} -User ${granteeOf(grantee)} -AccessRights FullAccess`;

export const recipientPermission = (address: string, grantee: Grantee): string =>
  `Add-RecipientPermission -Identity ${quote(address)} -Trustee ${granteeOf(grantee)} -AccessRights SendAs`;

export type MailboxProtocol = 'imap' | 'pop' | 'smtp';

/** MAIL-13, MAIL-14, ADV-33: the same switches as *Manage email apps*; the mailbox's goes before the tenant's. */
export const switchOn = (mailbox: string, protocols: readonly MailboxProtocol[]): string => {
  const switches = {
    imap: '-ImapEnabled $true',
    pop: '-PopEnabled $true',
    smtp: '-SmtpClientAuthenticationDisabled $false',
  };
  return `Set-CASMailbox -Identity ${quote(mailbox)} ${protocols.map((protocol) => switches[protocol]).join(' ')}`;
};

export type ApplicationRole = 'Application SMTP.SendAsApp' | 'Application Mail.ReadWrite' | 'Application Mail.Send';

const restriction = (mailboxes: readonly string[]): string =>
  `-RecipientRestrictionFilter ${quote(mailboxes.map((mailbox) => filterEquals('PrimarySmtpAddress', mailbox)).join(' -or '))}`;

/** RBAC for Applications: a scope that holds these mailboxes, by their primary addresses, and nothing else. */
export const newManagementScope = (name: string, mailboxes: readonly string[]): string =>
  `New-ManagementScope -Name ${quote(name)} ${restriction(mailboxes)}`;

/** The same for a scope that is there; roles that name it hold for the new mailboxes too. */
export const setManagementScope = (name: string, mailboxes: readonly string[]): string =>
  `Set-ManagementScope -Identity ${quote(name)} ${restriction(mailboxes)}`;

export const roleAssignment = (role: ApplicationRole, objectId: string, scope: string): string =>
  `New-ManagementRoleAssignment -App ${known(objectId, unknownValue.objectId)} -Role ${quote(role)} -CustomResourceScope ${quote(scope)}`;

export const testAuthorization = (objectId: string, mailbox: string): string =>
  `Test-ServicePrincipalAuthorization -Identity ${known(objectId, unknownValue.objectId)} -Resource ${quote(mailbox)}`;
