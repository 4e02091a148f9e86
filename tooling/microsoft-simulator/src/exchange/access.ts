import { type MailToken, readMailToken } from '../entra/mail-token.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import type { Mailbox } from './mailbox.ts';

export type MailProtocol = 'imap' | 'pop' | 'smtp';

/** Who signed in: a user with a delegated token, or an app as its service principal. */
export type Actor =
  | { readonly kind: 'user'; readonly principal: string }
  | { readonly kind: 'app'; readonly appId: string; readonly objectId: string };

/** Names the actor in lists of rights. */
export const trusteeOf = (actor: Actor): string =>
  (actor.kind === 'user' ? actor.principal : actor.objectId).toLowerCase();

export type Decision =
  | { readonly kind: 'in'; readonly mailbox: Mailbox; readonly actor: Actor; readonly tenant: SimulatorTenant }
  /** The token is good, the mailbox is not the token's to open: IMAP says so at the next command. */
  | { readonly kind: 'not-connected' }
  | { readonly kind: 'smtp-auth-disabled'; readonly for: 'Tenant' | 'Mailbox' }
  /** The reason is for the simulator's records; a client is told none. */
  | { readonly kind: 'refused'; readonly reason: string };

const refuse = (reason: string): Decision => ({ kind: 'refused', reason });

const scopeFor = { imap: 'IMAP.AccessAsUser.All', pop: 'POP.AccessAsUser.All', smtp: 'SMTP.Send' } as const;
const roleFor = { imap: 'IMAP.AccessAsApp', pop: 'POP.AccessAsApp', smtp: 'SMTP.SendAsApp' } as const;

const exchangeAudiences = new Set(['https://outlook.office.com', 'https://outlook.office365.com']);

type GoodToken = Extract<MailToken, { readonly ok: true }>;

const readAnywhere = (
  world: World,
  text: string,
): { readonly tenant: SimulatorTenant; readonly token: GoodToken } | string => {
  let reason = 'malformed';
  for (const tenant of world.tenants) {
    const token = readMailToken(world, tenant, text);
    if (token.ok) return { tenant, token };
    // Another tenant says nothing but that the token is not its own.
    if (reason === 'malformed' || token.reason !== 'audience') reason = token.reason;
  }
  return reason;
};

/** A service principal known to Exchange by the enterprise application's object id; any other id is of no use. */
export const registered = (world: World, tenant: SimulatorTenant, appId: string): boolean => {
  const app = tenant.apps.find((entry) => entry.clientId === appId);
  return world.exchange
    .servicePrincipals(tenant.tenantId)
    .some((entry) => entry.appId === appId && entry.objectId === app?.objectId.toLowerCase());
};

const appActor = (tenant: SimulatorTenant, appId: string): Actor => ({
  kind: 'app',
  appId,
  objectId: tenant.apps.find((entry) => entry.clientId === appId)?.objectId ?? '',
});

/** Whether IMAP, POP or SMTP AUTH is on for the mailbox; the mailbox's own SMTP switch overrides the tenant's. */
const switchedOff = (world: World, protocol: MailProtocol, mailbox: Mailbox): Decision | undefined => {
  const { imap, pop, smtpAuth } = mailbox.settings.current;
  if (protocol === 'imap') return imap ? undefined : refuse('IMAP is off for the mailbox');
  if (protocol === 'pop') return pop ? undefined : refuse('POP is off for the mailbox');
  if (smtpAuth === false) return { kind: 'smtp-auth-disabled', for: 'Mailbox' };
  const disabled = smtpAuth === undefined && world.exchange.smtpAuthDisabled(mailbox.tenantId);
  return disabled ? { kind: 'smtp-auth-disabled', for: 'Tenant' } : undefined;
};

/** The mailbox that XOAUTH2's `user=` names: a user's by its principal name alone (glpi #18796), a shared one by any address. */
const named = (world: World, tenant: SimulatorTenant, login: string): Mailbox | undefined => {
  const mailbox = world.exchange.find(login);
  if (mailbox?.tenantId !== tenant.tenantId) return undefined;
  return mailbox.kind === 'shared' || mailbox.principal.toLowerCase() === login.toLowerCase() ? mailbox : undefined;
};

