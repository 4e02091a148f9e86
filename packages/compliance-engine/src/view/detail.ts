import { licences } from '@itsm-m365/licence-catalog';
import { openEnd, type Text, type Transaction } from '@itsm-m365/plugin-api';
import { type Explanation, explanationText } from '../engine/explain.ts';
import { isExplanationId } from '../engine/explanation-texts.ts';
import type { SubjectKind } from '../engine/plan.ts';
import { complianceErrors } from '../errors.ts';
import { statusIntervals } from '../tables.ts';
import { type ComplianceItem, currentItems, itemOf } from './item.ts';

/** One product or licence with its explanation in words, and what it is linked to. */
export interface ComplianceDetail extends ComplianceItem {
  readonly explanation: readonly { readonly id: string; readonly text: Text }[];
  /** Licences of a product, products of a licence (M365-38). */
  readonly linked: readonly ComplianceItem[];
}

/** A sentence that a newer version stored stays out, rather than to show its id. */
export const inWords = (explanation: readonly Explanation[]) =>
  explanation.filter(({ id }) => isExplanationId(id)).map((one) => ({ id: one.id, text: explanationText(one) }));

const kindOf = async (trx: Transaction, id: string) => {
  const [row] = await trx.rows(statusIntervals, (query) =>
    query.where({ subject: id, valid_to: trx.encode('time', openEnd) }),
  );
  if (row === undefined) throw complianceErrors.COMPLIANCE_SUBJECT_UNKNOWN({ id });
  return { kind: (row.kind === 'licence' ? 'licence' : 'product') satisfies SubjectKind as SubjectKind, row };
};

const linkedOf = async (trx: Transaction, { id, kind }: ComplianceItem): Promise<ComplianceItem[]> => {
  const links = await trx.rows(licences, (query) => query.where(kind === 'product' ? 'product' : 'id', id));
  const other: SubjectKind = kind === 'product' ? 'licence' : 'product';
  const ids = links.map((link) => (kind === 'product' ? link.id : link.product));
  if (ids.length === 0) return [];
  const rows: Readonly<Record<string, unknown>>[] = await currentItems(trx, other)
    .whereIn('s.subject', ids)
    .orderBy('s.subject');
  return rows.map((raw) => itemOf(trx, other, raw));
};

/** @throws COMPLIANCE_SUBJECT_UNKNOWN */
export const complianceDetail = async (trx: Transaction, id: string): Promise<ComplianceDetail> => {
  const { kind, row } = await kindOf(trx, id);
  const [raw]: Readonly<Record<string, unknown>>[] = await currentItems(trx, kind).where('s.subject', id);
  if (raw === undefined) throw complianceErrors.COMPLIANCE_SUBJECT_UNKNOWN({ id });
  const item = itemOf(trx, kind, raw);
  return { ...item, explanation: inWords(row.explanation), linked: await linkedOf(trx, item) };
};
