import { defineRoute, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { catalogueErrors } from '../errors.ts';
import { holdersAsOf } from '../queries/as-of.ts';
import { consumersOf } from '../queries/count-consumers.ts';
import { describeProducts, type LicenceRecord, type ProductRecord, readProducts } from '../queries/read-products.ts';
import { licences, products } from '../tables.ts';
import { readCataloguePermission, seePersonsPermission } from './permissions.ts';
import { scopeOfPortal } from './product-routes.ts';
import {
  HolderSchema,
  holderAnswer,
  Id,
  LicenceSchema,
  Limit,
  licenceAnswer,
  Moment,
  PersonKey,
  ProductSchema,
  productAnswer,
} from './schemas.ts';

const oneLicence = async (
  trx: Transaction,
  number: number,
): Promise<{ readonly licence: LicenceRecord; readonly product: ProductRecord }> => {
  const alive = { deleted_at: trx.encode('time', openEnd) };
  const [row] = await trx.rows(licences, (query) => query.where({ number, ...alive }));
  const rows = row === undefined ? [] : await trx.rows(products, (query) => query.where({ id: row.product, ...alive }));
  const [product] = await describeProducts(trx, rows);
  const licence = product?.licences.find((one) => one.number === number);
  if (product === undefined || licence === undefined) throw catalogueErrors.LICENCE_NOT_FOUND({ licence: number });
  return { licence, product };
};

const Number_ = Type.Object({ number: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) });

const listLicences = defineRoute({
  method: 'GET',
  path: '/licences',
  summary: 'Licences of a portal, or all',
  permission: readCataloguePermission,
  query: Type.Object({ portal: Type.Optional(Id) }),
  response: Type.Object({ items: Type.Array(LicenceSchema) }),
  async handle(request, { db }) {
    const { portal } = request.query;
    const found = await db.read((trx) => readProducts(trx, portal === undefined ? {} : { portal }));
    const items = [];
    for (const product of found)
      if (await request.allows(readCataloguePermission, scopeOfPortal(product.portal)))
        items.push(...product.licences.map(licenceAnswer));
    return { items };
  },
});

const readLicence = defineRoute({
  method: 'GET',
  path: '/licences/:number',
  summary: 'One licence with the product it is linked to',
  permission: readCataloguePermission,
  params: Number_,
  response: Type.Object({ licence: LicenceSchema, product: ProductSchema }),
  async handle(request, { db }) {
    const { licence, product } = await db.read((trx) => oneLicence(trx, request.params.number));
    await request.require(readCataloguePermission, scopeOfPortal(licence.portal));
    return { licence: licenceAnswer(licence), product: productAnswer(product) };
  },
});

const consumers = defineRoute({
  method: 'GET',
  path: '/licences/:number/consumers',
  summary: 'Who holds a licence, or waits for it, now or at an instant; counts only without the right to see persons',
  permission: readCataloguePermission,
  params: Number_,
  query: Type.Object({
    who: Type.Optional(Type.Union([Type.Literal('holding'), Type.Literal('waiting')])),
    at: Type.Optional(Moment),
    after: Type.Optional(PersonKey),
    limit: Type.Optional(Limit),
  }),
  response: Type.Object({
    holders: Type.Integer(),
    waiting: Type.Integer(),
    withError: Type.Integer(),
    /** Persons are there but may not be shown. */
    hidden: Type.Boolean(),
    items: Type.Array(HolderSchema),
    next: Type.Optional(PersonKey),
  }),
  async handle(request, { db }) {
    const { number } = request.params;
    const { licence } = await db.read((trx) => oneLicence(trx, number));
    const scope = scopeOfPortal(licence.portal);
    await request.require(readCataloguePermission, scope);
    const { limit = 100, ...question } = request.query;
    const counts = await db.read((trx) => consumersOf(trx, number, question.at));
    if (!(await request.allows(seePersonsPermission, scope))) return { ...counts, hidden: true, items: [] };
    const page = await db.read((trx) => holdersAsOf(trx, { licence: number, limit, ...question }));
    await request.audit({ action: 'persons.view', object: `licence/${number}`, details: { count: page.items.length } });
    const items = page.items.map(holderAnswer);
    return { ...counts, hidden: false, items, ...(page.next === undefined ? {} : { next: page.next }) };
  },
});

export const licenceRoutes = [listLicences, readLicence, consumers];
