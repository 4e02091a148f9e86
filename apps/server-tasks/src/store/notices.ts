import type { Notice, Transaction } from '@itsm-m365/plugin-api';
import { type NoticeRow, noticeTable } from './tables.ts';

export interface NoticePlace {
  readonly runId: string;
  readonly item: string | null;
  readonly at: number;
  /** Where the first of them stands among those of its item. */
  readonly position: number;
  readonly uuid: () => string;
}

/** Keeps notices of a run or of one of its items. */
export const insertNotices = (trx: Transaction, place: NoticePlace, notices: readonly Notice[]): Promise<void> =>
  trx.insert(
    noticeTable,
    notices.map(
      (notice, index): NoticeRow => ({
        id: place.uuid(),
        run_id: place.runId,
        item_key: place.item,
        at: place.at,
        position: place.position + index,
        code: notice.code.slice(0, 100),
        severity: notice.severity,
        notice,
      }),
    ),
  );

/** The notices of a run; those of one item stay together, in the order in which they were reported. */
export const noticesOf = (trx: Transaction, runId: string): Promise<NoticeRow[]> =>
  trx.rows(noticeTable, (query) =>
    query.where({ run_id: runId }).orderBy('item_key').orderBy('position').orderBy('id').limit(5000),
  );