const asUser = (
  world: World,
  protocol: MailProtocol,
  login: string,
  tenant: SimulatorTenant,
  token: GoodToken,
  principal: string,
): Decision => {
  if (!token.scopes.includes(scopeFor[protocol])) return refuse(`the token lacks ${scopeFor[protocol]}`);
  const actor: Actor = { kind: 'user', principal };
  const own = login.toLowerCase() === principal.toLowerCase();
  const mailbox = named(world, tenant, login);
  if (mailbox === undefined && world.exchange.find(login) !== undefined) return refuse('user= is no principal name');
  if (protocol === 'smtp') {
    // nextcloud/mail #13668: a shared mailbox is no login for SMTP; its delegate is.
    if (!own || mailbox === undefined || mailbox.kind === 'shared')
      return refuse('the login is not the user of the token');
    if (!mailbox.settings.current.licensed) return refuse('the mailbox has no licence');
    return switchedOff(world, protocol, mailbox) ?? { kind: 'in', mailbox, actor, tenant };
  }
  // A guess for a mailbox that does not exist; for the other two cases see email-oauth2-proxy #74 and #275.
  if (mailbox === undefined) return { kind: 'not-connected' };
  const off = switchedOff(world, protocol, mailbox);
  if (off !== undefined) return off;
  if (!own && !mailbox.fullAccess.current.has(principal.toLowerCase())) return { kind: 'not-connected' };
  if (mailbox.kind === 'user' && !mailbox.settings.current.licensed) return { kind: 'not-connected' };
  return { kind: 'in', mailbox, actor, tenant };
};

const asApp = (
  world: World,
  protocol: MailProtocol,
  login: string,
  tenant: SimulatorTenant,
  token: GoodToken,
): Decision => {
  const actor = appActor(tenant, token.appId);
  const mailbox = named(world, tenant, login);
  if (mailbox === undefined) return refuse('user= names no mailbox');
  if (!registered(world, tenant, token.appId)) return refuse('the service principal is not registered in Exchange');
  if (mailbox.kind === 'user' && !mailbox.settings.current.licensed) return refuse('the mailbox has no licence');
  const claimed = token.roles.includes(roleFor[protocol]);
  // RBAC takes the place of the claim, and the claim brings back the check of the mailbox's permissions (Exchange page:
  // Authenticate an IMAP, POP or SMTP connection using OAuth). It knows SMTP.SendAsApp alone.
  const scoped =
    protocol === 'smtp' &&
    !claimed &&
    world.exchange.hasApplicationRole(tenant.tenantId, token.appId, 'Application SMTP.SendAsApp', mailbox);
  if (!claimed && !scoped) return refuse(`the token lacks ${roleFor[protocol]}`);
  if (!scoped && !mailbox.fullAccess.current.has(trusteeOf(actor))) return refuse('FullAccess is missing');
  return switchedOff(world, protocol, mailbox) ?? { kind: 'in', mailbox, actor, tenant };
};

/** Decides on a sign-in with XOAUTH2 as Exchange Online does, from the token, the mailbox and its rights. */
export const signIn = (world: World, protocol: MailProtocol, login: string, text: string): Decision => {
  const read = readAnywhere(world, text);
  if (typeof read === 'string') return refuse(`the token is not good: ${read}`);
  const { tenant, token } = read;
  if (!exchangeAudiences.has(token.audience)) return refuse(`the audience is ${token.audience}`);
  if (
    world.faults.strike('mail-authentication-refused', { endpoint: protocol, tenantId: tenant.tenantId }) !== undefined
  ) {
    return refuse('a fault says so');
  }
  return token.user === undefined
    ? asApp(world, protocol, login, tenant, token)
    : asUser(world, protocol, login, tenant, token, token.user.upn);
};

/** Whether the actor may write this address into From. */
export const maySendAs = (world: World, actor: Actor, login: Mailbox, from: string): boolean => {
  const address = from.toLowerCase();
  if (login.addresses.has(address)) return true;
  const other = world.exchange.find(address);
  return other?.tenantId === login.tenantId && other.sendAs.current.has(trusteeOf(actor));
};
