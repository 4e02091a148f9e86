import type { Transaction } from '@itsm-m365/plugin-api';
import { type ContactRow, contacts } from '../tables.ts';
import { likeText } from './page-products.ts';
import type { PageOf } from './scan-holders.ts';

/** Contacts by key, a page at a time; `search` is the beginning of mail, user name or display name. Erased ones are left out. */
export const pageContacts = async (
  trx: Transaction,
  question: { readonly search?: string; readonly after?: number; readonly limit: number },
): Promise<PageOf<ContactRow>> => {
  const items = await trx.rows(contacts, (query) => {
    query.where('person', '>', question.after ?? 0).whereNot({ source: 'erased' });
    const { search } = question;
    if (search !== undefined && search !== '')
      query.where((any) => {
        const start = `${likeText(search.trim().toLowerCase())}%`;
        any
          .whereRaw("upn_key like ? escape '!'", [start])
          .orWhereRaw("mail_key like ? escape '!'", [start])
          .orWhereRaw("lower(display_name) like lower(?) escape '!'", [`${likeText(search.trim())}%`]);
      });
    return query.orderBy('person').limit(question.limit);
  });
  return { items, next: items.length < question.limit ? undefined : items.at(-1)?.person };
};
