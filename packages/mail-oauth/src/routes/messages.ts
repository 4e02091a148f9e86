import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { mailPermissions } from '../permissions.ts';
import { answerCursor } from '../receive/cursor.ts';
import { decideMessage, listMessages, openStates } from '../receive/lists.ts';
import { accountParams, permittedAccount } from './one-account.ts';

const { readAccounts, editAccounts, decideMail } = mailPermissions;

const MessageShape = Type.Object({
  id: Type.String(),
  key: Type.String(),
  state: Type.String(),
  class: Type.String(),
  attempts: Type.Integer(),
  messageId: Type.String(),
  subject: Type.String(),
  sender: Type.String(),
  size: Type.Integer(),
  seenAt: Type.Integer(),
  changedAt: Type.Integer(),
  failedCode: Type.String(),
  open: Type.Boolean(),
});

export const listMessagesRoute = defineRoute({
  method: 'GET',
  path: '/accounts/:account/messages',
  summary: 'Lists messages that wait for a person: failed, set aside, too large, unreadable, probably taken before',
  permission: readAccounts,
  params: accountParams,
  query: Type.Object({
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ items: Type.Array(MessageShape), total: Type.Integer() }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, readAccounts, request.params.account);
    const { offset = 0, limit = 50 } = request.query;
    const { items, total } = await listMessages(services.db, account.id, openStates, { offset, limit });
    return { items: [...items], total };
  },
});

export const decideMessageRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/messages/:message/decision',
  summary: 'Hands a message over with the next fetch, or skips it for good',
  permission: decideMail,
  params: Type.Object({ ...accountParams.properties, message: Type.String({ minLength: 1, maxLength: 36 }) }),
  body: Type.Object(
    { decision: Type.Union([Type.Literal('handOver'), Type.Literal('skip')]) },
    { additionalProperties: false },
  ),
  response: Type.Object({ decision: Type.String() }),
  async handle(request, services) {
    const { message } = request.params;
    const { decision } = request.body;
    const account = await permittedAccount(request, services, decideMail, request.params.account);
    await decideMessage(services.db, account.id, message, decision, services.clock.now());
    await request.audit({ action: 'mail-message-decided', object: account.id, details: { message, decision } });
    return { decision };
  },
});

export const answerCursorRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/cursor',
  summary: 'Says from where fetching goes on after a mailbox was moved',
  permission: editAccounts,
  params: accountParams,
  body: Type.Object(
    { answer: Type.Union([Type.Literal('from-now'), Type.Literal('fetch-all')]) },
    { additionalProperties: false },
  ),
  response: Type.Object({ answer: Type.String() }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, editAccounts, request.params.account);
    const { answer } = request.body;
    await answerCursor(services.db, account.id, answer, services.clock.now());
    await request.audit({ action: 'mail-cursor-answered', object: account.id, details: { answer } });
    return { answer };
  },
});
