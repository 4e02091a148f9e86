import {
  defineRoute,
  openEnd,
  type Permission,
  type RouteRequest,
  type Scope,
  type Services,
  type Transaction,
} from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { catalogueErrors } from '../errors.ts';
import { deleteUnsynced, previewDeletion } from '../products/delete-products.ts';
import { createProduct, moveProduct, offeredConsumerTypes, renameProduct } from '../products/edit-products.ts';
import { pageProducts } from '../queries/page-products.ts';
import { describeProducts, type ProductRecord } from '../queries/read-products.ts';
import { products } from '../tables.ts';
import { deleteProductsPermission, editCataloguePermission, readCataloguePermission } from './permissions.ts';
import { Id, Limit, ProductSchema, productAnswer } from './schemas.ts';

type AnyRequest = Pick<RouteRequest<unknown, unknown, unknown>, 'require' | 'allows'>;

const Nothing = Type.Object({});

/** Products made by hand belong to no portal and need the right without a scope. */
export const scopeOfPortal = (portal: string): Scope | undefined =>
  portal === '' ? undefined : { type: 'portal', id: portal };

const oneProduct = async (trx: Transaction, product: string): Promise<ProductRecord> => {
  const rows = await trx.rows(products, (query) =>
    query.where({ id: product.toLowerCase(), deleted_at: trx.encode('time', openEnd) }),
  );
  const [record] = await describeProducts(trx, rows);
  if (record === undefined) throw catalogueErrors.PRODUCT_NOT_FOUND({ product });
  return record;
};

const requireFor = async (request: AnyRequest, services: Services, permission: Permission, ids: readonly string[]) => {
  for (const id of ids) {
    const { portal } = await services.db.read((trx) => oneProduct(trx, id));
    await request.require(permission, scopeOfPortal(portal));
  }
};

/** A page's end as one opaque text. */
const cursorOf = (name: string, id: string): string => Buffer.from(JSON.stringify([name, id])).toString('base64url');

const fromCursor = (cursor: string): { readonly name: string; readonly id: string } | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string')
      return { name: value[0], id: value[1] };
  } catch {
    // Not one of ours: the list begins at its start.
  }
  return undefined;
};

const listProducts = defineRoute({
  method: 'GET',
  path: '/products',
  summary: 'Products with their licences and quantities, by name',
  permission: readCataloguePermission,
  query: Type.Object({
    portal: Type.Optional(Id),
    folder: Type.Optional(Id),
    state: Type.Optional(Type.Union([Type.Literal('synced'), Type.Literal('unsynced')])),
    search: Type.Optional(Type.String({ maxLength: 200 })),
    after: Type.Optional(Type.String({ maxLength: 3000 })),
    limit: Type.Optional(Limit),
  }),
  response: Type.Object({ items: Type.Array(ProductSchema), next: Type.Optional(Type.String()) }),
  async handle(request, { db }) {
    const { after, limit = 100, ...filter } = request.query;
    const start = after === undefined ? undefined : fromCursor(after);
    const page = await db.read(async (trx) => {
      const rows = await pageProducts(trx, { ...filter, limit, ...(start === undefined ? {} : { after: start }) });
      return describeProducts(trx, rows);
    });
    const visible = [];
    for (const product of page)
      if (await request.allows(readCataloguePermission, scopeOfPortal(product.portal))) visible.push(product);
    const last = page.at(-1);
    const items = visible.map(productAnswer);
    return last === undefined || page.length < limit ? { items } : { items, next: cursorOf(last.name, last.id) };
  },
});

const readProduct = defineRoute({
  method: 'GET',
  path: '/products/:product',
  summary: 'One product',
  permission: readCataloguePermission,
  params: Type.Object({ product: Id }),
  response: ProductSchema,
  async handle(request, { db }) {
    const product = await db.read((trx) => oneProduct(trx, request.params.product));
    await request.require(readCataloguePermission, scopeOfPortal(product.portal));
    return productAnswer(product);
  },
});

