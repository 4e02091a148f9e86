import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skus } from '../tables.ts';
import { openCatalogue } from '../testing/catalogue.ts';
import { e3, e5, unknownSku } from '../testing/readings.ts';
import { applySkuTitles, planTitles } from './apply-titles.ts';
import { type ListedSku, parseSkuTitles } from './parse-titles.ts';
import { builtInSkus, shippedClass } from './sku-titles.ts';
import { allSkus, editSku, skuTitles } from './titles.ts';

const header =
  'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names';
const parse = (text: string, limits?: Parameters<typeof parseSkuTitles>[1]) =>
  parseSkuTitles(Readable.from([Buffer.from(text)]), limits);
const row = (title: string, part: string, guid: string): string => `${title},${part},${guid},PLAN,x,Plan`;

describe("reading Microsoft's list", () => {
  it('keys on the id, whatever BOM, NBSP, white space, case, repeats and names of two ids there are', async () => {
    const text = `\uFEFF${[
      header,
      row('"Microsoft 365  E3 "', ' SPE_E3', `${e3.toUpperCase()}\u00A0`),
      row('Microsoft 365 E3', 'SPE_E3', e3),
      row('Twice', 'TWICE_1', e5),
      row('Twice', 'TWICE_2', unknownSku),
      row('Other', 'TWICE_2', unknownSku),
      row('Other', 'TWICE_2', unknownSku),
      row('No id', 'X', 'not-a-guid'),
      row('', 'X', 'aaaaaaaa-0000-4000-8000-000000000001'),
    ].join('\r\n')}\r\n`;
    expect(await parse(text)).toEqual([
      { sku: e3, partNumber: 'SPE_E3', title: 'Microsoft 365 E3' },
      { sku: e5, partNumber: 'TWICE_1', title: 'Twice' },
      { sku: unknownSku, partNumber: 'TWICE_2', title: 'Other' },
    ]);
  });

  it.each([
    ['an empty file', ''],
    ['a web page', '<!doctype html>\n<html><body>Sorry</body></html>'],
    ['a list without ids', `Product_Display_Name,String_Id\nA,B`],
    ['a header alone', header],
    ['a row cut off within quotes', `${header}\n"Microsoft 365 E3,SPE_E3`],
    ['a row with too few cells', `${header}\n${row('A', 'B', e3)}\nA,B`],
  ])('refuses %s', async (_title, text) => {
    await expect(parse(text)).rejects.toMatchObject({ code: 'SKU_LIST_INVALID' });
  });

  it('refuses a file that is larger than its bounds', async () => {
    const many = [header, ...Array.from({ length: 50 }, () => row('A', 'B', e3))].join('\n');
    await expect(parse(many, { bytes: 1_000, rows: 1_000 })).rejects.toMatchObject({ code: 'SKU_LIST_INVALID' });
    await expect(parse(many, { bytes: 100_000, rows: 10 })).rejects.toMatchObject({ code: 'SKU_LIST_INVALID' });
  });

  it('never quotes the content of a wrong file', async () => {
    const error = await parse(`${header}\n"secret-canary"x,y`).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain('canary');
  });
});

describe('the shipped classes', () => {
  it.each([
    ['POWERAPPS_VIRAL', 'viral'],
    ['Dynamics_365_Guides_vTrial', 'viral'],
    ['AX7_USER_TRIAL', 'trial'],
    ['TEAMS_FREE', 'free'],
    ['FREEDOM_PLAN', 'paid'],
    ['INDUSTRIAL', 'paid'],
    ['SPE_E3', 'paid'],
  ])('%s is %s', (partNumber, expected) => {
    expect(shippedClass(unknownSku, partNumber)).toBe(expected);
  });
});

const folder = process.env.GRAPH_REFERENCE_DIR;
const file = folder === undefined ? undefined : join(folder, 'sku-catalog.csv');

describe.skipIf(file === undefined || !existsSync(file))("Microsoft's list as it was in 2025", () => {
  it('has 619 SKUs, and the built-in titles are its titles', async () => {
    const listed = new Map((await parseSkuTitles(createReadStream(file ?? ''))).map((sku) => [sku.sku, sku]));
    expect(listed.size).toBe(619);
    for (const { sku, partNumber, title } of builtInSkus.values()) {
      expect(listed.get(sku)?.partNumber).toBe(partNumber);
      expect(readFileSync(file ?? '', 'utf8').replaceAll('\u00A0', ' ')).toContain(title);
    }
  });
});

describe.each(eachDatabase())('SKU titles on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  const list = (title: string): readonly ListedSku[] => [
    { sku: e3, partNumber: 'SPE_E3', title },
    { sku: unknownSku, partNumber: 'NEW', title: 'New' },
  ];
  const apply = (listed: readonly ListedSku[], at: number) => test.db.write((trx) => applySkuTitles(trx, listed, at));

  it.skipIf(engine.skipped)('come from Microsoft over what is built in, and by hand over Microsoft', async () => {
    const titles = () => test.db.read(skuTitles);
    expect((await titles()).get(e3)).toBe('Microsoft 365 E3');
    expect(await apply(list('Renamed E3'), 1_000)).toEqual({ created: 2, changed: 0 });
    expect(await apply(list('Renamed E3'), 2_000)).toEqual({ created: 0, changed: 0 });
    expect((await titles()).get(e3)).toBe('Renamed E3');
    await test.db.write((trx) => editSku(trx, { sku: e3.toUpperCase(), title: ' Ours ' }, 3_000));
    expect(await apply(list('Again'), 4_000)).toEqual({ created: 0, changed: 0 });
    expect((await titles()).get(e3)).toBe('Ours');
    const back = await test.db.write((trx) => editSku(trx, { sku: e3, title: null, class: 'free' }, 5_000));
    expect(back).toMatchObject({
      title: 'Microsoft 365 E3',
      titleSource: 'built-in',
      class: 'free',
      classSource: 'edited',
    });
    expect(await apply(list('Again'), 6_000)).toEqual({ created: 0, changed: 1 });
    expect((await test.db.read(allSkus)).get(e3)).toMatchObject({ title: 'Again', class: 'free' });
    await expect(
      test.db.write((trx) => editSku(trx, { sku: 'aaaaaaaa-0000-4000-8000-00000000dead', title: 'x' }, 1)),
    ).rejects.toMatchObject({ code: 'SKU_NOT_FOUND' });
  });

  it.skipIf(engine.skipped)('stay where a list is cut off', async () => {
    const stored = await test.db.read((trx) => trx.rows(skus));
    const known = Array.from({ length: 10 }, (_, index) => ({
      ...(stored[0] ?? { sku: '', part_number: '', title: '', class: '', class_source: '', changed_at: 0 }),
      sku: String(index),
      title_source: 'microsoft',
    }));
    expect(() => planTitles(known, list('Cut off'), 1)).toThrow('only 2 SKUs');
  });
});
