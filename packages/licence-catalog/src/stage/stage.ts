import { type Database, isKnownError, type Transaction } from '@itsm-m365/plugin-api';
import { takeNumbers } from '../counters.ts';
import type { Comparison, PublishCounts, Stage, StagedPerson, StageOptions } from '../model.ts';
import { numberOf, sql, tableIn } from '../sql.ts';
import { contacts, publications, stageAssignments, stageKeys, stageLinks, stagePersons, stages } from '../tables.ts';
import { countDifferences } from './compare.ts';
import { KeyMap } from './key-map.ts';
import { personKeys } from './person-keys.ts';
import { publishStage } from './publish.ts';
import { type Resolved, resolvePersons } from './resolve.ts';
import { assignmentRows, distinctAssignments, personRow } from './rows.ts';

/** Values of one `in (…)`; SQL Server takes 2,100 parameters. */
const idsPerQuery = 1_000;

const chunks = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(values.length / idsPerQuery) }, (_, index) =>
    values.slice(index * idsPerQuery, (index + 1) * idsPerQuery),
  );

const stagingTables = [stageAssignments, stagePersons, stageKeys, stageLinks] as const;

const removeRows = async (trx: Transaction, stage: number): Promise<void> => {
  const others = await trx.rows(stages, (query) => query.whereNot({ stage }).limit(1));
  // A delete without a condition is instant on SQLite; with several writers a new stage could appear meanwhile.
  const alone = others.length === 0 && !trx.capabilities.manyWriters;
  for (const table of stagingTables) {
    await trx.remove(table, (query) => (alone ? query : query.where({ stage })));
    await trx.breathe();
  }
};

/** Removes what dead runs left. A stage is cleaned twice: a node that lost its lease may have added to it meanwhile. */
const removeLeftOvers = async (trx: Transaction, portal: string): Promise<void> => {
  const old = await trx.rows(stages, (query) => query.where({ portal }));
  for (const { stage, closed } of old) {
    await removeRows(trx, stage);
    if (closed) await trx.remove(stages, (query) => query.where({ stage }));
    else await trx.update(stages, { closed: true }, (query) => query.where({ stage }));
  }
};

/** The row whose lock puts publications of a tenant in order has to be there before it can be locked. */
const ensureTenant = async (db: Database, tenant: string): Promise<void> => {
  const known = (trx: Transaction) => trx.rows(publications, (query) => query.where({ tenant }));
  if ((await db.read(known)).length > 0) return;
  try {
    await db.write((trx) => trx.insert(publications, [{ tenant, published_at: 0, version: 0 }]));
  } catch (error) {
    // Another node was faster.
    if (!isKnownError(error, 'DATABASE_CONSTRAINT')) throw error;
  }
};

class PortalStage implements Stage {
  readonly #db: Database;
  readonly #options: StageOptions;
  readonly #licences: ReadonlySet<number>;
  readonly #keyOf: (objectId: string) => number;
  readonly #rowOf = new KeyMap();
  #opened: Promise<number> | undefined;
  #rows = 0;
  #superseded: number[] = [];
  #resolved: Resolved | undefined;

  constructor(db: Database, options: StageOptions) {
    this.#db = db;
    this.#options = { ...options, tenant: options.tenant.toLowerCase() };
    this.#licences = new Set(options.licences);
    this.#keyOf = personKeys(options.random);
  }

