import { type Database, isKnownError, type Transaction } from '@itsm-m365/plugin-api';
import { takeNumbers } from '../counters.ts';
import type { Comparison, PublishCounts, Stage, StagedPerson, StageOptions } from '../model.ts';
import { exists, numberOf, sql, tableIn } from '../sql.ts';
import {
  contacts,
  publications,
  type StageAssignmentRow,
  type StagePersonRow,
  stageAssignments,
  stageKeys,
  stageLinks,
  stagePersons,
  stages,
} from '../tables.ts';
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

/** Rows that are gathered before they are written: about three pages of Graph. */
const rowsPerLoad = 10_000;

/** Rows that are not written yet. */
interface Gathered {
  readonly persons: StagePersonRow[];
  readonly assignments: StageAssignmentRow[];
  /** Numbers of rows, written or gathered, whose person came again. */
  readonly superseded: number[];
}

const nothingYet = (): Gathered => ({ persons: [], assignments: [], superseded: [] });

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
  /**
   * The tenant had contacts when this stage began. If not, nobody without a licence is looked for: whoever another portal
   * of the tenant adds meanwhile has been read a moment ago.
   */
  #settled = true;
  #rows = 0;
  #gathered = nothingYet();
  /** What was gathered last is written, or could not be. */
  #stored: Promise<void> = Promise.resolve();
  #writing = false;
  #resolved: Resolved | undefined;

  constructor(db: Database, options: StageOptions) {
    this.#db = db;
    this.#options = { ...options, tenant: options.tenant.toLowerCase() };
    this.#licences = new Set(options.licences);
    this.#keyOf = personKeys(options.random);
  }

  /** Not async: nothing that waits for the database here is to hold the page. */
  add(page: readonly StagedPerson[]): Promise<void> {
    return this.#open()
      .then((stage) => this.#gather(stage, page))
      .then((full) => (full ? this.#write() : undefined));
  }

  /** Tells whether enough is gathered to be written. */
  async #gather(stage: number, page: readonly StagedPerson[]): Promise<boolean> {
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
    const gathered = this.#gathered;
    for (const { objectId, person, key, assignments } of wanted) {
      const before = this.#rowOf.get(key);
      if (before !== 0) gathered.superseded.push(before);
      const counts = assignments.length > 0 || known.has(objectId);
      if (!counts && before === 0) continue;
      if (counts) this.#rows += 1;
      const place = { stage, seq: this.#rows, person: key, objectId };
      this.#rowOf.set(key, counts ? place.seq : 0);
      if (!counts) continue;
      gathered.persons.push(personRow(place, person, assignments.length));
      gathered.assignments.push(...assignmentRows(place, assignments));
    }
    this.#resolved = undefined;
    return gathered.persons.length + gathered.assignments.length >= rowsPerLoad;
  }

  async compare(): Promise<Comparison> {
    const stage = await this.#open();
    await this.#write();
    await this.#stored;
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
    if (stage === undefined) throw new TypeError('Nothing was staged: call compare before publish');
    // Waiting here could be for ever: the rows may wait for the end of this very transaction.
    const { persons, superseded } = this.#gathered;
    if (this.#writing || persons.length + superseded.length > 0) {
      throw new TypeError('Rows are still to be written: call compare before publish');
    }
    await this.#stored;
    // The field stays as it is: this transaction may roll back and run again.
    return publishStage(trx, stage, this.#options, at, async (inside, version) =>
      this.#resolved?.version === version ? this.#resolved : this.#resolve(inside, stage),
    );
  }

  async clear(): Promise<void> {
    if (this.#opened === undefined) return;
    const stage = await this.#opened;
    await this.#stored.catch(() => undefined);
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
    this.#settled = await this.#db.write(async (trx) => {
      await removeLeftOvers(trx, portal);
      await trx.insert(stages, [{ stage, ticket, portal, closed: false }]);
      return exists(trx, contacts, sql`tenant = ${tenant}`);
    });
    return stage;
  }

  async #resolve(trx: Transaction, stage: number): Promise<Resolved> {
    return resolvePersons(trx, { stage, tenant: this.#options.tenant, lastRow: this.#rows });
  }

  async #knownContacts(objectIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (objectIds.length === 0 || !this.#settled) return new Set();
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

  /** Has what is gathered written, once what was gathered before is; does not wait for it. */
  async #write(): Promise<void> {
    const stage = await this.#open();
    const gathered = this.#gathered;
    this.#gathered = nothingYet();
    await this.#stored;
    this.#writing = true;
    this.#stored = this.#store(stage, gathered).finally(() => {
      this.#writing = false;
    });
    // Told by a later call, `compare` at the latest.
    this.#stored.catch(() => undefined);
  }

  async #store(stage: number, { persons, assignments, superseded }: Gathered): Promise<void> {
    if (superseded.length === 0) return this.#load(persons, assignments);
    await this.#db.write(async (trx) => {
      for (const seqs of chunks(superseded))
        for (const table of [stageAssignments, stagePersons])
          await trx.remove(table, (query) => query.where({ stage }).whereIn('seq', seqs));
    });
    const gone = new Set(superseded);
    const stays = ({ seq }: { readonly seq: number }): boolean => !gone.has(seq);
    await this.#load(persons.filter(stays), assignments.filter(stays));
  }

  /** Side by side where the database takes several writers. What was begun is over when this ends. */
  async #load(persons: readonly StagePersonRow[], assignments: readonly StageAssignmentRow[]): Promise<void> {
    const loads = [
      ...(persons.length > 0 ? [this.#db.load(stagePersons, persons)] : []),
      ...(assignments.length > 0 ? [this.#db.load(stageAssignments, assignments)] : []),
    ];
    for (const load of await Promise.allSettled(loads)) if (load.status === 'rejected') throw load.reason;
  }
}

/** A stage for one listing of one portal; see {@link Stage}. Touches the database with the first `add` or `compare`. */
export const createStage = (db: Database, options: StageOptions): Stage => new PortalStage(db, options);
