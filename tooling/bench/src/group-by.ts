import { openEnd } from '@itsm-m365/plugin-api';
import type { Prepared } from './roles.ts';
import { openRaw } from './store-file.ts';

/** The bare query that a recalculation rests on: rows per licence, over the same table, on a fresh connection. */
export const prepareGroupBy = async (file: string): Promise<Prepared> => {
  const db = openRaw(file);
  return {
    work: async () => {
      const rows = db
        .prepare(
          'select licence, count(*) as holders from lic_assignment where valid_to = ? and holds = 1 group by licence',
        )
        .all(openEnd);
      return { licences: rows.length };
    },
    close: async () => {
      db.close();
    },
  };
};
