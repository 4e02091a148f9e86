import type { Services } from '@itsm-m365/plugin-api';
import { grants } from '../tables.ts';
import { readGrant, refreshTokenOf } from './grant-rows.ts';

/**
 * Forgets an account's sign-in with its refresh token, for an account that is gone. Entra is not told: a refresh token is
 * revoked there, by the person or an administrator. Does nothing without one; a renewal under way stores nothing any more.
 */
export const forgetSignIn = async (
  { db, secrets }: Pick<Services, 'db' | 'secrets'>,
  account: string,
): Promise<void> => {
  const row = await readGrant(db, account);
  if (row === undefined) return;
  // The secret goes last: a row that names none would fail in other words than "nobody has signed in".
  const { version } = row;
  const gone = await db.write((trx) => trx.remove(grants, (query) => query.where({ account, version })));
  if (gone === 0) return forgetSignIn({ db, secrets }, account);
  if (row.refresh_token !== '') await secrets.remove(refreshTokenOf(row));
};
