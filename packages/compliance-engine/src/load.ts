import {
  assignments,
  evidence,
  folders,
  type LicenceRecord,
  type ProductRecord,
  products,
  readProducts,
  type SyncState,
} from '@itsm-m365/licence-catalog';
import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { type Counts, countHolders, type Held } from './count.ts';
import type { LicenceFacts, ProductFacts, SyncReason } from './engine/facts.ts';
import type { SubjectKind } from './engine/plan.ts';
import type { PortalInput } from './tables.ts';

/** A product or licence with all that the engine is told of it. */
export interface LoadedSubject {
  readonly subject: string;
  readonly kind: SubjectKind;
  readonly name: string;
  readonly portal: string;
  readonly facts: ProductFacts;
}

export interface Loaded {
  readonly subjects: readonly LoadedSubject[];
  /** How old the data of each portal is. */
  readonly inputs: readonly PortalInput[];
  readonly portalNames: ReadonlyMap<string, string>;
}

export interface LoadOptions {
  readonly signal: AbortSignal;
  /** Told after each batch of licences whose holders were counted. */
  counted(done: number, total: number): void;
}

const none: Held = { holders: 0, waiting: 0 };

const reasonsOf = (sync: SyncState): readonly SyncReason[] => (sync.state === 'synced' ? [] : [sync.reason]);

const licenceFacts = (appliesTo: 'User' | 'Company', { units, seats }: LicenceRecord): LicenceFacts => ({
  appliesTo,
  ...(units === undefined ? {} : { units }),
  ...(seats === undefined ? {} : { seats }),
});

/** A person who holds two licences of one product is one consumer of it, so the sum of two counts would be wrong. */
const heldOf = async (counts: Counts, { licences }: ProductRecord): Promise<Held> => {
  const [first, ...rest] = licences.map(({ number }) => number);
  if (first === undefined) return none;
  return rest.length > 0 ? counts.together([first, ...rest]) : (counts.each.get(first) ?? none);
};

const subjectsOf = async (product: ProductRecord, counts: Counts): Promise<LoadedSubject[]> => {
  const { portal, appliesTo, licences } = product;
  const { holders, waiting } = await heldOf(counts, product);
  const facts = {
    reasons: reasonsOf(product.sync),
    licences: licences.map((licence) => licenceFacts(appliesTo, licence)),
    consumers: holders,
    waiting,
  };
  return [
    { subject: product.id, kind: 'product', name: product.name, portal, facts },
    ...licences.map((licence): LoadedSubject => {
      const held = counts.each.get(licence.number) ?? none;
      const own = { licences: [licenceFacts(appliesTo, licence)], consumers: held.holders, waiting: held.waiting };
      const { id, name } = licence;
      return { subject: id, kind: 'licence', name, portal, facts: { reasons: reasonsOf(licence.sync), ...own } };
    }),
  ];
};

const loadInputs = async (trx: Transaction): Promise<PortalInput[]> => {
  // Portals are few and evidence is much: each portal looks at the end of its part of the index.
  const rows: { portal: string; data_as_of: unknown }[] = await trx.query(
    `select p.portal, (select max(e.observed_at) from ?? e where e.portal = p.portal) as data_as_of
     from (select distinct portal from ??) p order by p.portal`,
    [trx.name(evidence), trx.name(products)],
  );
  return rows.flatMap(({ portal, data_as_of }) =>
    data_as_of === null ? [] : [{ portal, dataAsOf: trx.decode('time', data_as_of) as Instant }],
  );
};

/** A portal is named by its folder: the settings that name it may be gone, or another plugin's. */
const loadPortalNames = async (trx: Transaction): Promise<Map<string, string>> => {
  const rows = await trx.rows(folders, (query) => query.where('system_key', 'like', 'm365:%'));
  return new Map(rows.map(({ system_key, system_name }) => [system_key.slice('m365:'.length), system_name]));
};

/** Everything a recalculation rests on, as it stood at one moment. */
export const load = (db: Database, { signal, counted }: LoadOptions): Promise<Loaded> =>
  db.read(
    async (trx) => {
      const records = await readProducts(trx);
      const numbers = records.flatMap(({ licences }) => licences.map(({ number }) => number)).sort((a, b) => a - b);
      const counts = await countHolders(trx, assignments, numbers, { signal, counted });
      const subjects: LoadedSubject[] = [];
      for (const product of records) subjects.push(...(await subjectsOf(product, counts)));
      return { subjects, inputs: await loadInputs(trx), portalNames: await loadPortalNames(trx) };
    },
    { signal },
  );
