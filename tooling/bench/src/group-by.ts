import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { openBare } from './bare.ts';
import type { Prepared } from './roles.ts';

/** The bare query that a recalculation rests on: rows per licence, over the same table, on a fresh connection. */
export const prepareGroupBy = async (store: DatabaseConnection): Promise<Prepared> => {
  const bare = await openBare(store);
  return {
    work: async () => ({ licences: await bare.holdersByLicence() }),
    close: () => bare.close(),
  };
};
