import { assignments } from '@itsm-m365/licence-catalog';
import { openEnd, type Transaction } from '@itsm-m365/plugin-api';

/**
 * Distinct persons who hold each licence now, by whatever path. One walk over each licence's part of the key: the
 * catalogue's `countConsumers` answers two more questions and takes three.
 */
export const countHolders = async (
  trx: Transaction,
  licences: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  const counts = new Map<number, number>();
  for (const licence of licences) {
    const open = { licence, valid_to: trx.encode('time', openEnd), holds: trx.encode('flag', true) };
    const rows: { answer: unknown }[] = await trx.from(assignments).where(open).countDistinct({ answer: 'person' });
    counts.set(licence, Number(rows[0]?.answer ?? 0));
    await trx.breathe();
  }
  return counts;
};
