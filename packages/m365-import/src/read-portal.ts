import type { GraphClient } from '@itsm-m365/graph-auth';
import { createStage, type Stage } from '@itsm-m365/licence-catalog';
import { isKnownError, type TaskContext } from '@itsm-m365/plugin-api';
import { createUserDecoder, type UserDecoder } from './decode/users.ts';
import type { Defects } from './decode/values.ts';
import { importErrors } from './errors.ts';
import { type Loaded, stageChanges, stageListing } from './load-users.ts';
import type { FullReason, Reading } from './plan-reading.ts';

/** Times a listing may begin again before the run gives up: Microsoft may forget the place of a walk, but not for ever. */
const mostRestarts = 3;

export interface ReadContext {
  readonly task: TaskContext;
  readonly graph: GraphClient;
  readonly portal: { readonly id: string; readonly name: string; readonly tenant: string };
  /** Licence numbers by SKU id, of those that are imported. */
  readonly licenceOf: ReadonlyMap<string, number>;
  readonly numbers: readonly number[];
  readonly ignored: ReadonlySet<string>;
  readonly usersBefore: number;
  readonly defects: Defects;
}

/** What was read and staged, complete. */
export interface Staged extends Loaded {
  readonly mode: 'full' | 'changes';
  readonly stage: Stage;
  readonly decoder: UserDecoder;
  readonly restarts: number;
}

/** Reading changes is not possible, or not worth it: list everything, for this reason. */
export interface Escalation {
  readonly listAll: FullReason;
}

/** Left-overs are harmless, and cleared at the next start: a failure here must not hide what the import came to. */
export const clearStage = async (task: Pick<TaskContext, 'logger'>, stage: Stage): Promise<void> => {
  try {
    await stage.clear();
  } catch (error) {
    task.logger.warn({ err: error }, 'Could not clear the staged rows');
  }
};

const startStage = (context: ReadContext, mode: 'full' | 'changes') => {
  const { task, portal, numbers, licenceOf, ignored, defects } = context;
  const { db, ticket, random } = task;
  return {
    stage: createStage(db, { portal: portal.id, tenant: portal.tenant, ticket, mode, licences: numbers, random }),
    decoder: createUserDecoder({ licences: licenceOf, ignored, defects }),
  };
};

const contextOf = ({ task, graph, usersBefore }: ReadContext) => ({
  graph,
  usersBefore,
  progress: task.progress,
  signal: task.signal,
});

/** A stored link that is refused would be refused each time: listing everybody brings a new one, or a better error. */
const uselessLink = [
  'GRAPH_DELTA_EXPIRED',
  'GRAPH_PAGE_TOKEN_EXPIRED',
  'GRAPH_REFUSED',
  'GRAPH_FOREIGN_LINK',
  'GRAPH_ERROR_UNREADABLE',
];

const readChanges = async (context: ReadContext, link: string): Promise<Staged | Escalation> => {
  const started = startStage(context, 'changes');
  try {
    const loaded = await stageChanges({ ...contextOf(context), ...started }, link);
    if (loaded !== undefined) return { ...loaded, ...started, mode: 'changes', restarts: 0 };
    await clearStage(context.task, started.stage);
    return { listAll: 'many-changes' };
  } catch (error) {
    await clearStage(context.task, started.stage);
    if (isKnownError(error, ...uselessLink)) return { listAll: 'delta-expired' };
    throw error;
  }
};

const readAll = async (context: ReadContext): Promise<Staged> => {
  for (let restarts = 0; ; restarts += 1) {
    // A new stage: rows of the listing that broke off must not mix with those of the next.
    const started = startStage(context, 'full');
    try {
      const loaded = await stageListing({ ...contextOf(context), ...started });
      return { ...loaded, ...started, mode: 'full', restarts };
    } catch (error) {
      await clearStage(context.task, started.stage);
      if (!isKnownError(error, 'GRAPH_PAGE_TOKEN_EXPIRED', 'GRAPH_DELTA_EXPIRED')) throw error;
      if (restarts >= mostRestarts) {
        throw importErrors.IMPORT_LISTING_UNSTABLE({ portal: context.portal.name, restarts }, { cause: error });
      }
    }
  }
};

/** Stages what the reading asks for. Throws where the reading is not complete; then nothing of it may be published. */
export const readPortal = (context: ReadContext, reading: Reading): Promise<Staged | Escalation> =>
  reading.mode === 'full' ? readAll(context) : readChanges(context, reading.link);
