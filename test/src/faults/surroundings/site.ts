import { dirname } from 'node:path';
import type { Database, DatabaseConnection } from '@itsm-m365/plugin-api';
import { isKnownError } from '@itsm-m365/plugin-api';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { type Client, createClient } from '../../end-to-end/surroundings/client.ts';
import { tasks } from '../../end-to-end/surroundings/runs.ts';
import type { Simulated } from '../../end-to-end/surroundings/simulated.ts';

/** A host on a database that fails at the test's word, with times that a test can wait for. */
export interface Site extends Client {
  readonly host: TestHost;
  readonly db: Database;
  /** Starts a task and tells how that ended. Bounded: a run that cannot write its end is `unwritten`. */
  attempt(task: string): Promise<Outcome>;
  /** Goes on with what is under way, until no run is active. */
  settle(): Promise<readonly RunDetail[]>;
  /** Codes in the log, of whatever failed. */
  codes(): readonly string[];
  /** Codes of the items that failed, as the log has them before the database does. */
  failures(): readonly string[];
  close(): Promise<void>;
}

export interface Outcome {
  /** `refused`: the start itself failed. */
  readonly state: RunDetail['state'] | 'refused' | 'unwritten';
  readonly phase: string;
  readonly notices: readonly { readonly code: string; readonly texts: readonly string[] }[];
}

/** How long an attempt may take, and a lease last. A T-SQL server on a busy machine reads a session's first statements slowly. */
const paces = {
  sqlite: { patience: 15_000, leaseMs: 1200 },
  mssql: { patience: 60_000, leaseMs: 6000 },
} as const;

const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 15));

const textsOf = (notice: RunDetail['notices'][number]['notice']): string[] =>
  [notice.message, notice.remedy].flatMap((text) => (text === undefined ? [] : [text.en, text.de]));

const codeIn = (fields: object): string[] => {
  const { code, err } = fields as { readonly code?: unknown; readonly err?: unknown };
  return typeof code === 'string' ? [code] : isKnownError(err) ? [err.code] : [];
};

export const openSite = async (
  file: string,
  simulated: Simulated,
  more: { readonly connection?: DatabaseConnection; readonly migrate?: 'apply' | 'check' } = {},
): Promise<Site> => {
  const connection = more.connection ?? { dialect: 'sqlite', file };
  const { patience, leaseMs } = paces[connection.dialect];
  const host = await startTestHost({
    folder: dirname(file),
    http: simulated.http,
    connection,
    core: {
      migrate: more.migrate ?? 'apply',
      timing: { heartbeatMs: 40, leaseMs, tickMs: 40, graceMs: 3000, writeMs: 20 },
    },
  });
  const client = createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' });
  const outcomeOf = async (run: RunDetail, phase: string): Promise<Outcome> => {
    const children = run.items.flatMap(({ child }) => (child === null ? [] : [child]));
    const runs = [run, ...(await Promise.all(children.map((id) => host.tasks.runs.get(id))))];
    const notices = runs.flatMap(({ notices: all }) =>
      all.map(({ notice }) => ({ code: notice.code, texts: textsOf(notice) })),
    );
    return { state: run.state, phase, notices };
  };
  const active = async (): Promise<RunDetail[]> => {
    const pages = await Promise.all(
      (['queued', 'running'] as const).map((state) => host.tasks.runs.list({ state }, { limit: 50 })),
    );
    return Promise.all(pages.flatMap(({ items }) => items.map(({ id }) => host.tasks.runs.get(id))));
  };
  const refused = (error: unknown): Outcome => {
    if (!isKnownError(error)) throw error;
    const texts = (['en', 'de'] as const).flatMap((language) => [error.text(language), error.remedy(language)]);
    return { state: 'refused', phase: 'start', notices: [{ code: error.code, texts }] };
  };
  const sound = (error: unknown): undefined => {
    if (!isKnownError(error)) throw error;
    return undefined;
  };
  return {
    ...client,
    host,
    db: host.tasks.db,
    codes: () => host.log.flatMap(({ fields }) => codeIn(fields)),
    failures: () => host.log.filter(({ fields }) => 'remedy' in fields).flatMap(({ fields }) => codeIn(fields)),
    async attempt(task) {
      let id: string;
      try {
        id = (await host.tasks.start(task)).run.id;
      } catch (error) {
        return refused(error);
      }
      let phase = '';
      for (const latest = performance.now() + patience; performance.now() < latest; ) {
        await host.tick();
        const run = await host.tasks.runs.get(id).catch(sound);
        phase = run?.items.find(({ progress }) => progress !== null)?.progress?.phase.en ?? phase;
        if (run !== undefined && run.endedAt !== null) return outcomeOf(run, phase);
        await pause();
      }
      return { state: 'unwritten', phase, notices: [] };
    },
    async settle() {
      const seen = new Map<string, RunDetail>();
      for (const latest = performance.now() + patience; ; ) {
        await host.tick();
        const runs = await active();
        for (const run of runs) seen.set(run.id, run);
        if (runs.length === 0) return Promise.all([...seen.keys()].map((id) => host.tasks.runs.get(id)));
        if (performance.now() > latest) throw new Error(`still active: ${runs.map(({ task }) => task).join()}`);
        await pause();
      }
    },
    close: () => host.close(),
  };
};

/** The recalculation that follows an import is switched off, so that a test can start it by itself. */
export const withoutFollower = async (site: Site): Promise<void> => {
  const path = `/tasks/${tasks.recalculate}/schedule`;
  const { version } = await site.get<{ readonly version: number }>(path);
  await site.put(path, { enabled: false, schedule: null, timeoutMinutes: null, ifVersion: version });
};
