import { entraGuide, graphPermissions } from '@itsm-m365/graph-auth';
import { defineRoute, permit } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { importPermissions, portalScope } from '../permissions.ts';
import { availableSkus } from '../sku-list.ts';
import { groupNames } from '../tables.ts';
import { findPortal, portalParams } from './one-portal.ts';

const { readPortals } = importPermissions;

export const listSkus = defineRoute({
  method: 'GET',
  path: '/skus',
  summary: 'Lists the licences that can be excluded: all known ones, or those subscribed in a portal',
  permission: readPortals,
  query: Type.Object({
    portal: Type.Optional(Type.String({ maxLength: 36 })),
    subscribed: Type.Optional(Type.Boolean()),
  }),
  response: Type.Object({
    items: Type.Array(
      Type.Object({
        skuId: Type.String(),
        partNumber: Type.String(),
        title: Type.String(),
        subscribed: Type.Boolean(),
        appliesTo: Type.String(),
      }),
    ),
  }),
  async handle(request, services) {
    const { portal, subscribed = false } = request.query;
    if (portal === undefined) await request.require(readPortals);
    else await permit(request, readPortals, portalScope(portal));
    return { items: [...(await availableSkus(services.db, portal, subscribed))] };
  },
});

export const listGroups = defineRoute({
  method: 'GET',
  path: '/portals/:portal/groups',
  summary: 'Lists the names of groups that licences come from, as far as they may be read',
  permission: readPortals,
  params: portalParams,
  response: Type.Object({ items: Type.Array(Type.Object({ groupId: Type.String(), name: Type.String() })) }),
  async handle(request, services) {
    await permit(request, readPortals, portalScope(request.params.portal));
    const tenant = (await findPortal(services, request.params.portal)).value.tenantId;
    const rows = await services.db.read((trx) => trx.rows(groupNames, (query) => query.where({ tenant })));
    return { items: rows.map(({ group_id, name }) => ({ groupId: group_id, name })) };
  },
});

const Bilingual = Type.Object({ en: Type.String(), de: Type.String() });

export const guide = defineRoute({
  method: 'GET',
  path: '/guide',
  summary: 'Shows how to prepare the application in Entra, with the exact permission names',
  permission: readPortals,
  response: Type.Object({
    steps: Type.Array(Type.Unknown()),
    permissions: Type.Array(Type.Unknown()),
    title: Bilingual,
  }),
  async handle(request) {
    await request.require(readPortals);
    const title = { en: 'Prepare the application in Entra', de: 'Anwendung in Entra vorbereiten' };
    return { title, steps: [...entraGuide], permissions: [...graphPermissions] };
  },
});
