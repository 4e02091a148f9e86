import { defineRoute } from '@itsm-m365/plugin-api';
import { reasons } from '../engine/reasons.ts';
import { isStatusId, statuses, statusOf } from '../engine/statuses.ts';
import { readPermission } from '../permissions.ts';
import { complianceDetail } from '../view/detail.ts';
import { complianceHistory } from '../view/history.ts';
import { listCompliance } from '../view/list.ts';
import { complianceSummary, readLast } from '../view/summary.ts';
import {
  detailSchema,
  historyQuerySchema,
  historySchema,
  idParamsSchema,
  listQuerySchema,
  listSchema,
  statusesSchema,
  summarySchema,
} from './schemas.ts';
import { requirePortal, visiblePortals } from './scope.ts';
import { remediesOf, withWords } from './words.ts';

export const listRoute = defineRoute({
  method: 'GET',
  path: '/compliance',
  summary: 'The compliance view: products or licences with status and figures',
  permission: readPermission,
  query: listQuerySchema,
  response: listSchema,
  handle: async (request, services) => {
    const { kind = 'product', sort = 'name', direction = 'asc', limit = 100, ...filters } = request.query;
    const portals = await visiblePortals(request, services);
    return services.db.read(async (trx) => {
      const last = await readLast(trx);
      const page = await listCompliance(trx, {
        ...filters,
        kind,
        sort,
        limit,
        descending: direction === 'desc',
        ...(portals === undefined ? {} : { portals }),
      });
      return { ...page, items: page.items.map((item) => withWords(item, last)) };
    });
  },
});

export const detailRoute = defineRoute({
  method: 'GET',
  path: '/compliance/:id',
  summary: 'One product or licence: its status, the explanation of it, and what it is linked to',
  permission: readPermission,
  params: idParamsSchema,
  response: detailSchema,
  handle: async (request, { db }) => {
    const { detail, last } = await db.read(async (trx) => ({
      last: await readLast(trx),
      detail: await complianceDetail(trx, request.params.id.toLowerCase()),
    }));
    await requirePortal(request, detail.portal);
    const { explanation, linked, ...item } = detail;
    return {
      ...withWords(item, last),
      explanation: [...explanation],
      remedies: remediesOf(item),
      linked: linked.map((one) => withWords(one, last)),
    };
  },
});

export const historyRoute = defineRoute({
  method: 'GET',
  path: '/compliance/:id/history',
  summary: 'Who changed the status of a product or licence from what to what, when and by which run',
  permission: readPermission,
  params: idParamsSchema,
  query: historyQuerySchema,
  response: historySchema,
  handle: async (request, { db }) => {
    const { limit = 50, ...query } = request.query;
    const page = await db.read((trx) => complianceHistory(trx, request.params.id.toLowerCase(), { ...query, limit }));
    await requirePortal(request, page.portal);
    const { entries, next } = page;
    return {
      entries: entries.map((entry) => ({ ...entry, explanation: [...entry.explanation] })),
      ...(next === undefined ? {} : { next }),
    };
  },
});

export const summaryRoute = defineRoute({
  method: 'GET',
  path: '/summary',
  summary: 'Products per status, unused and missing seats, and the last recalculation',
  permission: readPermission,
  response: summarySchema,
  handle: async (request, services) => {
    const portals = await visiblePortals(request, services);
    const { last, ...summary } = await services.db.read((trx) => complianceSummary(trx, portals));
    return {
      ...summary,
      statuses: summary.statuses.map(({ status, products }) => ({
        status,
        title: isStatusId(status) ? statusOf(status).title : { en: status, de: status },
        products,
      })),
      unsynced: [...summary.unsynced],
      ...(last === undefined ? {} : { last: { ...last, counts: { ...last.counts }, inputs: [...last.inputs] } }),
    };
  },
});

export const statusesRoute = defineRoute({
  method: 'GET',
  path: '/statuses',
  summary: 'What each status and each reason means, and what can be done',
  permission: readPermission,
  response: statusesSchema,
  handle: async () => ({
    statuses: [...statuses],
    reasons: reasons.map((reason) => ({ ...reason, remedies: [...reason.remedies] })),
  }),
});
