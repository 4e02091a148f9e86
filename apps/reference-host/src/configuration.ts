import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Language } from '@itsm-m365/plugin-api';
import { hostErrors } from './errors.ts';

/** What the operator decided before the start, by arguments and environment. Everything else is a setting. */
export interface Configuration {
  readonly once: boolean;
  readonly help: boolean;
  readonly language: Language;
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDirectory: string;
  readonly databaseUrl: string | undefined;
  readonly secretsKey: string | undefined;
  /** Undefined: the simulator is the tenant. */
  readonly tenant: TenantFromEnvironment | undefined;
  readonly simulator: { readonly enabled: boolean; readonly users: number; readonly seed: number };
  /** Private addresses that the operator allows as destinations, comma separated: hosts or `host:port`. */
  readonly allowedPrivateHosts: readonly string[];
  readonly publicUrl: string | undefined;
  readonly rotateSecretsKey: boolean;
  /** A folder to copy the databases into, or back from. */
  readonly backup: string | undefined;
  readonly restore: string | undefined;
  /** Name of a restore that the operator speaks of. */
  readonly restored: string | undefined;
  readonly migrate: MigrateMode;
  readonly logLevel: string;
}

const migrateModes = ['apply', 'check', 'script'] as const;

/** `apply` brings the tables up to date, `check` fails where they are not, `script` prints SQL for a DBA and ends. */
export type MigrateMode = (typeof migrateModes)[number];

export interface TenantFromEnvironment {
  readonly name: string;
  readonly cloud: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** Day the secret ends, `YYYY-MM-DD`, as Entra shows it. */
  readonly secretExpires: string | undefined;
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyPassphrase: string | undefined;
}

export const helpText = `Usage: npm start -- [options]

Starts the reference host: an embedded database, the Microsoft simulator as its tenant, the plugins.
It runs "Recalculate completely" once, prints what was found and stays up with its HTTP API.

Options
  --once              end after the run: exit code 0 succeeded, 1 failed, 2 partial, 130 cancelled
  --port <n>          port of the HTTP API (default 7365)
  --listen <address>  address of the HTTP API (default 127.0.0.1)
  --data <folder>     where database, keys and tokens are kept (default .data)
  --users <n>         users of the simulated tenant (default 250)
  --seed <n>          seed of the simulated tenant (default 1)
  --language <en|de>  language of the printed table (default from LANG)
  --migrate <mode>    apply (default), check (fail where tables are missing), script (print the SQL, then end)
  --backup <folder>   copy both databases into the folder, also while the host runs, then end
  --restore <folder>  put the databases of such a folder in place, then end
  --restored <name>   the database was restored by other means: hold what sends and fetches, once for each name
  --rotate-secrets-key  encrypt every stored secret with a new key, then end
  --help              this text

Environment
  DATABASE_URL            mssql://user:password@host:port/database?schema=…  (default: SQLite in the data folder)
  M365_TENANT_ID, M365_CLIENT_ID, M365_CLIENT_SECRET   import a real tenant instead of the simulator's
  M365_CLIENT_SECRET_EXPIRES   day the secret ends (YYYY-MM-DD), as Entra shows it
  M365_CERTIFICATE_FILE, M365_KEY_FILE, M365_KEY_PASSPHRASE   the same with a certificate
  M365_PORTAL_NAME, M365_CLOUD   name (default "Microsoft 365") and cloud (default global)
  SECRETS_KEY             key for stored secrets, 32 bytes in base64 (default: an owner-only file in the data folder)
  HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS   the way out
  ALLOWED_PRIVATE_HOSTS   private addresses that may be reached, separated by commas
  PUBLIC_URL              the address under which people reach this host, for cookies and origin checks
  LOG_LEVEL               trace, debug, info, warn, error (default warn with --once, else info)
`;

const wholeNumber = (name: string, value: string, minimum: number, maximum: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < minimum || number > maximum) {
    throw hostErrors.ARGUMENT_WRONG({ name, value: value.slice(0, 40), expected: `${minimum} – ${maximum}` });
  }
  return number;
};

