import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate, type OpenDatabase, openDatabase, parseConnectionUrl } from '@itsm-m365/database';
import type { DatabaseConnection, Host, Logger, OutboundTcp } from '@itsm-m365/plugin-api';
import { machineClock, machineRandom, publicTcp } from '@itsm-m365/server-tasks';
import type { FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Configuration } from './configuration.ts';
import { openKeyRing } from './key-ring.ts';
import { openMarks } from './marks.ts';
import { createSecrets } from './secrets.ts';
import { createSettingsStore } from './settings-store.ts';
import { signedIn } from './sign-in.ts';
import { hostMigrations } from './tables.ts';
import { createTickets, type HostTickets } from './tickets.ts';
import { createUsers, type Users } from './users.ts';

/** Where the plugins' routes are mounted. */
export const pluginsPrefix = '/itsm';

/** The host with what only it needs: its own database and users. */
export interface ReferenceHost {
  readonly host: Host<FastifyRequest>;
  readonly users: Users;
  readonly tickets: HostTickets;
  /** SQL of the host's own tables with `--migrate script`; else empty. */
  readonly script: string;
  /** Name of a restore, for the core; undefined: none is known here. */
  readonly restored: string | undefined;
  close(): Promise<void>;
}

/** On SQLite host and plugins have a file each, since a file belongs to one opener; on SQL Server they share a database. */
export const connections = (
  configuration: Configuration,
): { readonly own: DatabaseConnection; readonly plugins: DatabaseConnection } => {
  if (configuration.databaseUrl !== undefined) {
    const connection = parseConnectionUrl(configuration.databaseUrl);
    return { own: connection, plugins: connection };
  }
  const file = (name: string): DatabaseConnection => ({
    dialect: 'sqlite',
    file: join(configuration.dataDirectory, name),
  });
  return { own: file('host.sqlite'), plugins: file('itsm.sqlite') };
};

/**
 * Where browsers reach the plugins. Without a public address a host that listens for this machine only is reached here;
 * Entra takes any port for http://localhost (RFC 8252, 7.3).
 */
const publicUrlOf = ({ publicUrl, listen }: Configuration): { readonly publicUrl?: string } => {
  if (publicUrl !== undefined) return { publicUrl: `${publicUrl.replace(/\/+$/, '')}${pluginsPrefix}` };
  const local = ['127.0.0.1', 'localhost', '::1'].includes(listen.host) && listen.port !== 0;
  return local ? { publicUrl: `http://localhost:${listen.port}${pluginsPrefix}` } : {};
};

/** Opens the host's own database, its tables brought up to date, checked, or written as SQL. */
export const openOwnDatabase = async (
  configuration: Configuration,
  logger: Logger,
  mode: Configuration['migrate'],
): Promise<{ readonly db: OpenDatabase; readonly script: string }> => {
  await mkdir(configuration.dataDirectory, { recursive: true, mode: 0o700 });
  const db = await openDatabase(connections(configuration).own, { clock: machineClock, random: machineRandom, logger });
  try {
    const tables = [{ plugin: 'reference-host', migrations: hostMigrations }];
    const { script } = await migrate(db, tables, { mode, clock: machineClock });
    return { db, script };
  } catch (error) {
    await db.close();
    throw error;
  }
};

/** Opens the host's database, keys and users. Throws known errors of the database and of `key-ring.ts`. */
export const openHost = async (
  configuration: Configuration,
  parts: { readonly logger: Logger; readonly http: Dispatcher | undefined; readonly tcp?: OutboundTcp },
): Promise<ReferenceHost> => {
  const { db, script } = await openOwnDatabase(configuration, parts.logger, configuration.migrate);
  try {
    const keys = await openKeyRing(configuration.dataDirectory, configuration.secretsKey, randomBytes);
    const users = createUsers({
      db,
      clock: machineClock,
      random: machineRandom,
      dataDirectory: configuration.dataDirectory,
    });
    const { dataDirectory, databaseUrl, migrate: mode } = configuration;
    // With `script` nothing is started, and there may be no tables.
    const marks =
      mode === 'script' ? undefined : await openMarks({ directory: dataDirectory, db, own: databaseUrl === undefined });
    const tickets = createTickets(db, machineClock);
    const host: Host<FastifyRequest> = {
      db: connections(configuration).plugins,
      settings: createSettingsStore(db, machineClock),
      secrets: createSecrets({ db, keys, clock: machineClock, random: machineRandom, randomBytes }),
      permissions: {
        actor: (request) => signedIn(users, request),
        allows: (actor, permission, scope) => users.allows(actor, permission, scope),
      },
      logger: parts.logger,
      ...(parts.http === undefined ? {} : { http: parts.http }),
      tcp: parts.tcp ?? publicTcp({ allowedHosts: configuration.allowedPrivateHosts }),
      ...publicUrlOf(configuration),
      tickets,
      clock: machineClock,
      random: machineRandom,
      ...(marks === undefined ? {} : { mark: marks.store }),
    };
    const close = async (): Promise<void> => {
      await marks?.last();
      await db.close();
      await marks?.finish();
    };
    return { host, users, tickets, script, restored: configuration.restored ?? marks?.restored, close };
  } catch (error) {
    await db.close();
    throw error;
  }
};
