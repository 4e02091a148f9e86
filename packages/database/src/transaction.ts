import type { Capabilities, ColumnType, DialectName, Table, Transaction, Where } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';
import type { Engine } from './engine.ts';
import { databaseErrors } from './errors.ts';
import type { Lane } from './lane.ts';
import { decodeValue, encodeValue, tableCodec } from './rows.ts';

interface BuiltQuery {
  readonly _statements: readonly { readonly grouping: string }[];
}

const refuseJoins = (query: Knex.QueryBuilder): void => {
  const { _statements } = query as unknown as BuiltQuery;
  if (_statements.some(({ grouping }) => grouping === 'join'))
    throw databaseErrors.DATABASE_MISUSED({
      reason: 'a join in an update or delete, which SQLite drops silently; use WHERE EXISTS',
    });
};

/** The transaction that work gets. Times, flags and the rest pass `rows.ts`; what differs by engine is in `Engine`. */
export class EngineTransaction implements Transaction {
  readonly sql: Knex.Transaction;
  readonly capabilities: Capabilities;
  readonly dialect: DialectName;
  readonly #engine: Engine;
  readonly #lane: Lane;

  constructor(engine: Engine, sql: Knex.Transaction, lane: Lane) {
    this.sql = sql;
    this.dialect = engine.dialect;
    this.capabilities = engine.capabilities;
    this.#engine = engine;
    this.#lane = lane;
  }

  name(table: Pick<Table, 'name'>): string {
    return this.#engine.name(table);
  }

  from(table: Pick<Table, 'name'>, alias?: string): Knex.QueryBuilder {
    const name = this.name(table);
    return this.sql(alias === undefined ? name : { [alias]: name });
  }

  async rows<Row extends object>(table: Table<Row>, where?: Where): Promise<Row[]> {
    const codec = tableCodec(this.dialect, table);
    const query = this.from(table).select(codec.columns.map(({ name }) => `${table.name}.${name}`));
    where?.(query);
    const found: Record<string, unknown>[] = await query;
    return found.map(codec.decode);
  }

  async insert<Row extends object>(table: Table<Row>, rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await this.#engine.insert(this, this.#lane, table, rows);
  }

  async update<Row extends object>(table: Table<Row>, patch: Partial<Row>, where: Where): Promise<number> {
    const codec = tableCodec(this.dialect, table);
    const values: Record<string, Knex.RawBinding> = {};
    for (const [name, value] of Object.entries(patch)) {
      const column = codec.column(name);
      if (value !== undefined) values[name] = this.#engine.bind(column, value);
    }
    if (Object.keys(values).length === 0) return 0;
    const query = this.from(table);
    where(query);
    refuseJoins(query);
    return Number(await query.update(values));
  }

  async remove(table: Pick<Table, 'name'>, where: Where): Promise<number> {
    const query = this.from(table);
    where(query);
    refuseJoins(query);
    return Number(await query.delete());
  }

  execute(sql: string, bindings: readonly Knex.RawBinding[] = []): Promise<number> {
    return this.#engine.execute(this.sql, sql, bindings);
  }

  async query<Row extends object>(sql: string, bindings: readonly Knex.RawBinding[] = []): Promise<Row[]> {
    const answer: unknown = await this.sql.raw(sql, bindings);
    return this.#engine.rowsOf(answer) as Row[];
  }

  encode(type: ColumnType['kind'], value: unknown): Knex.Value {
    return encodeValue(this.dialect, type, value);
  }

  decode(type: ColumnType['kind'], value: unknown): unknown {
    return decodeValue(type, value);
  }

  breathe(): Promise<void> {
    return this.#engine.breathe();
  }
}
