import type { Transaction } from '@itsm-m365/plugin-api';
import type { Node } from '../core.ts';
import { nodeTable } from './tables.ts';

/** Shows that a node lives. One that stood still for so long that the others forgot it is among them again. */
export const showNode = async (trx: Transaction, { id, name }: Node, now: number): Promise<void> => {
  const seen = await trx.execute('UPDATE ?? SET counter = counter + 1 WHERE id = ?', [trx.name(nodeTable), id]);
  if (seen === 0) await trx.insert(nodeTable, [{ id, name, started_at: now, counter: 0 }]);
};
