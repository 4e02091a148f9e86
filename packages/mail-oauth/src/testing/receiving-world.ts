import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import type { Database } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll } from 'vitest';
import type { FetchedAccount } from '../receive/fetch-types.ts';
import { openParser } from '../receive/parser.ts';
import { readState } from '../receive/state.ts';
import { type MailStateRow, type MessageRow, messages } from '../tables.ts';
import { openMailDatabase } from './mail-database.ts';
import type { MailboxDouble } from './mailbox-double.ts';
import { type Receiving, receiving } from './receiving.ts';

export interface ReceivingWorld {
  readonly db: Database;
  /** An account of its own, with its mailbox and its host. */
  receiving(box: MailboxDouble, changes?: Partial<FetchedAccount>): Receiving;
  /** Rows of its messages, in the order of their keys. */
  rowsOf(one: Receiving): Promise<readonly MessageRow[]>;
  stateOf(one: Receiving): Promise<MailStateRow | undefined>;
}

/** Subjects in the order in which the host was given them. */
export const subjectsOf = ({ tickets }: Receiving): readonly string[] => tickets.given.map(({ mail }) => mail.subject);

/** Database and parser of a suite that fetches, opened before its first test and closed after its last. */
export const receivingWorld = (engine: TestEngine): ReceivingWorld => {
  const parser = openParser();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openMailDatabase(engine);
  });
  afterAll(async () => {
    await parser.close();
    await test.close();
  });
  return {
    get db() {
      return test.db;
    },
    receiving: (box, changes) => receiving(test, parser, box, changes),
    rowsOf: ({ account }) =>
      test.db.read((trx) => trx.rows(messages, (query) => query.where({ account: account.id }).orderBy('message_key'))),
    stateOf: ({ account }) => readState(test.db, account.id),
  };
};
