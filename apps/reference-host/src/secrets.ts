import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock, Database, Randomness, SecretBinding, SecretRef, Secrets } from '@itsm-m365/plugin-api';
import { hostErrors } from './errors.ts';
import type { KeyRing } from './key-ring.ts';
import { secretTable } from './tables.ts';

export interface SecretsOptions {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly randomBytes: (length: number) => Buffer;
}

/** Row, field and what it was entered for are authenticated: a ciphertext moved elsewhere does not open. */
const associatedData = (id: string, binding: SecretBinding): Buffer => {
  const bound = Object.entries(binding.boundTo).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([id, binding.owner, binding.field, bound]), 'utf8');
};

const seal = (key: Buffer, value: string, data: Buffer, nonce: Buffer): string => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(data);
  const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return [nonce, cipher.getAuthTag(), body].map((part) => part.toString('base64')).join('.');
};

const open = (key: Buffer, sealed: string, data: Buffer): string => {
  const [nonce, tag, body] = sealed.split('.').map((part) => Buffer.from(part, 'base64'));
  if (nonce === undefined || tag === undefined || body === undefined) throw new Error('three parts expected');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(data).setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
};

const asRef = (id: string): SecretRef => id as SecretRef;

/** Secrets encrypted at rest with AES-256-GCM (NIST SP 800-38D), each with a nonce of its own. */
export const createSecrets = ({ db, keys, clock, random, randomBytes }: SecretsOptions): Secrets => ({
  async reveal(ref, binding) {
    const [row] = await db.read((trx) => trx.rows(secretTable, (q) => q.where({ id: ref })));
    const owner = binding.owner;
    if (row === undefined) throw hostErrors.SECRET_UNREADABLE({ reason: 'it is not stored', owner });
    const key = keys.find(row.key_id);
    if (key === undefined) throw hostErrors.SECRET_UNREADABLE({ reason: 'its key is lost', owner });
    try {
      return open(key, row.sealed, associatedData(row.id, binding));
    } catch {
      // GCM refuses a wrong key, a changed row and a foreign binding alike.
      throw hostErrors.SECRET_UNREADABLE({ reason: 'it was entered for another host, tenant or cloud', owner });
    }
  },
  async store(value, binding) {
    const id = random.uuid();
    const sealed = seal(keys.current.key, value, associatedData(id, binding), randomBytes(12));
    const { owner, field, boundTo: bound } = binding;
    const row = { id, owner, field, bound, key_id: keys.current.id, sealed, created_at: clock.now() };
    await db.write((trx) => trx.insert(secretTable, [row]));
    return asRef(id);
  },
  async remove(ref) {
    await db.write((trx) => trx.remove(secretTable, (q) => q.where({ id: ref })));
  },
});

/**
 * Seals every secret with the ring's current key. Safe to repeat: rows of the current key are left alone, and one whose
 * key is lost stays as it is and is counted.
 */
export const resealAll = async ({
  db,
  keys,
  randomBytes,
}: SecretsOptions): Promise<{ resealed: number; lost: number }> =>
  db.write(async (trx) => {
    const rows = await trx.rows(secretTable, (q) => q.whereNot({ key_id: keys.current.id }).orderBy('id'));
    let resealed = 0;
    for (const row of rows) {
      const key = keys.find(row.key_id);
      if (key === undefined) continue;
      const data = associatedData(row.id, { owner: row.owner, field: row.field, boundTo: row.bound });
      const sealed = seal(keys.current.key, open(key, row.sealed, data), data, randomBytes(12));
      resealed += await trx.update(secretTable, { sealed, key_id: keys.current.id }, (q) => q.where({ id: row.id }));
    }
    return { resealed, lost: rows.length - resealed };
  });
