import { setImmediate } from 'node:timers/promises';
import type { Capabilities, Table, Transaction } from '@itsm-m365/plugin-api';
import type { BulkLoad } from 'tedious';
import { type Lane, runOnLane } from '../lane.ts';
import { type Bindable, tableCodec } from '../rows.ts';
import { boundTo, bulkColumn } from './bindings.ts';
import { inLine, type MssqlClient, type TediousConnection } from './client.ts';
import { faultOf } from './faults.ts';

const quote = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

export const quoteQualified = (name: string): string => name.split('.').map(quote).join('.');

/** Rows of one statement: 1,000 in a VALUES list, and 2,100 parameters less what the protocol takes. */
export const rowsPerStatement = (capabilities: Capabilities, columns: number): number =>
  Math.max(1, Math.min(capabilities.maxRowsPerInsert, Math.floor(capabilities.maxParameters / columns)));

const clientOf = async (
  trx: Transaction,
): Promise<{ readonly client: MssqlClient; readonly connection: TediousConnection }> => {
  const client: MssqlClient = trx.sql.client;
  return { client, connection: await client.acquireConnection() };
};

/** Inserts by VALUES lists whose parameters have the types of their columns. */
export const insertRows = async <Row extends object>(
  trx: Transaction,
  lane: Lane,
  table: Table<Row>,
  rows: readonly Row[],
): Promise<void> => {
  const codec = tableCodec('mssql', table);
  const { client, connection } = await clientOf(trx);
  const width = codec.columns.length;
  const head = `insert into ${quoteQualified(trx.name(table))} (${codec.columns.map(({ name }) => quote(name)).join(', ')}) values `;
  const size = rowsPerStatement(trx.capabilities, width);
  await runOnLane(
    lane,
    async () => {
      for (let start = 0; start < rows.length; start += size) {
        lane.signal?.throwIfAborted();
        const chunk = rows.slice(start, start + size);
        const parameters = chunk.flatMap((row) =>
          codec.encode(row).map((value, index) => boundTo(codec.columns[index]?.column ?? never(), value)),
        );
        const lists = chunk.map(
          (_, row) => `(${codec.columns.map((__, column) => `@p${row * width + column}`).join(', ')})`,
        );
        await client.runBound(connection, head + lists.join(', '), parameters);
      }
    },
    (error) => client.translate(error),
  );
};

const never = (): never => {
  throw new Error('a value without a column');
};

/** Rows that are encoded in one go, 5 to 10 ms of work; then other work of the process gets its turn. */
const rowsInOneGo = 200;

/** The part of tedious's bulk load that its types leave out. */
type Timed = BulkLoad & { setTimeout(milliseconds: number | undefined): void };

/** Loads rows by TDS bulk load on the transaction's connection. Rows are encoded as they are sent. */
export const bulkLoad = <Row extends object>(
  trx: Transaction,
  lane: Lane,
  table: Table<Row>,
  rows: Iterable<Row>,
): Promise<number> =>
  runOnLane(
    lane,
    async () => {
      const codec = tableCodec('mssql', table);
      const { connection } = await clientOf(trx);
      let broken: { readonly error: unknown } | undefined;
      const encoded = function* (): Generator<Bindable[]> {
        let count = 0;
        try {
          for (const row of rows) {
            const values = codec.encode(row);
            count += 1;
            // The stream that the driver makes of this waits for a promise, and takes all else without a turn of the loop.
            yield count % rowsInOneGo === 0 ? (setImmediate(values) as unknown as Bindable[]) : values;
          }
        } catch (error) {
          // The driver reports its own error for it.
          broken = { error };
          throw error;
        }
      };
      return await inLine(
        connection,
        () =>
          new Promise<number>((resolve, reject) => {
            // KEEP_NULLS: a null is a null, not the default of the column.
            const bulk = connection.newBulkLoad(
              quoteQualified(trx.name(table)),
              { keepNulls: true },
              (error, count) => {
                if (broken !== undefined) reject(broken.error);
                else if (error) reject(faultOf(error));
                else resolve(count ?? 0);
              },
            ) as Timed;
            for (const { name, column } of codec.columns) {
              const { type, options } = bulkColumn(column);
              bulk.addColumn(name, type, { ...options, nullable: column.nullable });
            }
            if (lane.requestTimeoutMs !== undefined) bulk.setTimeout(lane.requestTimeoutMs);
            connection.execBulkLoad(bulk, encoded());
          }),
      );
    },
    (error) => (trx.sql.client as MssqlClient).translate(error),
  );
