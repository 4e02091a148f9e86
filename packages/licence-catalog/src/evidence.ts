import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { catalogueErrors } from './errors.ts';
import { evidence, evidenceContents } from './tables.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A damaged row must not unpack into all the memory. */
const largest = 200_000_000;

export interface EvidenceKey {
  readonly run: string;
  readonly portal: string;
  /** `subscribedSkus`, `subscriptions`. */
  readonly kind: string;
}

const keyOf = ({ run, portal, kind }: EvidenceKey) => ({ run, portal: portal.toLowerCase(), kind });

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Keeps a raw answer. Equal answers of many runs are kept once. Keeping the same answer of a run twice changes nothing;
 * another one of the same key replaces it.
 */
export const keepEvidence = async (
  trx: Transaction,
  item: EvidenceKey & { readonly bytes: Uint8Array; readonly observedAt: Instant },
): Promise<{ readonly sha256: string }> => {
  const sha256 = hashOf(item.bytes);
  const known: unknown[] = await trx.from(evidenceContents).select('sha256').where({ sha256 });
  if (known.length === 0) await trx.insert(evidenceContents, [{ sha256, gzip: await compress(item.bytes) }]);
  await trx.remove(evidence, (query) => query.where(keyOf(item)));
  await trx.insert(evidence, [{ ...keyOf(item), sha256, observed_at: item.observedAt }]);
  return { sha256 };
};

/** Reads a raw answer and checks it. @throws EVIDENCE_NOT_FOUND, EVIDENCE_DAMAGED */
export const readEvidence = async (
  trx: Transaction,
  key: EvidenceKey,
): Promise<{ readonly bytes: Buffer; readonly sha256: string; readonly observedAt: Instant }> => {
  const [row] = await trx.rows(evidence, (query) => query.where(keyOf(key)));
  if (row === undefined) throw catalogueErrors.EVIDENCE_NOT_FOUND({ run: key.run, kind: key.kind });
  const [content] = await trx.rows(evidenceContents, (query) => query.where({ sha256: row.sha256 }));
  const damaged = (cause?: unknown) => catalogueErrors.EVIDENCE_DAMAGED({ run: key.run, kind: key.kind }, { cause });
  if (content === undefined) throw damaged();
  const bytes = await decompress(content.gzip, { maxOutputLength: largest }).catch((error: unknown) => {
    throw damaged(error);
  });
  if (hashOf(bytes) !== row.sha256) throw damaged();
  return { bytes, sha256: row.sha256, observedAt: row.observed_at };
};

/** Removes evidence observed before an instant, and the contents that nothing names any more. Answers its number. */
export const removeEvidence = async (trx: Transaction, before: Instant): Promise<number> => {
  const instant = trx.encode('time', before);
  const named = trx.from(evidence, 'e').select(trx.sql.raw('1')).whereRaw('e.sha256 = lic_evidence_content.sha256');
  const going = trx.from(evidence).select('sha256').whereRaw('observed_at < ?', [instant]);
  // Contents first, while the rows that go still say which ones to look at.
  await trx.remove(evidenceContents, (query) =>
    query.whereIn('sha256', going).whereNotExists(named.whereRaw('e.observed_at >= ?', [instant])),
  );
  return trx.remove(evidence, (query) => query.whereRaw('observed_at < ?', [instant]));
};
