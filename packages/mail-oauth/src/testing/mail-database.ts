import { migrate } from '@itsm-m365/database';
import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import type { Clock, Database } from '@itsm-m365/plugin-api';
import { mailMigrations } from '../migrations.ts';

export const migrateMail = (db: Database, clock: Clock): Promise<unknown> =>
  migrate(db, [{ plugin: 'mail-oauth', migrations: mailMigrations }], { mode: 'apply', clock });

/** A database with the empty tables of mail. */
export const openMailDatabase = async (engine: TestEngine): Promise<TestDatabase> => {
  const test = await engine.open();
  await migrateMail(test.db, test.clock);
  return test;
};
