import type { Transaction } from '@itsm-m365/plugin-api';
import { laneOf, runOnLane } from './lane.ts';

/** What our client classes add to knex's: SQL text run as it is, without parameters and their question marks. */
export interface StatementClient {
  runText(connection: unknown, sql: string): Promise<void>;
  translate(error: unknown): Error;
}

/** Runs SQL text on a transaction. */
export const runStatement = async (trx: Transaction, sql: string): Promise<void> => {
  const client = trx.sql.client as StatementClient & { acquireConnection(): Promise<unknown> };
  const connection = await client.acquireConnection();
  const lane = laneOf(client);
  const run = (): Promise<void> => client.runText(connection, sql);
  await (lane === undefined ? run() : runOnLane(lane, run, (error) => client.translate(error)));
};
