import type { Text } from '@itsm-m365/plugin-api';
import { replyFacts } from '../channels/smtp/reply.ts';
import { adviceOf } from '../diagnosis/fault-error.ts';
import { fits } from '../diagnosis/match.ts';
import type { FaultRow } from '../diagnosis/row.ts';
import { faultRows } from '../diagnosis/rows.ts';
import type { OutboxRow } from '../tables.ts';
import { outboxErrors } from './errors.ts';

/** Whether the server's words are those of the row, wherever it was that they were said. */
const speaksOf = (row: FaultRow, reply: string): boolean =>
  fits(row, {
    ...replyFacts(reply),
    stage: row.stages?.[0] ?? 'data',
    protocol: row.protocols?.[0] ?? 'smtp',
    server: '',
    code: '',
    outcomeUnknown: false,
  });

const ownRemedies: ReadonlyMap<string, Text> = new Map(
  Object.entries(outboxErrors.definitions).map(([code, { remedy }]) => [code, remedy]),
);

/**
 * What to do about a mail that failed, told from what its row keeps: of our own codes by their catalogue, of a server's
 * refusals by the tables of the diagnosis, with the causes in the order to check. Undefined where nothing failed, or where
 * the account is to blame and the run has told so. Pure.
 */
export const remedyOf = ({ failed_code, reply }: Pick<OutboxRow, 'failed_code' | 'reply'>): Text | undefined => {
  const rows = faultRows.filter(({ code }) => code === failed_code);
  const row = rows.find((one) => speaksOf(one, reply)) ?? rows[0];
  if (row === undefined) return ownRemedies.get(failed_code);
  return { en: adviceOf(row.causes, 'en'), de: adviceOf(row.causes, 'de') };
};
