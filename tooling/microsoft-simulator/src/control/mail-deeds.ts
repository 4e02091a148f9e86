import type { MailboxOptions, MailboxSettings } from '../exchange/mailbox.ts';
import { applicationRoles, type Exchange, type MessageTruth } from '../exchange/mailboxes.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { ControlProblem, type Fields, fieldsOf, textField, textList, wordField } from './fields.ts';

type Deed = (exchange: Exchange, tenant: SimulatorTenant, fields: Fields) => unknown;

const switches = ['imap', 'pop', 'smtpAuth', 'licensed', 'messageCopyForSentAs', 'inCloud'] as const;

const settingsField = (fields: Fields): Partial<MailboxSettings> => {
  const settings = fieldsOf(fields.settings ?? {});
  for (const [name, value] of Object.entries(settings)) {
    if (!switches.some((known) => known === name)) throw new ControlProblem(`Mailboxes have no setting '${name}'.`);
    if (typeof value !== 'boolean') throw new ControlProblem(`'${name}' must be true or false.`);
  }
  return settings;
};

const flagField = (fields: Fields, name: string): boolean => {
  const value = fields[name];
  if (typeof value !== 'boolean') throw new ControlProblem(`'${name}' must be true or false.`);
  return value;
};

/** `raw` in base64, or `text` as it stands. */
const messageField = (fields: Fields): Buffer =>
  typeof fields.raw === 'string' ? Buffer.from(fields.raw, 'base64') : Buffer.from(textField(fields, 'text'));

const mailboxField = (fields: Fields): MailboxOptions => {
  const kind = wordField(fields, 'kind', ['user', 'shared'] as const);
  return {
    address: textField(fields, 'address'),
    ...settingsField(fields),
    ...(kind === undefined ? {} : { kind }),
    ...(fields.principal === undefined ? {} : { principal: textField(fields, 'principal') }),
    ...(fields.displayName === undefined ? {} : { displayName: textField(fields, 'displayName') }),
    ...(fields.aliases === undefined ? {} : { aliases: textList(fields, 'aliases') }),
    ...(fields.folders === undefined ? {} : { folders: textList(fields, 'folders') }),
  };
};

const trusted =
  (deed: 'grantFullAccess' | 'revokeFullAccess' | 'grantSendAs' | 'revokeSendAs'): Deed =>
  (exchange, _, fields) =>
    exchange[deed](textField(fields, 'address'), textField(fields, 'trustee'));

const deeds: Readonly<Record<string, Deed>> = {
  'add-mailbox': (exchange, tenant, fields) => {
    exchange.addMailbox(mailboxField(fields), tenant);
  },
  deliver: (exchange, _, fields) => {
    const folder = fields.folder === undefined ? 'INBOX' : textField(fields, 'folder');
    const { uid, id } = exchange.deliver(textField(fields, 'address'), messageField(fields), folder);
    return { uid, id };
  },
  'move-mailbox': (exchange, _, fields) => exchange.moveMailbox(textField(fields, 'address')),
  'set-mailbox': (exchange, _, fields) => exchange.set(textField(fields, 'address'), settingsField(fields)),
  'set-smtp-auth-disabled': (exchange, tenant, fields) =>
    exchange.setSmtpAuthDisabled(flagField(fields, 'disabled'), tenant),
  'new-service-principal': (exchange, tenant, fields) =>
    exchange.newServicePrincipal(
      { appId: textField(fields, 'appId'), objectId: textField(fields, 'objectId') },
      tenant,
    ),
  'grant-full-access': trusted('grantFullAccess'),
  'revoke-full-access': trusted('revokeFullAccess'),
  'grant-send-as': trusted('grantSendAs'),
  'revoke-send-as': trusted('revokeSendAs'),
  'assign-application-role': (exchange, tenant, fields) => {
    const role = wordField(fields, 'role', applicationRoles);
    if (role === undefined) throw new ControlProblem("'role' is missing.");
    exchange.assignApplicationRole(textField(fields, 'appId'), role, textList(fields, 'addresses'), tenant);
  },
};

export const mailDeedNames = Object.keys(deeds);

/** Carries out `{ do, … }` on the mailboxes of a tenant. */
export const changeMail = (exchange: Exchange, tenant: SimulatorTenant, value: unknown): unknown => {
  const fields = fieldsOf(value);
  const name = textField(fields, 'do');
  const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
  if (deed === undefined) throw new ControlProblem(`'do' must be one of ${mailDeedNames.join(', ')}.`);
  return deed(exchange, tenant, fields) ?? {};
};

/** As JSON carries it: the message in base64. */
export const writtenMessage = ({ raw, ...facts }: MessageTruth): unknown => ({ ...facts, raw: raw.toString('base64') });
