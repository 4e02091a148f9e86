import type { GraphClient } from '@itsm-m365/graph-auth';
import type { Database, Instant } from '@itsm-m365/plugin-api';
import { type createDefects, softText } from './decode/values.ts';
import { type GroupNameRow, groupNames } from './tables.ts';

const week = 7 * 24 * 60 * 60_000;
const batchSize = 20;
/** Groups of one run: the rest follows with the next ones. */
const limit = 2000;

export interface GroupNamesContext {
  readonly graph: GraphClient;
  readonly db: Database;
  readonly tenant: string;
  readonly now: Instant;
  readonly signal: AbortSignal;
  readonly defects: ReturnType<typeof createDefects>;
}

export type GroupNamesResult = 'read' | 'refused';

const readBatch = async (context: GroupNamesContext, ids: readonly string[]): Promise<GroupNameRow[] | 'refused'> => {
  const requests = ids.map((id) => ({ id, url: `/groups/${id}?$select=id,displayName` }));
  const answers = await context.graph.batch(requests, { signal: context.signal });
  const rows: GroupNameRow[] = [];
  for (const id of ids) {
    const answer = answers.get(id);
    if (answer === undefined || answer.status === 403) return 'refused';
    // A group that was deleted meanwhile, or fails for another reason, shows its id as before.
    if (answer.error !== undefined) continue;
    const name = softText(answer.body.displayName, 256, 'group.displayName', context.defects);
    rows.push({ tenant: context.tenant, group_id: id, name, read_at: context.now });
  }
  return rows;
};

/**
 * Reads names of groups that licences come from, where the application may (GroupMember.Read.All is optional). One batch
 * tells whether it may. Repeats harmlessly; groups whose name is known for less than a week are not asked for.
 */
export const readGroupNames = async (
  context: GroupNamesContext,
  seen: ReadonlySet<string>,
): Promise<GroupNamesResult> => {
  const { db, tenant, now, signal } = context;
  const known = await db.read((trx) => trx.rows(groupNames, (query) => query.where({ tenant })));
  const fresh = new Set(known.filter((row) => now - row.read_at < week).map((row) => row.group_id));
  const stale = new Set(known.map((row) => row.group_id));
  const wanted = [...seen].filter((id) => !fresh.has(id)).slice(0, limit);
  for (let start = 0; start < wanted.length; start += batchSize) {
    const rows = await readBatch(context, wanted.slice(start, start + batchSize));
    if (rows === 'refused') return 'refused';
    await db.write(
      async (trx) => {
        for (const row of rows.filter(({ group_id }) => stale.has(group_id))) {
          await trx.update(groupNames, row, (query) => query.where({ tenant, group_id: row.group_id }));
        }
        const added = rows.filter(({ group_id }) => !stale.has(group_id));
        if (added.length > 0) await trx.insert(groupNames, added);
      },
      { signal },
    );
  }
  return 'read';
};
