import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowOf } from '@itsm-m365/database';
import type { Actor, Clock, Database, Randomness, Scope } from '@itsm-m365/plugin-api';
import { hostErrors } from './errors.ts';
import { hashPassword, minimumPasswordLength, passwordMatches } from './passwords.ts';
import { type Grant, sessionTable, userTable } from './tables.ts';

const lockAfterFailures = 5;
const lockForMs = 15 * 60_000;
const idleTimeoutMs = 60 * 60_000;

type UserRow = RowOf<typeof userTable>;

const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

const actorOf = (row: UserRow): Actor => ({ id: row.id, name: row.name });

const grantCovers = (grant: Grant, permission: string, scope: Scope | undefined): boolean =>
  (grant.permission === '*' || grant.permission === permission) &&
  (grant.scope === undefined ||
    (scope !== undefined && grant.scope.type === scope.type && grant.scope.id === scope.id));

export interface UsersOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly dataDirectory: string;
}

/** The host's local users: first password by a one-time token, sessions, lockout, grants. */
export const createUsers = ({ db, clock, random, dataDirectory }: UsersOptions) => {
  const tokenFile = join(dataDirectory, 'first-password-token');

  const byName = async (name: string): Promise<UserRow | undefined> => {
    const [row] = await db.read((trx) => trx.rows(userTable, (q) => q.where({ name_key: name.trim().toLowerCase() })));
    return row;
  };

  const checkPassword = (password: string): void => {
    if ([...password].length < minimumPasswordLength)
      throw hostErrors.PASSWORD_TOO_SHORT({ minimum: minimumPasswordLength });
  };

  const openSession = async (user: string): Promise<string> => {
    const token = randomBytes(32).toString('base64url');
    const now = clock.now();
    await db.write(async (trx) => {
      await trx.remove(sessionTable, (q) => q.whereRaw('?? < ?', ['seen_at', trx.encode('time', now - idleTimeoutMs)]));
      await trx.insert(sessionTable, [{ token_hash: tokenHash(token), user, created_at: now, seen_at: now }]);
    });
    return token;
  };

  return {
    /** Makes sure that somebody can sign in: without any user, a one-time token lies in an owner-only file. Never logged. */
    async prepareFirstPassword(): Promise<{ readonly tokenFile: string } | undefined> {
      const [present] = await db.read((trx) => trx.rows(userTable, (q) => q.limit(1).orderBy('id')));
      if (present !== undefined) return undefined;
      const known = await readFile(tokenFile, 'utf8').catch(() => undefined);
      if (known === undefined)
        await writeFile(tokenFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
      return { tokenFile };
    },

    /** Creates the first administrator. Works once: the token's file is removed, and an existing user refuses it. */
    async setFirstPassword(input: {
      readonly token: string;
      readonly name: string;
      readonly password: string;
    }): Promise<string> {
      const token = (await readFile(tokenFile, 'utf8').catch(() => '')).trim();
      if (token === '' || tokenHash(input.token.trim()) !== tokenHash(token)) throw hostErrors.FIRST_PASSWORD_REFUSED();
      checkPassword(input.password);
      const password = await hashPassword(input.password);
      const id = random.uuid();
      await db.write(async (trx) => {
        const [present] = await trx.rows(userTable, (q) => q.limit(1).orderBy('id'));
        if (present !== undefined) throw hostErrors.FIRST_PASSWORD_REFUSED();
        const name = input.name.trim();
        const grants: readonly Grant[] = [{ permission: '*' }];
        await trx.insert(userTable, [
          {
            id,
            name,
            name_key: name.toLowerCase(),
            password,
            grants,
            failures: 0,
            locked_until: 0,
            changed_at: clock.now(),
          },
        ]);
      });
      await rm(tokenFile, { force: true });
      return openSession(id);
    },

    /** Signs in and returns the session's token. The same error whether name, password or lock is the cause. */
    async signIn(name: string, password: string): Promise<string> {
      const user = await byName(name);
      const now = clock.now();
      // An unknown name costs the same time as a wrong password.
      const matches = await passwordMatches(password, user?.password ?? (await hashPassword('nobody')));
      if (user === undefined || user.locked_until > now || !matches) {
        if (user !== undefined && user.locked_until <= now) {
          const failures = user.failures + 1;
          const locked = failures >= lockAfterFailures;
          const patch = { failures: locked ? 0 : failures, locked_until: locked ? now + lockForMs : 0 };
          await db.write((trx) => trx.update(userTable, patch, (q) => q.where({ id: user.id })));
        }
        throw hostErrors.SIGN_IN_FAILED();
      }
      if (user.failures > 0)
        await db.write((trx) => trx.update(userTable, { failures: 0 }, (q) => q.where({ id: user.id })));
      return openSession(user.id);
    },

    async signOut(token: string): Promise<void> {
      await db.write((trx) => trx.remove(sessionTable, (q) => q.where({ token_hash: tokenHash(token) })));
    },

    /** The user of a session; undefined where it is unknown or was idle for an hour. */
    async actor(token: string): Promise<Actor | undefined> {
      const now = clock.now();
      const hash = tokenHash(token);
      const found = await db.read(async (trx) => {
        const [session] = await trx.rows(sessionTable, (q) => q.where({ token_hash: hash }));
        if (session === undefined || session.seen_at < now - idleTimeoutMs) return undefined;
        const [user] = await trx.rows(userTable, (q) => q.where({ id: session.user }));
        return user === undefined ? undefined : { user, session };
      });
      if (found === undefined) return undefined;
      if (now - found.session.seen_at > 60_000) {
        await db.write((trx) => trx.update(sessionTable, { seen_at: now }, (q) => q.where({ token_hash: hash })));
      }
      return actorOf(found.user);
    },

    async allows(actor: Actor, permission: string, scope: Scope | undefined): Promise<boolean> {
      const [user] = await db.read((trx) => trx.rows(userTable, (q) => q.where({ id: actor.id })));
      return user?.grants.some((grant) => grantCovers(grant, permission, scope)) ?? false;
    },

    /** Creates or replaces a user; every session of a replaced user ends. */
    async put(input: {
      readonly name: string;
      readonly password: string;
      readonly grants: readonly Grant[];
    }): Promise<Actor> {
      checkPassword(input.password);
      const password = await hashPassword(input.password);
      const name = input.name.trim();
      const known = await byName(name);
      const id = known?.id ?? random.uuid();
      await db.write(async (trx) => {
        await trx.remove(sessionTable, (q) => q.where({ user: id }));
        await trx.remove(userTable, (q) => q.where({ id }));
        await trx.insert(userTable, [
          {
            id,
            name,
            name_key: name.toLowerCase(),
            password,
            grants: input.grants,
            failures: 0,
            locked_until: 0,
            changed_at: clock.now(),
          },
        ]);
      });
      return { id, name };
    },

    async list(): Promise<
      readonly { readonly id: string; readonly name: string; readonly grants: readonly Grant[] }[]
    > {
      const rows = await db.read((trx) => trx.rows(userTable, (q) => q.orderBy('name_key')));
      return rows.map(({ id, name, grants }) => ({ id, name, grants }));
    },
  };
};

export type Users = ReturnType<typeof createUsers>;
