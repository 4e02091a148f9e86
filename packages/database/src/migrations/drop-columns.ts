import type { MigrationContext } from '@itsm-m365/plugin-api';
import { databaseErrors } from '../errors.ts';
import { runStatement } from '../statement.ts';
import { dropColumn } from './ddl.ts';

/**
 * Takes back what `addColumns` added, for the `down` of a migration; drop indexes on the columns first. The contract's
 * `MigrationContext` has no method for it.
 *
 * @throws MIGRATION_LOSES_DATA where the table has rows and the loss is not allowed
 */
export const dropColumns = async (
  { trx, allowDataLoss }: MigrationContext,
  table: string,
  columns: readonly string[],
): Promise<void> => {
  const full = trx.name({ name: table });
  if (!allowDataLoss && (await trx.from({ name: table }).first(trx.sql.raw('1 as found'))) !== undefined)
    throw databaseErrors.MIGRATION_LOSES_DATA({ place: `${table} (${columns.join(', ')})` });
  for (const column of columns) await runStatement(trx, dropColumn(trx.dialect, { name: table, full }, column));
};
