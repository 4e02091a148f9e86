import { Readable } from 'node:stream';
import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { applySkuTitles } from '../skus/apply-titles.ts';
import { parseSkuTitles } from '../skus/parse-titles.ts';
import { skuClasses } from '../skus/sku-titles.ts';
import { allSkus, editSku } from '../skus/titles.ts';
import { editCataloguePermission, readCataloguePermission } from './permissions.ts';
import { Id, SkuClassSchema } from './schemas.ts';

const SkuSchema = Type.Object({
  sku: Id,
  partNumber: Type.String(),
  title: Type.String(),
  titleSource: Type.String(),
  class: SkuClassSchema,
  classSource: Type.String(),
  used: Type.Boolean(),
});

const list = defineRoute({
  method: 'GET',
  path: '/skus',
  summary: 'All known SKUs; `unresolved`: those of products that have no title',
  permission: readCataloguePermission,
  query: Type.Object({ unresolved: Type.Optional(Type.Boolean()), used: Type.Optional(Type.Boolean()) }),
  response: Type.Object({ items: Type.Array(SkuSchema) }),
  async handle({ query }, { db }) {
    const all = [...(await db.read(allSkus)).values()];
    const items = all
      .filter(({ used }) => query.used === undefined || used === query.used)
      .filter(({ used, titleSource }) => query.unresolved !== true || (used && titleSource === 'none'))
      .sort(
        (a, b) => (a.title || a.partNumber).localeCompare(b.title || b.partNumber, 'en') || (a.sku < b.sku ? -1 : 1),
      );
    return { items };
  },
});

const edit = defineRoute({
  method: 'PUT',
  path: '/skus/:sku',
  summary: 'Sets title or class of a SKU; null gives it back',
  permission: editCataloguePermission,
  params: Type.Object({ sku: Id }),
  body: Type.Object(
    {
      title: Type.Optional(Type.Union([Type.String({ maxLength: 300 }), Type.Null()])),
      class: Type.Optional(Type.Union([SkuClassSchema, Type.Null()])),
    },
    { additionalProperties: false },
  ),
  response: SkuSchema,
  async handle(request, { db, clock }) {
    await request.require(editCataloguePermission);
    const { title, class: wanted } = request.body;
    const chosen = skuClasses.find((known) => known === wanted);
    const change = {
      sku: request.params.sku,
      ...(title === undefined ? {} : { title }),
      ...(wanted === null ? { class: null } : chosen === undefined ? {} : { class: chosen }),
    };
    const sku = await db.write((trx) => editSku(trx, change, clock.now()));
    await request.audit({ action: 'sku.edit', object: sku.sku, details: { title: sku.title, class: sku.class } });
    return sku;
  },
});

const upload = defineRoute({
  method: 'POST',
  path: '/skus/list',
  summary: "Reads titles from Microsoft's CSV, sent as text; a bad file changes nothing",
  permission: editCataloguePermission,
  body: Type.Object({ csv: Type.String({ maxLength: 10_000_000 }) }, { additionalProperties: false }),
  bodyLimit: 12_000_000,
  response: Type.Object({ listed: Type.Integer(), created: Type.Integer(), changed: Type.Integer() }),
  async handle(request, { db, clock }) {
    await request.require(editCataloguePermission);
    const listed = await parseSkuTitles(Readable.from([Buffer.from(request.body.csv)]));
    const counts = await db.write((trx) => applySkuTitles(trx, listed, clock.now()));
    await request.audit({ action: 'sku.upload', object: 'sku-titles', details: counts });
    return { listed: listed.length, ...counts };
  },
});

export const skuRoutes = [list, edit, upload];
