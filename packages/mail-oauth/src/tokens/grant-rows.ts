import type { Database, Instant, SecretBinding, SecretRef, Where } from '@itsm-m365/plugin-api';
import { accountsSection } from '../account.ts';
import { type GrantRow, grants } from '../tables.ts';
import type { Ending } from './ended.ts';
import type { Registration } from './registration.ts';

/** What an account's refresh token is stored for: moved to another account, application, directory or cloud it is worthless. */
export const refreshTokenBinding = (
  account: string,
  { authority, clientId, cloud }: Pick<Registration, 'authority' | 'clientId' | 'cloud'>,
): SecretBinding => ({
  owner: `${accountsSection}/${account}`,
  field: 'refreshToken',
  boundTo: { tenant: authority, client: clientId, cloud },
});

/** The reference that a row holds; rows are written by {@link saveSignIn} and {@link saveRenewed} only. */
export const refreshTokenOf = (row: Pick<GrantRow, 'refresh_token'>): SecretRef => row.refresh_token as SecretRef;

export const readGrant = async (db: Database, account: string): Promise<GrantRow | undefined> =>
  (await db.read((trx) => trx.rows(grants, (query) => query.where({ account }))))[0];

/** Sign-ins that live and were last renewed at or before an instant. */
export const grantsRenewedBefore = (db: Database, instant: Instant): Promise<readonly GrantRow[]> =>
  db.read((trx) =>
    trx.rows(grants, (query) =>
      query.where({ state: 'ok' }).where('renewed_at', '<=', trx.encode('time', instant)).orderBy('renewed_at'),
    ),
  );

/** Holds only while nobody has changed token or claim since the row was read. */
const unchanged =
  ({ account, claim, version }: Pick<GrantRow, 'account' | 'claim' | 'version'>): Where =>
  (query) =>
    query.where({ account, claim, version });

const guarded = async (db: Database, row: GrantRow, patch: Partial<GrantRow>): Promise<boolean> =>
  (await db.write((trx) => trx.update(grants, patch, unchanged(row)))) === 1;

/** Takes the claim of a free row, or takes over the one that was read; false where another node was faster. */
export const claimGrant = (db: Database, row: GrantRow, ticket: string): Promise<boolean> =>
  guarded(db, row, { claim: ticket });

/** Gives a claim back; does nothing where it is lost, or was given back with a saved token. */
export const releaseGrant = (db: Database, row: GrantRow): Promise<boolean> => guarded(db, row, { claim: '' });

/** Notes the rotated token and gives the claim back; false where the claim was lost: the token then belongs nowhere. */
export const saveRenewed = (db: Database, row: GrantRow, ref: SecretRef, now: Instant): Promise<boolean> =>
  guarded(db, row, { refresh_token: ref, renewed_at: now, version: row.version + 1, claim: '' });

/** Notes that only a new sign-in helps, and gives the claim back. Touches nothing else. */
export const saveEnding = (db: Database, row: GrantRow, { code, number }: Ending, now: Instant): Promise<boolean> =>
  guarded(db, row, { state: 'dead', failed_code: code, failed_number: number, failed_at: now, claim: '' });

/**
 * Puts a sign-in in the place of the former one, whoever is renewing that: a renewal under way loses its claim and drops
 * what it got. Gives the former row. The version goes on growing, so that no node takes the new token for the old one.
 */
export const saveSignIn = (
  db: Database,
  signIn: Omit<GrantRow, 'state' | 'failed_code' | 'failed_number' | 'failed_at' | 'claim' | 'version'>,
): Promise<GrantRow | undefined> =>
  db.write(async (trx) => {
    const { account } = signIn;
    const [former] = await trx.rows(grants, (query) => query.where({ account }));
    const fresh = { ...signIn, state: 'ok', failed_code: '', failed_number: 0, failed_at: null, claim: '' };
    await trx.remove(grants, (query) => query.where({ account }));
    await trx.insert(grants, [{ ...fresh, version: (former?.version ?? 0) + 1 }]);
    return former;
  });