  async add(page: readonly StagedPerson[]): Promise<void> {
    const stage = await this.#open();
    const persons = new Map(page.map((person) => [person.objectId.toLowerCase(), person]));
    const wanted = [...persons].map(([objectId, person]) => ({
      objectId,
      person,
      key: this.#keyOf(objectId),
      assignments: distinctAssignments(person, this.#licences),
    }));
    const known = await this.#knownContacts(
      wanted.filter(({ assignments }) => assignments.length === 0).map(({ objectId }) => objectId),
    );
    const personRows = [];
    const rowsOfAssignments = [];
    for (const { objectId, person, key, assignments } of wanted) {
      const before = this.#rowOf.get(key);
      if (before !== 0) this.#superseded.push(before);
      const counts = assignments.length > 0 || known.has(objectId);
      if (!counts && before === 0) continue;
      if (counts) this.#rows += 1;
      const place = { stage, seq: this.#rows, person: key, objectId };
      this.#rowOf.set(key, counts ? place.seq : 0);
      if (!counts) continue;
      personRows.push(personRow(place, person, assignments.length));
      rowsOfAssignments.push(...assignmentRows(place, assignments));
    }
    this.#resolved = undefined;
    await this.#removeSuperseded(stage);
    if (personRows.length > 0) await this.#db.load(stagePersons, personRows);
    if (rowsOfAssignments.length > 0) await this.#db.load(stageAssignments, rowsOfAssignments);
  }

  async compare(): Promise<Comparison> {
    const stage = await this.#open();
    this.#resolved = await this.#db.write((trx) => this.#resolve(trx, stage));
    return this.#db.read(async (trx) => {
      const persons = await numberOf(
        trx,
        sql`select count(*) as answer from ${tableIn(trx, stageKeys)} where stage = ${stage}`,
      );
      return { persons, ...(await countDifferences(trx, { stage, lastRow: this.#rows, persons }, this.#options)) };
    });
  }

  async publish(trx: Transaction, at: number): Promise<PublishCounts> {
    const stage = await this.#opened;
    if (stage === undefined) throw new TypeError('Nothing was staged: call add or compare before publish');
    // The field stays as it is: this transaction may roll back and run again.
    return publishStage(trx, stage, this.#options, at, async (inside, version) =>
      this.#resolved?.version === version ? this.#resolved : this.#resolve(inside, stage),
    );
  }

  async clear(): Promise<void> {
    if (this.#opened === undefined) return;
    const stage = await this.#opened;
    await this.#db.write(async (trx) => {
      await removeRows(trx, stage);
      await trx.remove(stages, (query) => query.where({ stage }));
    });
    this.#opened = undefined;
  }

  #open(): Promise<number> {
    this.#opened ??= this.#start().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #start(): Promise<number> {
    const { portal, tenant, ticket } = this.#options;
    await ensureTenant(this.#db, tenant);
    const stage = await takeNumbers(this.#db, 'stage', 1);
    await this.#db.write(async (trx) => {
      await removeLeftOvers(trx, portal);
      await trx.insert(stages, [{ stage, ticket, portal, closed: false }]);
    });
    return stage;
  }

  async #resolve(trx: Transaction, stage: number): Promise<Resolved> {
    return resolvePersons(trx, { stage, tenant: this.#options.tenant, lastRow: this.#rows });
  }

  async #knownContacts(objectIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (objectIds.length === 0) return new Set();
    const { tenant } = this.#options;
    return this.#db.read(async (trx) => {
      const known = new Set<string>();
      for (const ids of chunks(objectIds)) {
        const rows: { object_id: string }[] = await trx
          .from(contacts)
          .select('object_id')
          .where({ tenant })
          .whereIn('object_id', ids);
        for (const row of rows) known.add(row.object_id);
      }
      return known;
    });
  }

  /** Rows stay on the list until they are gone, so that a failed `add` can be repeated. */
  async #removeSuperseded(stage: number): Promise<void> {
    if (this.#superseded.length === 0) return;
    await this.#db.write(async (trx) => {
      for (const rows of chunks(this.#superseded))
        for (const table of [stageAssignments, stagePersons])
          await trx.remove(table, (query) => query.where({ stage }).whereIn('seq', rows));
    });
    this.#superseded = [];
  }
}

/** A stage for one listing of one portal; see {@link Stage}. Touches the database with the first `add` or `compare`. */
export const createStage = (db: Database, options: StageOptions): Stage => new PortalStage(db, options);
