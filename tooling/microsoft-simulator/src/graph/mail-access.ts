import { type Actor, registered } from '../exchange/access.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import type { ApplicationRole } from '../exchange/mailboxes.ts';
import { type GraphCall, QueryProblem } from './call.ts';

export type MailNeed = 'read' | 'write' | 'send';

const permissions: Readonly<Record<MailNeed, readonly string[]>> = {
  read: ['Mail.Read', 'Mail.ReadWrite'],
  write: ['Mail.ReadWrite'],
  send: ['Mail.Send'],
};

const accessDenied = (): QueryProblem =>
  new QueryProblem('ErrorAccessDenied', 'Access is denied. Check credentials and try again.', 403);

/** A directory user without a mailbox in the cloud is told apart from a name that nobody has (Zammad's documentation). */
const mailboxOf = (call: GraphCall, key: string): Mailbox => {
  const { exchange } = call.world;
  const place = call.tenant.directory.place(key);
  const principal = place === undefined ? key : call.tenant.directory.recordAt(place).facts.userPrincipalName;
  const found = exchange.find(principal);
  const mailbox = found?.tenantId === call.tenant.tenantId ? found : undefined;
  if (mailbox === undefined && place === undefined) {
    throw new QueryProblem('ErrorInvalidUser', `The requested user '${key}' is invalid.`, 404);
  }
  const { licensed, inCloud } = mailbox?.settings.current ?? { licensed: false, inCloud: false };
  if (mailbox === undefined || !inCloud || (mailbox.kind === 'user' && !licensed)) {
    const message = 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.';
    throw new QueryProblem('MailboxNotEnabledForRESTAPI', message, 404);
  }
  return mailbox;
};

const forApp = (call: GraphCall, key: string, need: MailNeed): { readonly mailbox: Mailbox; readonly actor: Actor } => {
  const { world, tenant, clientId } = call;
  const objectId = tenant.apps.find((app) => app.clientId === clientId)?.objectId ?? '';
  const actor: Actor = { kind: 'app', appId: clientId, objectId };
  // Additive: a permission of the whole tenant opens every mailbox, whatever RBAC for Applications is restricted to.
  if (permissions[need].some((name) => call.roles.has(name))) return { mailbox: mailboxOf(call, key), actor };
  const scoped = (mailbox: Mailbox): boolean =>
    registered(world, tenant, clientId) &&
    permissions[need].some((name) =>
      world.exchange.hasApplicationRole(tenant.tenantId, clientId, `Application ${name}` as ApplicationRole, mailbox),
    );
  if (call.roles.size === 0 && !world.exchange.mailboxes.some(scoped)) {
    const message = 'The token contains no permissions, or permissions can not be understood.';
    throw new QueryProblem('NoPermissionsInAccessToken', message, 401);
  }
  const mailbox = mailboxOf(call, key);
  if (!scoped(mailbox)) throw accessDenied();
  return { mailbox, actor };
};

/** The mailbox a request is about, if the caller may; throws what Graph answers if not. Key `me`: the token's user. */
export const openMailbox = (
  call: GraphCall,
  key: string,
  need: MailNeed,
): { readonly mailbox: Mailbox; readonly actor: Actor } => {
  const { user } = call;
  if (user === undefined) {
    if (key !== 'me') return forApp(call, key, need);
    throw new QueryProblem('BadRequest', '/me request is only valid with delegated authentication flow.');
  }
  const principal = user.upn.toLowerCase();
  const held = (suffix: string): boolean => permissions[need].some((name) => call.scopes.has(`${name}${suffix}`));
  if (!held('') && !held('.Shared')) throw accessDenied();
  const mailbox = mailboxOf(call, key === 'me' ? user.upn : key);
  const actor: Actor = { kind: 'user', principal };
  if (mailbox.principal.toLowerCase() === principal) {
    if (!held('')) throw accessDenied();
    return { mailbox, actor };
  }
  if (!held('.Shared')) throw accessDenied();
  const rights = need === 'send' ? mailbox.sendAs : mailbox.fullAccess;
  if (rights.current.has(principal)) return { mailbox, actor };
  if (need === 'send') {
    const message =
      'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.';
    throw new QueryProblem('ErrorSendAsDenied', message, 403);
  }
  throw new QueryProblem('ErrorItemNotFound', 'The specified object was not found in the store.', 404);
};
