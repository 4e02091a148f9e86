import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { products, type SkuRow, skus } from '../tables.ts';
import { builtInSkus, type SkuClass, shippedClass, skuClasses } from './sku-titles.ts';

/** A SKU as screens show it: what is stored over what is built in. */
export interface Sku {
  readonly sku: string;
  readonly partNumber: string;
  /** `''` where no title is known; the part number is shown then. */
  readonly title: string;
  readonly titleSource: 'built-in' | 'microsoft' | 'edited' | 'none';
  readonly class: SkuClass;
  readonly classSource: 'shipped' | 'edited';
  /** A product of a portal has it. */
  readonly used: boolean;
}

const classOf = (value: string): SkuClass => skuClasses.find((known) => known === value) ?? 'paid';

const stored = (row: SkuRow, used: boolean): Sku => ({
  sku: row.sku,
  partNumber: row.part_number,
  title: row.title,
  titleSource: row.title_source === 'edited' ? 'edited' : row.title_source === 'microsoft' ? 'microsoft' : 'none',
  class: row.class_source === 'edited' ? classOf(row.class) : shippedClass(row.sku, row.part_number),
  classSource: row.class_source === 'edited' ? 'edited' : 'shipped',
  used,
});

/** All known SKUs, about 700: stored, built in, and those of products. */
export const allSkus = async (trx: Transaction): Promise<ReadonlyMap<string, Sku>> => {
  const used: { sku: string; part_number: string }[] = await trx
    .from(products)
    .distinct('sku', 'part_number')
    .where({ source: 'm365', deleted_at: trx.encode('time', openEnd) });
  const usedSkus = new Set(used.map(({ sku }) => sku));
  const all = new Map<string, Sku>();
  for (const { sku, part_number } of used)
    all.set(sku, {
      sku,
      partNumber: part_number,
      title: '',
      titleSource: 'none',
      class: shippedClass(sku, part_number),
      classSource: 'shipped',
      used: true,
    });
  for (const entry of builtInSkus.values())
    all.set(entry.sku, { ...entry, titleSource: 'built-in', classSource: 'shipped', used: usedSkus.has(entry.sku) });
  for (const row of await trx.rows(skus)) {
    const sku = stored(row, usedSkus.has(row.sku));
    const builtIn = builtInSkus.get(row.sku);
    // A row may be there for an edited class only.
    if (sku.titleSource === 'none' && builtIn !== undefined)
      all.set(row.sku, { ...sku, title: builtIn.title, titleSource: 'built-in' });
    else all.set(row.sku, sku);
  }
  return all;
};

/** Titles by SKU id: edited over Microsoft's over built in. */
export const skuTitles = async (trx: Transaction): Promise<ReadonlyMap<string, string>> => {
  const titles = new Map([...builtInSkus.values()].map(({ sku, title }) => [sku, title]));
  for (const { sku, title } of await trx.rows(skus)) if (title !== '') titles.set(sku, title);
  return titles;
};

/** SKUs of products that have no title. */
export const unresolvedSkus = async (trx: Transaction): Promise<readonly Sku[]> =>
  [...(await allSkus(trx)).values()].filter(({ used, titleSource }) => used && titleSource === 'none');

export interface SkuEdit {
  readonly sku: string;
  /** `null` gives the title back to Microsoft's list. */
  readonly title?: string | null;
  /** `null` gives the class back to the shipped rule. */
  readonly class?: SkuClass | null;
}

/**
 * Sets title or class by hand. A refresh keeps them; product names follow with the next import.
 *
 * @throws SKU_NOT_FOUND
 */
export const editSku = async (trx: Transaction, edit: SkuEdit, at: Instant): Promise<Sku> => {
  const id = edit.sku.toLowerCase();
  const known = (await allSkus(trx)).get(id);
  if (known === undefined) throw catalogueErrors.SKU_NOT_FOUND({ sku: id });
  const [row] = await trx.rows(skus, (query) => query.where({ sku: id }));
  const title =
    edit.title === undefined
      ? {}
      : edit.title === null || edit.title.trim() === ''
        ? // Microsoft's title comes back with the next refresh.
          { title: '', title_source: 'none' }
        : { title: edit.title.trim().slice(0, 300), title_source: 'edited' };
  const chosen =
    edit.class === undefined
      ? {}
      : edit.class === null
        ? { class: shippedClass(id, known.partNumber), class_source: 'shipped' }
        : { class: edit.class, class_source: 'edited' };
  const base: SkuRow = row ?? {
    sku: id,
    part_number: known.partNumber,
    title: '',
    title_source: 'none',
    class: known.class,
    class_source: 'shipped',
    changed_at: at,
  };
  const next: SkuRow = { ...base, ...title, ...chosen, changed_at: at };
  if (row === undefined) await trx.insert(skus, [next]);
  else await trx.update(skus, next, (query) => query.where({ sku: id }));
  const after = (await allSkus(trx)).get(id);
  if (after === undefined) throw catalogueErrors.SKU_NOT_FOUND({ sku: id });
  return after;
};
