import type { Database, Instant, SecretBinding, SecretRef, Services } from '@itsm-m365/plugin-api';
import { accountsSection } from '../account.ts';
import { type SignInRow, signIns } from '../tables.ts';
import type { Registration } from '../tokens/registration.ts';
import { signInErrors } from './errors.ts';
import { fingerprint, hasFingerprint } from './fingerprint.ts';

/** A sign-in that was begun ends after so long, finished or not. */
export const signInMs = 10 * 60_000;
/** How long it is told as expired, and not as unknown. */
const rememberedMs = 24 * 60 * 60_000;

/** What a sign-in's proof (PKCE verifier, device code) is stored for. */
export const proofBinding = (
  account: string,
  signIn: string,
  { authority, clientId, cloud }: Registration,
): SecretBinding => ({
  owner: `${accountsSection}/${account}`,
  field: 'signIn',
  boundTo: { tenant: authority, client: clientId, cloud, signIn },
});

export const proofOf = (row: Pick<SignInRow, 'proof'>): SecretRef => row.proof as SecretRef;

const find = async (db: Database, handle: string): Promise<SignInRow | undefined> =>
  (await db.read((trx) => trx.rows(signIns, (query) => query.where({ id: fingerprint(handle) }))))[0];

/** The account that a sign-in was begun for; undefined where it was not begun here. For a page that is told nothing else. */
export const accountOfSignIn = async (db: Database, handle: string): Promise<string | undefined> =>
  (await find(db, handle))?.account;

export interface Claimant {
  readonly kind: 'code' | 'device';
  /** `state`, or the handle of a device sign-in. */
  readonly handle: string;
  readonly account: string;
  readonly actor: string;
  /** What the browser that began it keeps for itself. */
  readonly binding: string;
}

/**
 * The sign-in of who began it. One that belongs to somebody else stays as it is: a stranger must not be able to end it.
 * Throws `SIGN_IN_UNKNOWN`, `SIGN_IN_FOREIGN`, `SIGN_IN_USED`, `SIGN_IN_EXPIRED`.
 */
export const openSignIn = async (db: Database, claimant: Claimant, now: Instant): Promise<SignInRow> => {
  const row = await find(db, claimant.handle);
  if (row === undefined || row.kind !== claimant.kind) throw signInErrors.SIGN_IN_UNKNOWN();
  const same = row.account === claimant.account && row.actor === claimant.actor;
  if (!same || !hasFingerprint(claimant.binding, row.binding)) throw signInErrors.SIGN_IN_FOREIGN();
  if (row.used_at !== null) throw signInErrors.SIGN_IN_USED();
  if (now >= row.expires_at) throw signInErrors.SIGN_IN_EXPIRED();
  return row;
};

/** Uses a sign-in up, once over all nodes. Throws `SIGN_IN_USED` for whoever comes second. */
export const useSignIn = async (db: Database, { id }: SignInRow, now: Instant): Promise<void> => {
  const used = await db.write((trx) =>
    trx.update(signIns, { used_at: now }, (query) => query.where({ id }).whereNull('used_at')),
  );
  if (used !== 1) throw signInErrors.SIGN_IN_USED();
};

/** Notes a sign-in; its proof is removed again where that fails. */
export const addSignIn = async ({ db, secrets }: Pick<Services, 'db' | 'secrets'>, row: SignInRow): Promise<void> => {
  try {
    await db.write((trx) => trx.insert(signIns, [row]));
  } catch (error) {
    await secrets.remove(proofOf(row));
    throw error;
  }
};

/** Forgets sign-ins that ended a day ago or longer, with what is left of their proofs. Safe to run twice. */
export const sweepSignIns = async (
  { db, secrets }: Pick<Services, 'db' | 'secrets'>,
  now: Instant,
): Promise<number> => {
  const old = await db.read((trx) =>
    trx.rows(signIns, (query) => query.where('expires_at', '<=', trx.encode('time', now - rememberedMs)).limit(500)),
  );
  for (const row of old) await secrets.remove(proofOf(row));
  const ids = old.map(({ id }) => id);
  return ids.length === 0 ? 0 : db.write((trx) => trx.remove(signIns, (query) => query.whereIn('id', ids)));
};
