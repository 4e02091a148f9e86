import { catalogueTables } from '@itsm-m365/licence-catalog';
import { portalSkus, portalStates } from '@itsm-m365/m365-import';
import type { Database } from '@itsm-m365/plugin-api';

const imported: readonly { readonly name: string }[] = [
  ...catalogueTables.filter(({ name }) => !/stage|counter|publication|evidence/.test(name)),
  portalSkus,
];

const restOfPublished: readonly { readonly name: string }[] = [
  ...catalogueTables.filter(({ name }) => /evidence/.test(name)),
  { name: 'lic_status' },
  { name: 'lic_recalculation' },
];

/** Every row of some tables as a line of text, to compare before and after. */
export const linesOf = (db: Database, wanted: readonly { readonly name: string }[]): Promise<readonly string[]> =>
  db.read(async (trx) => {
    const lines: string[] = [];
    for (const table of wanted) {
      const rows: unknown[] = await trx.from(table).select('*');
      lines.push(...rows.map((row) => `${table.name} ${JSON.stringify(row)}`).sort());
    }
    return lines;
  });

/** Everything of the catalogue that only an import may change; the place that changes are read from is part of it. */
export const importedRows = async (db: Database): Promise<readonly string[]> => {
  const states = await db.read((trx) => trx.rows(portalStates));
  const places = states.flatMap(({ portal, delta_link, fingerprint, last_complete_at, last_full_at, users }) =>
    last_complete_at === null
      ? []
      : [JSON.stringify({ portal, delta_link, fingerprint, last_complete_at, last_full_at, users })],
  );
  return [...(await linesOf(db, imported)), ...places.sort()];
};

/** Everything that only a publication may change: of an import, its raw answers included, and of a recalculation. */
export const publishedRows = async (db: Database): Promise<readonly string[]> => [
  ...(await importedRows(db)),
  ...(await linesOf(db, restOfPublished)),
];

/** Rows that no run may leave behind once the next one of its portal has ended. */
export const stagedRows = (db: Database): Promise<number> =>
  db.read(async (trx) => {
    let count = 0;
    for (const table of catalogueTables.filter(({ name }) => /_stage_/.test(name))) {
      const rows: { readonly found: unknown }[] = await trx.from(table).count({ found: '*' });
      count += Number(rows[0]?.found ?? 0);
    }
    return count;
  });
