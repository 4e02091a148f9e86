import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { catalogueErrors } from '../errors.ts';

export interface ListedSku {
  readonly sku: string;
  readonly partNumber: string;
  readonly title: string;
}

export interface ParseLimits {
  readonly bytes: number;
  readonly rows: number;
}

/** Microsoft's list has 1.1 MB and 6,000 rows (2025-10). */
export const parseLimits: ParseLimits = { bytes: 20_000_000, rows: 200_000 };

const columns = { title: 'Product_Display_Name', partNumber: 'String_Id', sku: 'GUID' } as const;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The list has NBSP, stray and doubled white space in names and even in an id. */
const tidy = (value: unknown): string => (typeof value === 'string' ? value.replace(/\s+/gu, ' ').trim() : '');

const invalid = (reason: string, cause?: unknown) =>
  catalogueErrors.SKU_LIST_INVALID({ reason }, cause === undefined ? undefined : { cause });

async function* bounded(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limit) throw invalid(`larger than ${limit} bytes`);
    yield chunk;
  }
}

interface Names {
  readonly partNumber: string;
  readonly titles: Map<string, number>;
}

/** Three ids have two names in the list: the one written more often, then the first. */
const mostFrequent = (titles: ReadonlyMap<string, number>): string =>
  [...titles].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0] as [string, number])[0];

const collect = (known: Map<string, Names>, record: Readonly<Record<string, unknown>>): void => {
  const sku = tidy(record[columns.sku]).toLowerCase();
  const title = tidy(record[columns.title]);
  if (!guid.test(sku) || title === '') return;
  const names = known.get(sku) ?? { partNumber: tidy(record[columns.partNumber]), titles: new Map<string, number>() };
  names.titles.set(title, (names.titles.get(title) ?? 0) + 1);
  known.set(sku, names);
};

const checkHeader = (header: readonly unknown[]): string[] => {
  const names = header.map(tidy);
  const missing = Object.values(columns).filter((name) => !names.includes(name));
  if (missing.length > 0) throw invalid(`the column ${missing.join(', ')} is missing`);
  return names;
};

/**
 * Reads Microsoft's list as a stream, in bounded memory: one title per SKU id, whatever the number of rows, names that
 * stand for two ids, ids with two names. Rows without a proper id are left out.
 *
 * @throws SKU_LIST_INVALID where it is no such list, is cut off, or is larger than the limits.
 */
export const parseSkuTitles = async (
  source: AsyncIterable<Uint8Array>,
  limits: ParseLimits = parseLimits,
): Promise<readonly ListedSku[]> => {
  const parser = parse({ bom: true, columns: checkHeader, max_record_size: 100_000, relax_column_count: false });
  const known = new Map<string, Names>();
  const input = Readable.from(bounded(source, limits.bytes));
  input.on('error', (error) => parser.destroy(error));
  let rows = 0;
  try {
    for await (const record of input.pipe(parser)) {
      rows += 1;
      if (rows > limits.rows) throw invalid(`more than ${limits.rows} rows`);
      collect(known, record as Readonly<Record<string, unknown>>);
    }
  } catch (error) {
    input.destroy();
    // The parser's own messages quote the content.
    throw error instanceof Error && 'kind' in error
      ? error
      : invalid(error instanceof Error && 'code' in error ? String(error.code) : 'not a CSV', error);
  }
  if (known.size === 0) throw invalid('no row with an id and a name');
  return [...known].map(([sku, { partNumber, titles }]) => ({
    sku,
    partNumber: partNumber.slice(0, 120),
    title: mostFrequent(titles).slice(0, 300),
  }));
};
