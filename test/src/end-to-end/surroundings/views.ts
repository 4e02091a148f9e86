import { type Client, everyItem } from './client.ts';
import { bySku } from './truth.ts';

// What the lists show, as far as the suite looks at it.

export interface Licence {
  readonly number: number;
  readonly id: string;
  readonly product: string;
  readonly portal: string;
  readonly sku: string;
  readonly name: string;
  readonly partNumber: string;
  readonly sync: { readonly state: string; readonly reason?: string };
  readonly units?: Readonly<Record<'enabled' | 'warning' | 'suspended' | 'lockedOut' | 'consumed', number>>;
}

export interface Product {
  readonly id: string;
  readonly portal: string;
  readonly sku: string;
  readonly name: string;
  readonly folder: string;
  readonly consumerType: string;
  readonly readOnly: boolean;
  readonly sync: { readonly state: string; readonly reason?: string };
  readonly licences: readonly Licence[];
}

export interface Contact {
  readonly person: number;
  readonly objectId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

export interface ComplianceRow {
  readonly id: string;
  readonly kind: string;
  readonly portal: string;
  readonly sku: string;
  readonly status: string;
  readonly statusTitle: { readonly en: string; readonly de: string };
  readonly reason: string;
  readonly consumers: number | null;
  readonly required: number | null;
  readonly available: number | null;
  readonly balance: number | null;
  readonly restsOn: readonly string[];
}

export interface Consumers {
  readonly personsHidden: boolean;
  readonly licences: readonly { readonly number: number; readonly holders: number; readonly waiting: number }[];
  readonly persons: readonly { readonly person: number; readonly userPrincipalName: string }[];
  readonly next?: { readonly licence: number; readonly after: number };
}

export const products = (client: Client): Promise<Product[]> =>
  everyItem<Product>(client, '/licence-catalog/products?limit=500', 'after');

export const licences = async (client: Client): Promise<Licence[]> =>
  (await client.get<{ items: Licence[] }>('/licence-catalog/licences')).items;

export const contacts = (client: Client): Promise<Contact[]> =>
  everyItem<Contact>(client, '/licence-catalog/contacts?limit=500', 'after');

export const compliance = (client: Client, kind: 'product' | 'licence' = 'product'): Promise<ComplianceRow[]> =>
  everyItem<ComplianceRow>(client, `/compliance-engine/compliance?kind=${kind}&limit=500`, 'cursor');

/** The figures of each row, by SKU, as `expectedFigures` says them. */
export const figuresOf = (rows: readonly ComplianceRow[]) =>
  bySku(
    rows.map(({ sku, status, consumers, required, available, balance }) => ({
      sku,
      status,
      consumers,
      required,
      available,
      balance,
    })),
  );

/** The user principal names behind a figure of the compliance view, page by page. */
export const consumersOf = async (client: Client, id: string, limit = 500): Promise<string[]> => {
  const names: string[] = [];
  let next: Consumers['next'];
  do {
    const mark = next === undefined ? '' : `&licence=${next.licence}&after=${next.after}`;
    const page = await client.get<Consumers>(`/compliance-engine/compliance/${id}/consumers?limit=${limit}${mark}`);
    names.push(...page.persons.map(({ userPrincipalName }) => userPrincipalName));
    next = page.next;
  } while (next !== undefined);
  return names.sort();
};

/** The one row of a SKU; a test that names a SKU expects it to be there. */
export const ofSku = <T extends { readonly sku: string }>(rows: readonly T[], sku: string): T => {
  const found = rows.filter((row) => row.sku === sku);
  const [row] = found;
  if (row === undefined || found.length > 1) throw new Error(`${found.length} rows of ${sku}`);
  return row;
};
