import { defineRoute, permit, type Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { overviewOf } from '../overview.ts';
import { importPermissions, portalScope } from '../permissions.ts';
import { portals } from '../portals.ts';
import { readMemory } from '../state.ts';
import { portalStates } from '../tables.ts';
import { importOptions } from '../task.ts';
import { findPortal, portalParams } from './one-portal.ts';

const { readPortals } = importPermissions;

const time = Type.Union([Type.Integer(), Type.Null()]);

const PortalShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  active: Type.Boolean(),
  cloud: Type.String(),
  tenantId: Type.String(),
  clientId: Type.String(),
  authentication: Type.String(),
  exclusions: Type.Integer(),
  asOf: time,
  lastFullListingAt: time,
  lastAttemptAt: time,
  lastRun: Type.String(),
  users: Type.Integer(),
  stale: Type.String(),
  failure: Type.Union([Type.Object({ code: Type.String(), at: Type.Integer() }), Type.Null()]),
  held: Type.Union([
    Type.Object({ kind: Type.String(), count: Type.Integer(), of: Type.Integer(), at: Type.Integer() }),
    Type.Null(),
  ]),
});

const factsOf = async (services: Services) => ({
  now: services.clock.now(),
  staleAfterHours: (await services.settings.value(importOptions)).staleAfterHours,
});

export const listPortals = defineRoute({
  method: 'GET',
  path: '/portals',
  summary: 'Lists portals with the state of their imports',
  permission: readPortals,
  response: Type.Object({ items: Type.Array(PortalShape) }),
  async handle(request, services) {
    const states = new Map((await services.db.read((trx) => trx.rows(portalStates))).map((row) => [row.portal, row]));
    const facts = await factsOf(services);
    const all = await request.allows(readPortals);
    const items = [];
    for (const portal of await services.settings.items(portals)) {
      if (all || (await request.allows(readPortals, portalScope(portal.id)))) {
        items.push(overviewOf(portal, states.get(portal.id), facts));
      }
    }
    return { items };
  },
});

export const onePortal = defineRoute({
  method: 'GET',
  path: '/portals/:portal',
  summary: 'Shows a portal with its subscribed licences',
  permission: readPortals,
  params: portalParams,
  response: Type.Object({
    portal: PortalShape,
    skus: Type.Array(
      Type.Object({
        skuId: Type.String(),
        partNumber: Type.String(),
        appliesTo: Type.String(),
        listed: Type.Boolean(),
        imported: Type.Boolean(),
        consumed: Type.Integer(),
        counted: Type.Integer(),
      }),
    ),
  }),
  async handle(request, services) {
    await permit(request, readPortals, portalScope(request.params.portal));
    const portal = await findPortal(services, request.params.portal);
    const { state, skus } = await readMemory(services.db, portal.id);
    return {
      portal: overviewOf(portal, state, await factsOf(services)),
      skus: skus.map(({ sku, part_number, applies_to, listed, imported, consumed, counted }) => ({
        skuId: sku,
        partNumber: part_number,
        appliesTo: applies_to,
        listed,
        imported,
        consumed,
        counted,
      })),
    };
  },
});
