import { type Database, type Instant, isKnownError } from '@itsm-m365/plugin-api';
import { noticesSent } from './tables.ts';

/** True the first time a key is seen for a portal. Of two callers at once, on two nodes, one gets true. */
export const firstTime = async (db: Database, portal: string, key: string, now: Instant): Promise<boolean> => {
  const row = { portal, key_name: key.slice(0, 200), sent_at: now };
  const same = { portal, key_name: row.key_name };
  if ((await db.read((trx) => trx.rows(noticesSent, (query) => query.where(same)))).length > 0) return false;
  try {
    await db.write((trx) => trx.insert(noticesSent, [row]));
    return true;
  } catch (error) {
    // The other node was faster.
    if (isKnownError(error, 'DATABASE_CONSTRAINT')) return false;
    throw error;
  }
};
