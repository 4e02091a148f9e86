import { openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { type ProductRow, products } from '../tables.ts';

export interface ProductQuestion {
  readonly portal?: string;
  readonly folder?: string;
  readonly state?: 'synced' | 'unsynced';
  /** Part of the name. */
  readonly search?: string;
  /** The last name and id of the page before. */
  readonly after?: { readonly name: string; readonly id: string };
  readonly limit: number;
}

/**
 * Text for `lower(…) like lower(?) escape '!'`; `[` opens a class on SQL Server. Both sides by the database: its collation
 * may be case-sensitive, and SQLite knows the letters a to z only, so that Ö would not be found as Ö if only one side were
 * lowered elsewhere.
 */
export const likeText = (text: string): string => text.replace(/[!%_[]/g, '!$&');

/** Alive products by name, a page at a time. */
export const pageProducts = (trx: Transaction, question: ProductQuestion): Promise<ProductRow[]> =>
  trx.rows(products, (query) => {
    query.where({ deleted_at: trx.encode('time', openEnd) });
    if (question.portal !== undefined) query.where({ portal: question.portal.toLowerCase() });
    if (question.folder !== undefined) query.where({ folder: question.folder.toLowerCase() });
    if (question.state !== undefined) query.where({ sync_state: question.state });
    if (question.search !== undefined)
      query.whereRaw("lower(name) like lower(?) escape '!'", [`%${likeText(question.search)}%`]);
    const { after } = question;
    if (after !== undefined)
      query.where((inner) =>
        inner
          .where('name', '>', after.name)
          .orWhere((same) => same.where({ name: after.name }).where('id', '>', after.id)),
      );
    return query.orderBy('name').orderBy('id').limit(question.limit);
  });
