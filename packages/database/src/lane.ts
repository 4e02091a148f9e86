import { databaseErrors } from './errors.ts';

/**
 * What one transaction is doing. It hangs on knex's client of that transaction, because that is the one object through
 * which every statement of the transaction passes, whether it was started here or by a builder of `trx.sql`.
 */
export interface Lane {
  /** Settles when the statement under way has ended; never rejects. */
  busy: Promise<void> | undefined;
  /** The first error of a statement. The transaction is lost then, on both engines alike. */
  failure: Error | undefined;
  readonly signal: AbortSignal | undefined;
  /** Longer than the connection's where a migration rebuilds an index. */
  readonly requestTimeoutMs: number | undefined;
}

const lanes = new WeakMap<object, Lane>();

export const attachLane = (client: object, lane: Lane): void => {
  lanes.set(client, lane);
};

export const laneOf = (client: object): Lane | undefined => lanes.get(client);

/**
 * Runs one statement. A second one that starts before the first has ended is refused: on SQL Server it would wait in
 * the driver or hit another connection, and which of two answers an error belongs to could not be told.
 *
 * A transaction with a failed statement takes no more. SQL Server rolls it back by itself (XACT_ABORT), and what
 * followed would be committed one by one; SQLite would go on, so it is held to the same rule.
 */
export const runOnLane = async <T>(
  lane: Lane,
  statement: () => Promise<T>,
  translate: (error: unknown) => Error,
): Promise<T> => {
  if (lane.busy !== undefined) {
    lane.failure ??= databaseErrors.DATABASE_STATEMENTS_OVERLAP();
    throw lane.failure;
  }
  if (lane.failure !== undefined) throw lane.failure;
  let free = (): void => undefined;
  lane.busy = new Promise((resolve) => {
    free = resolve;
  });
  try {
    lane.signal?.throwIfAborted();
    return await statement();
  } catch (error) {
    const known = lane.signal?.aborted === true && error === lane.signal.reason ? error : translate(error);
    lane.failure ??= known instanceof Error ? known : translate(known);
    throw known;
  } finally {
    lane.busy = undefined;
    free();
  }
};

interface Runner {
  run(): Promise<unknown>;
  stream(): unknown;
}

/**
 * Puts every statement that knex runs for `client` on its lane, and turns driver errors into ours. Here and not in
 * `query`, because a runner covers the time from the call to the decoded answer, on SQLite too, where the statement
 * itself is over before a second one could be seen.
 */
export const guardRunner = <R extends Runner>(client: object, runner: R, translate: (error: unknown) => Error): R => {
  const run = runner.run.bind(runner);
  const lane = laneOf(client);
  runner.run = () =>
    lane === undefined
      ? run().catch((error: unknown) => {
          throw translate(error);
        })
      : runOnLane(lane, run, translate);
  // knex's streams buffer without limit on SQL Server and load everything first on SQLite.
  runner.stream = () => {
    throw databaseErrors.DATABASE_MISUSED({ reason: 'streams are not supported; read in key ranges' });
  };
  return runner;
};

/**
 * Refuses a transaction inside a transaction of knex. With XACT_ABORT an error rolls everything back, so that there
 * would be no savepoint to go back to on SQL Server; and its statements would be on no lane.
 */
export const refuseSavepoint = (outer: unknown): void => {
  if (outer !== null && outer !== undefined)
    throw databaseErrors.DATABASE_MISUSED({ reason: 'savepoints are not supported; a failed statement ends it all' });
};
