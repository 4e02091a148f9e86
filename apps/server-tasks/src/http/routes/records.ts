import { Type } from 'typebox';
import { taskPermissions } from '../../permissions.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { listAudit, listEvents } from '../../store/queries.ts';
import { nodeTable } from '../../store/tables.ts';
import { defineEndpoint, type Endpoint } from '../endpoint.ts';
import { ActorShape, Instant, NoticeShape, Nullable, pageOfShape, pageQuery } from '../schemas.ts';

const EventShape = Type.Object({
  key: Type.String(),
  source: Type.String(),
  notice: NoticeShape,
  firstAt: Instant,
  lastAt: Instant,
  sentAt: Nullable(Instant),
});
const AuditShape = Type.Object({
  id: Type.String(),
  at: Instant,
  actor: ActorShape,
  action: Type.String(),
  object: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
});
const NodeShape = Type.Object({ id: Type.String(), name: Type.String(), startedAt: Instant });

/** What is on record: events, audit, nodes. No route changes any of it. */
export const recordRoutes = ({ db }: ServerTasks): readonly Endpoint[] => [
  defineEndpoint({
    method: 'GET',
    path: '/events',
    summary: 'What people were told, the last seen first',
    tag: 'records',
    access: taskPermissions.readEvents,
    query: Type.Object(pageQuery),
    response: pageOfShape(EventShape),
    async handle(call) {
      const page = await listEvents(db, call.query);
      const items = page.items.map((row) => ({
        key: row.event_key,
        source: row.source,
        notice: { ...row.notice },
        firstAt: row.first_at,
        lastAt: row.last_at,
        sentAt: row.sent_at,
      }));
      return { ...page, items };
    },
  }),
  defineEndpoint({
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, newest first; append-only',
    tag: 'records',
    access: taskPermissions.readAudit,
    query: Type.Object(pageQuery),
    response: pageOfShape(AuditShape),
    async handle(call) {
      const page = await listAudit(db, call.query);
      const items = page.items.map((row) => ({
        id: row.id,
        at: row.at,
        actor: { id: row.actor_id, name: row.actor_name },
        action: row.action,
        object: row.object,
        details: { ...row.details },
      }));
      return { ...page, items };
    },
  }),
  defineEndpoint({
    method: 'GET',
    path: '/nodes',
    summary: 'The processes that share the work',
    tag: 'records',
    access: taskPermissions.read,
    response: Type.Object({ items: Type.Array(NodeShape) }),
    async handle() {
      const rows = await db.read((trx) => trx.rows(nodeTable, (query) => query.orderBy('started_at').limit(200)));
      return { items: rows.map(({ id, name, started_at }) => ({ id, name, startedAt: started_at })) };
    },
  }),
];
