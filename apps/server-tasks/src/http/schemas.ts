import { type TSchema, Type } from 'typebox';

// What the API takes and answers, for checking the one and documenting both.

export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const Id = Type.String({ minLength: 1, maxLength: 200 });
export const Instant = Type.Integer({ description: 'Milliseconds since 1970-01-01T00:00:00Z' });
export const Bilingual = Type.Object({ en: Type.String(), de: Type.String() });
export const Counts = Type.Record(Type.String(), Type.Number());
export const ActorShape = Type.Object({ id: Type.String(), name: Type.String() });
export const SubjectShape = Type.Object({
  type: Type.String(),
  id: Type.String(),
  name: Type.Optional(Type.String()),
});
export const NoticeShape = Type.Object({
  code: Type.String(),
  severity: Type.Enum(['info', 'warning', 'error']),
  message: Bilingual,
  remedy: Type.Optional(Bilingual),
  subject: Type.Optional(SubjectShape),
  details: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
});

const runFields = {
  id: Type.String(),
  task: Type.String(),
  state: Type.Enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled']),
  trigger: Type.Enum(['schedule', 'manual', 'follows', 'parent']),
  actor: ActorShape,
  parent: Nullable(Type.String()),
  stopReason: Nullable(Type.Enum(['cancelled', 'timeout', 'shutdown', 'restored'])),
  stoppedBy: Nullable(Type.String()),
  counts: Counts,
  createdAt: Instant,
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
};
export const RunShape = Type.Object(runFields);

export const RunItemShape = Type.Object({
  key: Type.String(),
  state: Type.Enum(['waiting', 'running', 'succeeded', 'held', 'failed', 'cancelled']),
  outcome: Nullable(Type.Enum(['succeeded', 'partial', 'held'])),
  subject: Nullable(SubjectShape),
  scope: Nullable(Type.Object({ type: Type.String(), id: Type.String() })),
  node: Nullable(Type.String()),
  attempt: Type.Integer(),
  progress: Nullable(Type.Object({ phase: Bilingual, done: Type.Number(), total: Type.Optional(Type.Number()) })),
  counts: Counts,
  child: Nullable(Type.String()),
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
});

export const RunDetailShape = Type.Object({
  ...runFields,
  items: Type.Array(RunItemShape),
  notices: Type.Array(Type.Object({ item: Nullable(Type.String()), at: Instant, notice: NoticeShape })),
});

const Minutes = Type.Integer({ minimum: 1, maximum: 527_040 });
export const ScheduleShape = Type.Union([
  Type.Object({ kind: Type.Literal('manual') }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('interval'), minutes: Minutes }, { additionalProperties: false }),
  Type.Object(
    { kind: Type.Literal('daily'), time: Type.String({ maxLength: 5 }), zone: Type.String({ maxLength: 100 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('cron'), expression: Type.String({ maxLength: 200 }), zone: Type.String({ maxLength: 100 }) },
    { additionalProperties: false },
  ),
]);

/** Query of a paged list. */
export const pageQuery = {
  after: Type.Optional(Type.String({ maxLength: 1000, description: '`next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
};
export const pageOfShape = <S extends TSchema>(item: S) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) });

export const ProblemShape = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  remedy: Type.String(),
  problems: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), code: Type.String(), message: Type.String() })),
  ),
});