const addProduct = defineRoute({
  method: 'POST',
  path: '/products',
  summary: 'Makes a product by hand',
  permission: editCataloguePermission,
  body: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 300 }),
      folder: Type.String({ maxLength: 36 }),
      consumerType: Type.String({ maxLength: 16 }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ id: Id }),
  async handle(request, { db, random, clock }) {
    await request.require(editCataloguePermission);
    const id = await db.write((trx) => createProduct(trx, request.body, { random, at: clock.now() }));
    await request.audit({ action: 'product.create', object: id });
    return { id };
  },
});

const changeProduct = defineRoute({
  method: 'PUT',
  path: '/products/:product',
  summary: 'Renames a product made by hand; imported ones are read-only',
  permission: editCataloguePermission,
  params: Type.Object({ product: Id }),
  body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 300 }) }, { additionalProperties: false }),
  response: Nothing,
  async handle(request, services) {
    const { product } = request.params;
    await requireFor(request, services, editCataloguePermission, [product]);
    await services.db.write((trx) => renameProduct(trx, product, request.body.name, services.clock.now()));
    await request.audit({ action: 'product.rename', object: product });
    return {};
  },
});

const moveToFolder = defineRoute({
  method: 'PUT',
  path: '/products/:product/folder',
  summary: 'Moves a product to another folder',
  permission: editCataloguePermission,
  params: Type.Object({ product: Id }),
  body: Type.Object({ folder: Type.String({ maxLength: 36 }) }, { additionalProperties: false }),
  response: Nothing,
  async handle(request, services) {
    const { product } = request.params;
    const { folder } = request.body;
    await requireFor(request, services, editCataloguePermission, [product]);
    await services.db.write((trx) => moveProduct(trx, product, folder, services.clock.now()));
    await request.audit({ action: 'product.move', object: product, details: { folder } });
    return {};
  },
});

const Chosen = Type.Object(
  { products: Type.Array(Id, { minItems: 1, maxItems: 500 }) },
  { additionalProperties: false },
);

const previewOfDeletion = defineRoute({
  method: 'POST',
  path: '/products/deletion-preview',
  summary: 'Shows what deleting products would take away',
  permission: deleteProductsPermission,
  body: Chosen,
  response: Type.Object({
    items: Type.Array(
      Type.Object({
        product: Id,
        name: Type.String(),
        deletable: Type.Boolean(),
        licences: Type.Array(Type.Object({ number: Type.Integer(), name: Type.String(), consumers: Type.Integer() })),
      }),
    ),
  }),
  async handle(request, services) {
    await requireFor(request, services, deleteProductsPermission, request.body.products);
    const items = await services.db.read((trx) => previewDeletion(trx, request.body.products));
    return { items: items.map((item) => ({ ...item, licences: [...item.licences] })) };
  },
});

const deletion = defineRoute({
  method: 'POST',
  path: '/products/deletion',
  summary: 'Deletes products that are not synchronised, with their licences; all or none',
  permission: deleteProductsPermission,
  body: Chosen,
  response: Type.Object({ products: Type.Integer(), licences: Type.Integer() }),
  async handle(request, services) {
    const ids = request.body.products;
    await requireFor(request, services, deleteProductsPermission, ids);
    const { db, clock } = services;
    const gone = await db.write((trx) => deleteUnsynced(trx, ids, clock.now(), request.actor.id));
    for (const id of ids) await request.audit({ action: 'product.delete', object: id });
    return gone;
  },
});

const consumerTypesRoute = defineRoute({
  method: 'GET',
  path: '/consumer-types',
  summary: 'Consumer types offered for products made by hand',
  permission: readCataloguePermission,
  response: Type.Object({ offered: Type.Array(Type.String()) }),
  async handle() {
    return { offered: [...offeredConsumerTypes] };
  },
});

export const productRoutes = [
  listProducts,
  readProduct,
  addProduct,
  changeProduct,
  moveToFolder,
  previewOfDeletion,
  deletion,
  consumerTypesRoute,
];
