import type { Transaction } from '@itsm-m365/plugin-api';
import { execute, exists, numberOf, sql, tableIn } from '../sql.ts';
import { contacts, publications, stageKeys, stageLinks, stagePersons } from '../tables.ts';

/** Rows that one statement takes from the stage. */
const block = 20_000;

export interface Resolved {
  /** Version of the tenant's contacts for which the keys are right. */
  readonly version: number;
  /** Persons for whom mail or UPN fits several contacts, or one that fits others too. */
  readonly ambiguous: number;
}

export const tenantVersion = async (trx: Transaction, tenant: string): Promise<number> => {
  const [row] = await trx.rows(publications, (query) => query.where({ tenant }));
  return row?.version ?? 0;
};

/** Finds the contact of every staged person by (tenant, object id); who has none keeps the fresh key. */
const findContacts = async (trx: Transaction, stage: number, tenant: string, lastRow: number): Promise<void> => {
  for (let after = 0; after < lastRow; after += block) {
    await execute(
      trx,
      sql`insert into ${tableIn(trx, stageKeys)} (stage, person, seq, known)
        select s.stage, coalesce(c.person, s.person), s.seq, case when c.person is null then 0 else 1 end
        from ${tableIn(trx, stagePersons)} s
        left join ${tableIn(trx, contacts)} c on c.tenant = ${tenant} and c.object_id = s.object_id
        where s.stage = ${stage} and s.seq > ${after} and s.seq <= ${after + block}
          and (c.person is not null or s.assignments > 0)
        order by coalesce(c.person, s.person)`,
    );
    await trx.breathe();
  }
};

const fits = ['mail_key', 'upn_key'] as const;

/** Pairs of a new person and a contact without a directory that has the same mail, or the same UPN. */
const findLinks = async (trx: Transaction, stage: number, lastRow: number): Promise<void> => {
  const links = tableIn(trx, stageLinks);
  for (let after = 0; after < lastRow; after += block) {
    for (const column of fits) {
      const name = { text: column, bindings: [] };
      await execute(
        trx,
        sql`insert into ${links} (stage, person, contact)
          select k.stage, k.person, c.person
          from ${tableIn(trx, stagePersons)} s
          join ${tableIn(trx, stageKeys)} k on k.stage = s.stage and k.seq = s.seq and k.person = s.person
          join ${tableIn(trx, contacts)} c on c.tenant = '' and c.${name} = s.${name}
          where s.stage = ${stage} and s.seq > ${after} and s.seq <= ${after + block} and s.${name} <> ''
            and k.known = ${trx.encode('flag', false)}
            and not exists (select 1 from ${links} l
              where l.stage = k.stage and l.person = k.person and l.contact = c.person)`,
      );
    }
    await trx.breathe();
  }
};

/** Keeps the links where one person and one contact fit each other and nobody else, and takes the contact's key. */
const takeLinks = async (trx: Transaction, stage: number): Promise<number> => {
  const links = tableIn(trx, stageLinks);
  const others = sql`exists (select 1 from ${links} o where o.stage = lic_stage_link.stage
    and ((o.person = lic_stage_link.person and o.contact <> lic_stage_link.contact)
      or (o.contact = lic_stage_link.contact and o.person <> lic_stage_link.person)))`;
  const ambiguous = await numberOf(
    trx,
    sql`select count(distinct person) as answer from ${links} where stage = ${stage} and ${others}`,
  );
  if (ambiguous > 0) await execute(trx, sql`delete from ${links} where stage = ${stage} and ${others}`);
  const link = sql`from ${links} l where l.stage = lic_stage_key.stage and l.person = lic_stage_key.person`;
  await execute(
    trx,
    sql`update ${tableIn(trx, stageKeys)} set known = ${trx.encode('flag', true)}, person = (select l.contact ${link})
      where stage = ${stage} and exists (select 1 ${link})`,
  );
  return ambiguous;
};

/**
 * Gives every staged person their key in history. May run again at any time: it starts afresh. Runs once before the
 * comparison, and again inside the publication where contacts of the tenant changed in between.
 */
export const resolvePersons = async (
  trx: Transaction,
  { stage, tenant, lastRow }: { readonly stage: number; readonly tenant: string; readonly lastRow: number },
): Promise<Resolved> => {
  const version = await tenantVersion(trx, tenant);
  await trx.remove(stageKeys, (query) => query.where({ stage }));
  await trx.remove(stageLinks, (query) => query.where({ stage }));
  await findContacts(trx, stage, tenant, lastRow);
  if (!(await exists(trx, contacts, sql`tenant = ''`))) return { version, ambiguous: 0 };
  await findLinks(trx, stage, lastRow);
  return { version, ambiguous: await takeLinks(trx, stage) };
};
