import { type TSchema, Type } from 'typebox';
import { syncReasons } from '../engine/facts.ts';
import { restKinds } from '../engine/rests.ts';
import { statusIds } from '../engine/statuses.ts';
import { sortColumns } from '../view/columns.ts';

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const figure = nullable(Type.Integer());
const guid = Type.String({ minLength: 1, maxLength: 36, pattern: '^[0-9A-Fa-f-]+$' });
const optional = { maxLength: 200, minLength: 1 };

export const textSchema = Type.Object({ en: Type.String(), de: Type.String() });
export const kindSchema = Type.Enum(['product', 'licence']);

/** Instants are milliseconds since 1970 here as everywhere in the product. */
export const instantSchema = Type.Integer({ description: 'Milliseconds since 1970-01-01T00:00:00Z' });

export const itemSchema = Type.Object({
  id: Type.String(),
  kind: kindSchema,
  name: Type.String(),
  portal: Type.String(),
  portalName: Type.String(),
  folder: Type.String(),
  folderName: Type.String(),
  sku: Type.String(),
  partNumber: Type.String(),
  metric: Type.String(),
  status: Type.String(),
  statusTitle: textSchema,
  icon: Type.String(),
  reason: Type.String(),
  reasonTitle: Type.Optional(textSchema),
  cause: Type.String(),
  enabled: figure,
  warning: figure,
  suspended: figure,
  trial: figure,
  consumedReported: figure,
  consumers: figure,
  waiting: figure,
  difference: figure,
  required: figure,
  available: figure,
  balance: figure,
  unused: figure,
  overAssigned: figure,
  restsOn: Type.Array(Type.Enum([...restKinds])),
  restsUntil: nullable(instantSchema),
  since: instantSchema,
  run: Type.String(),
  dataAsOf: nullable(instantSchema),
  recalculatedAt: nullable(instantSchema),
});

const explanationSchema = Type.Array(Type.Object({ id: Type.String(), text: textSchema }));

export const listQuerySchema = Type.Object(
  {
    kind: Type.Optional(kindSchema),
    status: Type.Optional(Type.Enum([...statusIds])),
    reason: Type.Optional(Type.Enum([...syncReasons])),
    portal: Type.Optional(guid),
    folder: Type.Optional(guid),
    text: Type.Optional(Type.String(optional)),
    sort: Type.Optional(Type.Enum([...sortColumns])),
    direction: Type.Optional(Type.Enum(['asc', 'desc'])),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 8000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

export const listSchema = Type.Object({ items: Type.Array(itemSchema), next: Type.Optional(Type.String()) });

export const idParamsSchema = Type.Object({ id: guid });

export const detailSchema = Type.Object({
  ...itemSchema.properties,
  explanation: explanationSchema,
  remedies: Type.Array(textSchema),
  linked: Type.Array(itemSchema),
});

export const historyQuerySchema = Type.Object(
  { before: Type.Optional(instantSchema), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) },
  { additionalProperties: false },
);

export const historySchema = Type.Object({
  entries: Type.Array(
    Type.Object({
      validFrom: instantSchema,
      validTo: instantSchema,
      from: Type.String(),
      to: Type.String(),
      reason: Type.String(),
      required: figure,
      available: figure,
      balance: figure,
      consumedReported: figure,
      dataAsOf: nullable(instantSchema),
      run: Type.String(),
      actor: Type.String(),
      trigger: Type.String(),
      explanation: explanationSchema,
    }),
  ),
  next: Type.Optional(instantSchema),
});

export const summarySchema = Type.Object({
  statuses: Type.Array(Type.Object({ status: Type.String(), title: textSchema, products: Type.Integer() })),
  unsynced: Type.Array(Type.Object({ reason: Type.String(), products: Type.Integer() })),
  unused: Type.Integer(),
  overAssigned: Type.Integer(),
  waiting: Type.Integer(),
  last: Type.Optional(
    Type.Object({
      run: Type.String(),
      startedAt: instantSchema,
      finishedAt: instantSchema,
      counts: Type.Record(Type.String(), Type.Number()),
      inputs: Type.Array(Type.Object({ portal: Type.String(), dataAsOf: instantSchema })),
    }),
  ),
});

export const statusesSchema = Type.Object({
  statuses: Type.Array(
    Type.Object({
      id: Type.String(),
      title: textSchema,
      explanation: textSchema,
      remedy: Type.Optional(textSchema),
      icon: Type.String(),
      rank: Type.Integer(),
      microsoft365: Type.Boolean(),
    }),
  ),
  reasons: Type.Array(
    Type.Object({ id: Type.String(), title: textSchema, explanation: textSchema, remedies: Type.Array(textSchema) }),
  ),
});
