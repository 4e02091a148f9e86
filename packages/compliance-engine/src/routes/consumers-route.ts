import { countConsumers, seePersonsPermission } from '@itsm-m365/licence-catalog';
import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { readPermission } from '../permissions.ts';
import { consumerSource, consumersOf } from '../view/consumers.ts';
import { idParamsSchema, instantSchema } from './schemas.ts';
import { requirePortal } from './scope.ts';

const querySchema = Type.Object(
  {
    who: Type.Optional(Type.Enum(['holding', 'waiting'])),
    licence: Type.Optional(Type.Integer({ minimum: 1 })),
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

const personSchema = Type.Object({
  licence: Type.Integer(),
  person: Type.Integer(),
  displayName: Type.String(),
  userPrincipalName: Type.String(),
  mail: Type.String(),
  enabled: Type.Boolean(),
  personType: Type.String(),
  paths: Type.Array(
    Type.Object({
      path: Type.String({ description: 'Empty: direct; else the id of the group, or `unknown`' }),
      holds: Type.Boolean(),
      state: Type.String(),
      error: Type.String(),
      since: instantSchema,
      observedAt: instantSchema,
    }),
  ),
});

const responseSchema = Type.Object({
  licences: Type.Array(
    Type.Object({
      number: Type.Integer(),
      id: Type.String(),
      name: Type.String(),
      holders: Type.Integer(),
      waiting: Type.Integer(),
    }),
  ),
  /** Without the permission to see persons there are counts only. */
  personsHidden: Type.Boolean(),
  persons: Type.Array(personSchema),
  next: Type.Optional(Type.Object({ licence: Type.Integer(), after: Type.Integer() })),
});

export const consumersRoute = defineRoute({
  method: 'GET',
  path: '/compliance/:id/consumers',
  summary:
    'The consumers of a product or licence, or who waits for a seat; without the right to see persons counts only',
  permission: readPermission,
  params: idParamsSchema,
  query: querySchema,
  response: responseSchema,
  handle: async (request, { db }) => {
    const id = request.params.id.toLowerCase();
    const { who = 'holding', limit = 100, ...place } = request.query;
    const source = await db.read((trx) => consumerSource(trx, id));
    await requirePortal(request, source.portal);
    const scope = source.portal === '' ? undefined : { type: 'portal', id: source.portal };
    const visible = await request.allows(seePersonsPermission, scope);
    if (visible) {
      await request.audit({ action: 'compliance-engine.consumers-seen', object: id, details: { who } });
    }
    return db.read(async (trx) => {
      const numbers = source.licences.map(({ number }) => number);
      const counts = await countConsumers(trx, numbers);
      const page = visible ? await consumersOf(trx, source, { ...place, who, limit }) : { items: [] };
      return {
        licences: source.licences.map((licence) => ({
          ...licence,
          holders: counts.get(licence.number)?.holders ?? 0,
          waiting: counts.get(licence.number)?.waiting ?? 0,
        })),
        personsHidden: !visible,
        persons: page.items.map(({ facts, paths, ...person }) => ({
          ...person,
          enabled: facts.enabled,
          personType: facts.personType,
          paths: [...paths],
        })),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    });
  },
});
