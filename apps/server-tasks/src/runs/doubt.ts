import type { Transaction } from '@itsm-m365/plugin-api';
import { escapedMessage, type LogLine } from '../store/log.ts';
import { logTable, noticeTable } from '../store/tables.ts';

/** The last of what was written in a transaction whose commit is not known to have taken effect. */
export interface Doubt {
  readonly run: string;
  readonly item: string;
  readonly notices: number;
  readonly lines: number;
  /** Where the last notice stands. */
  readonly position: number;
  readonly line: LogLine | undefined;
}

/** Whether it did take effect. Asked before the same is written again. */
export const wasWritten = async (trx: Transaction, doubt: Doubt): Promise<boolean> => {
  const key = { run_id: doubt.run, item_key: doubt.item };
  if (doubt.notices > 0)
    return (await trx.rows(noticeTable, (query) => query.where({ ...key, position: doubt.position }))).length > 0;
  const { line } = doubt;
  if (line === undefined) return false;
  const rows = await trx.rows(logTable, (query) => query.where({ ...key, at: trx.encode('time', line.at) }));
  return rows.some(({ message }) => message === escapedMessage(line));
};
