import { migrate } from '@itsm-m365/database';
import { catalogueMigrations } from '@itsm-m365/licence-catalog';
import {
  type Clock,
  type Database,
  isKnownError,
  type KnownError,
  type Notice,
  type RunReport,
  type SecretBinding,
  type Services,
  systemActor,
  type TaskContext,
  type Text,
  type Transaction,
} from '@itsm-m365/plugin-api';
import {
  type LogLine,
  loopbackTcp,
  memoryLogger,
  memorySecrets,
  memorySettings,
  seededRandom,
} from '@itsm-m365/plugin-api/testing';
import { portalsSection } from '../connect.ts';
import { importMigrations } from '../migrations.ts';
import { type PortalSettings, portalDefaults } from '../portal-fields.ts';
import { importTask } from '../task.ts';

/** A portal with its credential in plain text, as a person would type it. */
export interface TestPortal extends Partial<Omit<PortalSettings, 'credential'>> {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  /** `YYYY-MM-DD`; default the year 2099. */
  readonly validUntil?: string;
  /** Both parts as PEM; used instead of the secret. */
  readonly certificate?: { readonly certificatePem: string; readonly privateKeyPem: string };
}

/** How the import of one portal ended, as the core would store it. */
export interface PortalResult {
  readonly portal: string;
  readonly state: 'succeeded' | 'held' | 'failed' | 'cancelled';
  readonly report: RunReport | undefined;
  readonly error: KnownError | undefined;
  /** Reported during the run and at its end. */
  readonly notices: readonly Notice[];
  readonly counts: Readonly<Record<string, number>>;
  readonly progress: readonly { readonly phase: Text; readonly done: number; readonly total?: number }[];
}

export interface RunOptions {
  /** All portals at the same time, as a server with several workers does. */
  readonly together?: boolean;
  readonly signal?: AbortSignal;
  /** Instead of a fence that always holds. */
  readonly fence?: (trx: Transaction) => Promise<void>;
  /** Told of each progress report, so that a test can act in the middle of an import. */
  readonly onProgress?: (phase: string) => void;
}

export interface ImportHarness {
  readonly services: Services;
  readonly log: readonly LogLine[];
  /** Stores a portal, its secret with the right binding; storing an id again changes it. */
  putPortal(portal: TestPortal): Promise<void>;
  /** Lets a portal vanish from the settings, without telling anybody. */
  dropPortal(id: string): void;
  /** Runs the task for all its items, as the core would, four at a time on a server and one after the other here. */
  run(options?: RunOptions): Promise<readonly PortalResult[]>;
  /** The one portal's result; throws where there are more. */
  runOne(options?: RunOptions): Promise<PortalResult>;
}

export interface HarnessOptions {
  readonly db: Database;
  readonly http: Services['http'];
  readonly clock: Clock;
  readonly seed?: number;
}

const itemOf = async (
  services: Services,
  item: { readonly key: string },
  number: number,
  options: RunOptions,
): Promise<PortalResult> => {
  const notices: Notice[] = [];
  const progress: PortalResult['progress'][number][] = [];
  const signal = options.signal ?? new AbortController().signal;
  const context: TaskContext<never> = {
    ...services,
    runId: `run-${number}`,
    item,
    trigger: 'manual',
    actor: systemActor,
    options: undefined as never,
    progress: {
      report: (entry) => {
        progress.push(entry);
        options.onProgress?.(entry.phase.en);
      },
    },
    signal,
    ticket: services.random.uuid(),
    fence: options.fence ?? (async () => undefined),
    notice: (notice) => notices.push(notice),
  };
  try {
    const report = await importTask.run(context);
    return {
      portal: item.key,
      state: report.outcome === 'held' ? 'held' : 'succeeded',
      report,
      error: undefined,
      notices: [...notices, ...report.notices],
      counts: report.counts,
      progress,
    };
  } catch (error) {
    if (!isKnownError(error) && !signal.aborted) throw error;
    return {
      portal: item.key,
      state: signal.aborted ? 'cancelled' : 'failed',
      report: undefined,
      error: isKnownError(error) ? error : undefined,
      notices,
      counts: {},
      progress,
    };
  }
};

/** The tables that an import needs. Safe to repeat. */
export const migrateImport = async (db: Database, clock: Clock): Promise<void> => {
  const plugins = [
    { plugin: 'licence-catalog', migrations: catalogueMigrations },
    { plugin: 'm365-import', migrations: importMigrations },
  ];
  await migrate(db, plugins, { mode: 'apply', clock });
};

/**
 * Runs the import without the core: real database, real Graph client, and a host's settings and secrets in memory.
 * Errors that are not known errors are thrown, so that a test sees them.
 */
export const createHarness = ({ db, http, clock, seed = 1 }: HarnessOptions): ImportHarness => {
  const logger = memoryLogger();
  const settings = memorySettings();
  const secrets = memorySecrets();
  let runs = 0;
  const services: Services = {
    db,
    logger,
    clock,
    random: seededRandom(seed),
    http,
    secrets,
    settings,
    notify: { send: async () => undefined },
    tcp: loopbackTcp(),
    publicUrl: undefined,
    tickets: undefined,
  };

  const run = async (options: RunOptions = {}): Promise<readonly PortalResult[]> => {
    const results: PortalResult[] = [];
    runs += 1;
    const number = runs;
    const items = (await importTask.items?.(services)) ?? [];
    if (options.together === true) return Promise.all(items.map((item) => itemOf(services, item, number, options)));
    for (const item of items) results.push(await itemOf(services, item, number, options));
    return results;
  };

  return {
    services,
    log: logger.lines,
    run,
    async putPortal({ id, secret, validUntil = '2099-12-31', certificate, ...rest }) {
      const value = { ...portalDefaults, ...rest };
      const binding = (field: string): SecretBinding => ({
        owner: `${portalsSection}/${id}`,
        field: `credential.${field}`,
        boundTo: { tenantId: value.tenantId, clientId: value.clientId, cloud: value.cloud },
      });
      const credential =
        certificate === undefined
          ? { type: 'secret', secretId: 'one', value: await secrets.store(secret, binding('value')), validUntil }
          : {
              type: 'certificate',
              certificate: certificate.certificatePem,
              privateKey: await secrets.store(certificate.privateKeyPem, binding('privateKey')),
            };
      settings.put(portalsSection, id, { ...value, credential });
    },
    dropPortal: (id) => settings.remove(portalsSection, id),
    async runOne(options) {
      const [result, ...others] = await run(options);
      if (result === undefined || others.length > 0) throw new Error(`one portal expected, ${others.length + 1} found`);
      return result;
    },
  };
};
