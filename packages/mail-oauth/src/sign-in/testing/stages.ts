import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import { type Database, isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openMailDatabase } from '../../testing/mail-database.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';

export interface Stages {
  readonly db: Database;
  /** Another simulated tenant on the same database. */
  stage(options?: StageOptions): Promise<Stage>;
}

/** The database of a suite, and stages on it that close after the test that opened them. */
export const stagesOn = (engine: TestEngine): Stages => {
  const open: Stage[] = [];
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openMailDatabase(engine);
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(() => test.close());
  return {
    get db() {
      return test.db;
    },
    async stage(options) {
      const made = await openStage(test.db, options);
      open.push(made);
      return made;
    },
  };
};

/** What a promise was refused with; throws where it was not, or for a defect. */
export const errorOf = async (promise: Promise<unknown>): Promise<KnownError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKnownError(error)) throw error ?? new Error('expected a refusal');
  return error;
};
