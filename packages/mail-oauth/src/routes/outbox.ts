import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { decideMail as decide } from '../outbox/decide.ts';
import { remedyOf } from '../outbox/remedy.ts';
import { mailPermissions } from '../permissions.ts';
import { outbox } from '../tables.ts';
import { accountParams, permittedAccount } from './one-account.ts';
import { Bilingual } from './shapes.ts';

const { readAccounts, decideMail } = mailPermissions;

const MailShape = Type.Object({
  id: Type.String(),
  messageId: Type.String(),
  subject: Type.String(),
  recipients: Type.Integer(),
  automatic: Type.Boolean(),
  state: Type.String(),
  attempts: Type.Integer(),
  nextAt: Type.Integer(),
  createdAt: Type.Integer(),
  sentAt: Type.Union([Type.Integer(), Type.Null()]),
  failedCode: Type.String(),
  reply: Type.String(),
  /** What to do; null where nothing failed. */
  remedy: Type.Union([Bilingual, Type.Null()]),
});

const columns = [
  ...(['id', 'message_id', 'subject', 'recipients', 'automatic', 'state', 'attempts'] as const),
  ...(['next_at', 'created_at', 'sent_at', 'failed_code', 'reply'] as const),
];
const shown = { name: outbox.name, columns: Object.fromEntries(columns.map((name) => [name, outbox.columns[name]])) };

/** A mail as a screen shows it: to how many it goes, and nothing of what it says. */
const shapeOf = (row: Readonly<Record<string, unknown>>) => {
  const failure = { failed_code: String(row.failed_code), reply: String(row.reply) };
  return {
    id: String(row.id),
    messageId: String(row.message_id),
    subject: String(row.subject),
    recipients: Array.isArray(row.recipients) ? row.recipients.length : 0,
    automatic: row.automatic === true,
    state: String(row.state),
    attempts: Number(row.attempts),
    nextAt: Number(row.next_at),
    createdAt: Number(row.created_at),
    sentAt: row.sent_at === null ? null : Number(row.sent_at),
    failedCode: failure.failed_code,
    reply: failure.reply,
    remedy: remedyOf(failure) ?? null,
  };
};

export const listOutbox = defineRoute({
  method: 'GET',
  path: '/accounts/:account/outbox',
  summary: 'Lists mail of the outbox without its contents, newest first',
  permission: readAccounts,
  params: accountParams,
  query: Type.Object({
    state: Type.Optional(Type.String({ maxLength: 12 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ items: Type.Array(MailShape) }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, readAccounts, request.params.account);
    const { state, limit = 50 } = request.query;
    const rows = await services.db.read((trx) =>
      trx.rows(shown, (query) =>
        query
          .where({ account: account.id, ...(state === undefined ? {} : { state }) })
          .orderBy([
            { column: 'created_at', order: 'desc' },
            { column: 'id', order: 'asc' },
          ])
          .limit(limit),
      ),
    );
    return { items: rows.map(shapeOf) };
  },
});

export const decideOutbox = defineRoute({
  method: 'POST',
  path: '/accounts/:account/outbox/:mail/decision',
  summary: 'Sends a held or refused mail again, or cancels it',
  permission: decideMail,
  params: Type.Object({ ...accountParams.properties, mail: Type.String({ minLength: 1, maxLength: 36 }) }),
  body: Type.Object(
    { decision: Type.Union([Type.Literal('resend'), Type.Literal('cancel')]) },
    { additionalProperties: false },
  ),
  response: Type.Object({ decision: Type.String() }),
  async handle(request, services) {
    const { mail } = request.params;
    const { decision } = request.body;
    const account = await permittedAccount(request, services, decideMail, request.params.account);
    await decide(services, { account: account.id, id: mail }, decision);
    await request.audit({ action: 'mail-outbox-decided', object: account.id, details: { mail, decision } });
    return { decision };
  },
});
