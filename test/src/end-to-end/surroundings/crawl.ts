import type { Client } from './client.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export const describedBy = (client: Client): Promise<OpenApi> => client.get<OpenApi>('/openapi.json');

export interface Described {
  readonly method: string;
  /** `/runs/{run}`. */
  readonly path: string;
  readonly operation: Operation;
}

export const operationsOf = ({ paths }: OpenApi): readonly Described[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

/** Fills `{name}` by the values known for it; a path with a name that nobody knows has no filling. */
export const fillPath = (path: string, known: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].reduce<string[]>(
    (paths, [hole, name = '']) =>
      paths.flatMap((one) => (known[name] ?? []).map((value) => one.replace(hole, encodeURIComponent(value)))),
    [path],
  );

/** Values for the holes of paths, found by looking at the lists. */
export const knownIds = async (client: Client): Promise<Readonly<Record<string, readonly string[]>>> => {
  const ids = async (path: string, name: string): Promise<string[]> => {
    const { items } = await client.get<{ items: readonly Readonly<Record<string, unknown>>[] }>(path);
    return items.map((item) => String(item[name]));
  };
  const portal = await ids('/m365-import/portals', 'id');
  return {
    portal,
    account: (await ids('/mail-oauth/accounts', 'id')).slice(0, 2),
    run: await ids('/runs?limit=200', 'id'),
    task: await ids('/tasks', 'id'),
    section: await ids('/settings', 'id'),
    kind: ['skus', 'subscriptions'],
    number: (await ids('/licence-catalog/licences', 'number')).slice(0, 2),
    product: (await ids('/licence-catalog/products', 'id')).slice(0, 2),
    person: (await ids('/licence-catalog/contacts', 'person')).slice(0, 2),
    sku: (await ids('/licence-catalog/licences', 'sku')).slice(0, 2),
    folder: await ids('/licence-catalog/folders', 'id').catch(() => []),
    id: [...portal, ...(await ids('/compliance-engine/compliance', 'id')).slice(0, 2)],
  };
};