const tenantFrom = (env: NodeJS.ProcessEnv): TenantFromEnvironment | undefined => {
  const { M365_TENANT_ID: tenantId, M365_CLIENT_ID: clientId } = env;
  if (!tenantId && !clientId) return undefined;
  if (!tenantId || !clientId) {
    throw hostErrors.ENVIRONMENT_INCOMPLETE({ missing: tenantId ? 'M365_CLIENT_ID' : 'M365_TENANT_ID' });
  }
  if (!env.M365_CLIENT_SECRET && !(env.M365_CERTIFICATE_FILE && env.M365_KEY_FILE)) {
    throw hostErrors.ENVIRONMENT_INCOMPLETE({ missing: 'M365_CLIENT_SECRET' });
  }
  if (env.M365_CLIENT_SECRET && !env.M365_CLIENT_SECRET_EXPIRES) {
    throw hostErrors.ENVIRONMENT_INCOMPLETE({ missing: 'M365_CLIENT_SECRET_EXPIRES' });
  }
  return {
    name: env.M365_PORTAL_NAME || 'Microsoft 365',
    cloud: env.M365_CLOUD || 'global',
    tenantId,
    clientId,
    clientSecret: env.M365_CLIENT_SECRET || undefined,
    secretExpires: env.M365_CLIENT_SECRET_EXPIRES || undefined,
    certificateFile: env.M365_CERTIFICATE_FILE || undefined,
    keyFile: env.M365_KEY_FILE || undefined,
    keyPassphrase: env.M365_KEY_PASSPHRASE || undefined,
  };
};

const options = {
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  listen: { type: 'string' },
  data: { type: 'string' },
  users: { type: 'string' },
  seed: { type: 'string' },
  language: { type: 'string' },
  migrate: { type: 'string' },
  'rotate-secrets-key': { type: 'boolean' },
  backup: { type: 'string' },
  restore: { type: 'string' },
  restored: { type: 'string' },
} as const;

const readArguments = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (cause) {
    throw hostErrors.ARGUMENT_UNKNOWN({ message: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
};

const languageFrom = (env: NodeJS.ProcessEnv): string => (env.LANG?.toLowerCase().startsWith('de') ? 'de' : 'en');

/** The language to complain in while the arguments could not be read yet. */
export const languageOf = (argv: readonly string[], env: NodeJS.ProcessEnv): Language => {
  const at = argv.findIndex((argument) => argument === '--language' || argument.startsWith('--language='));
  const wanted = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1]);
  return (wanted ?? languageFrom(env)) === 'de' ? 'de' : 'en';
};

/** Reads arguments and environment. Throws `ARGUMENT_*` and `ENVIRONMENT_*` errors that name what is wrong. */
export const readConfiguration = (argv: readonly string[], env: NodeJS.ProcessEnv): Configuration => {
  const given = readArguments(argv);
  const language = given.language ?? languageFrom(env);
  if (language !== 'en' && language !== 'de') {
    throw hostErrors.ARGUMENT_WRONG({ name: '--language', value: language.slice(0, 40), expected: 'en, de' });
  }
  const migrate = migrateModes.find((mode) => mode === (given.migrate ?? 'apply'));
  if (migrate === undefined) {
    throw hostErrors.ARGUMENT_WRONG({
      name: '--migrate',
      value: (given.migrate ?? '').slice(0, 40),
      expected: migrateModes.join(', '),
    });
  }
  const once = given.once === true;
  const tenant = tenantFrom(env);
  return {
    once,
    help: given.help === true,
    language,
    listen: { host: given.listen ?? '127.0.0.1', port: wholeNumber('--port', given.port ?? '7365', 0, 65_535) },
    dataDirectory: resolve(given.data ?? '.data'),
    databaseUrl: env.DATABASE_URL || undefined,
    secretsKey: env.SECRETS_KEY || undefined,
    tenant,
    simulator: {
      enabled: tenant === undefined,
      users: wholeNumber('--users', given.users ?? '250', 10, 1_000_000),
      seed: wholeNumber('--seed', given.seed ?? '1', 0, 2 ** 31 - 1),
    },
    allowedPrivateHosts: (env.ALLOWED_PRIVATE_HOSTS ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter(Boolean),
    publicUrl: env.PUBLIC_URL || undefined,
    rotateSecretsKey: given['rotate-secrets-key'] === true,
    backup: given.backup ? resolve(given.backup) : undefined,
    restore: given.restore ? resolve(given.restore) : undefined,
    restored: given.restored || undefined,
    migrate,
    logLevel: env.LOG_LEVEL || (once ? 'warn' : 'info'),
  };
};
