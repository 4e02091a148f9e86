import type { GraphClient } from '@itsm-m365/graph-auth';
import type { Stage, StagedPerson } from '@itsm-m365/licence-catalog';
import { isKnownError, type Progress } from '@itsm-m365/plugin-api';
import { decodeDeltaEntry, removedPerson, type UserDecoder, userFields, watchedFields } from './decode/users.ts';
import { unreadable } from './decode/values.ts';
import { phases } from './phases.ts';
import { tooManyChanges } from './plan-reading.ts';

const select = `$select=${userFields.join(',')}`;
/** 999 is the most Graph gives; the default of 100 costs ten times the requests. */
const listing = `/users?$top=999&${select}`;
const deltaStart = `/users/delta?$deltatoken=latest&$select=${watchedFields.join(',')}`;
const batchSize = 20;

export interface LoadContext {
  readonly graph: GraphClient;
  readonly stage: Stage;
  readonly decoder: UserDecoder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Users of the last complete listing, to show how far this one is. */
  readonly usersBefore: number;
}

export interface Loaded {
  readonly users: number;
  readonly pages: number;
  /** Where the changes after this reading start; `''` where Graph offers none. */
  readonly deltaLink: string;
}

/**
 * Asks where later changes start, without reading any. Taken before the listing, so that what changes meanwhile is seen
 * twice and never missed. `''`: this kind of tenant has no delta (B2C, external).
 */
export const latestDeltaLink = async (graph: GraphClient, signal: AbortSignal): Promise<string> => {
  let link = '';
  try {
    for await (const page of graph.pages(deltaStart, { signal })) link = page.deltaLink ?? '';
  } catch (error) {
    if (!isKnownError(error, 'GRAPH_REFUSED') || error.details.graphCode !== 'Request_UnsupportedQuery') throw error;
  }
  return link;
};

/**
 * Stages every user, page by page. Throws `GRAPH_PAGE_TOKEN_EXPIRED` where Microsoft forgot the place, and whatever else
 * makes the listing incomplete; what was staged until then must not be published.
 */
export const stageListing = async (context: LoadContext): Promise<Loaded> => {
  const { graph, stage, decoder, progress, signal, usersBefore } = context;
  const deltaLink = await latestDeltaLink(graph, signal);
  let users = 0;
  let pages = 0;
  for await (const page of graph.pages(listing, { signal })) {
    users += page.value.length;
    // Taken out of the page: 2 MB of JSON are not to stay for as long as rows are written.
    await stage.add(page.value.splice(0).map(decoder.user));
    pages += 1;
    progress.report({ phase: phases.users, done: users, ...(usersBefore >= users ? { total: usersBefore } : {}) });
  }
  return { users, pages, deltaLink };
};

/** Number of users by Microsoft's own index; undefined where it cannot be asked (B2C). Costs one request. */
export const countUsers = async (graph: GraphClient, signal: AbortSignal): Promise<number | undefined> => {
  try {
    const answer = await graph.get('/users?$count=true&$top=1&$select=id', {
      headers: { ConsistencyLevel: 'eventual' },
      signal,
    });
    const count = answer['@odata.count'];
    return typeof count === 'number' ? count : undefined;
  } catch (error) {
    if (isKnownError(error, 'GRAPH_REFUSED')) return undefined;
    throw error;
  }
};

interface Changes {
  readonly changed: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  readonly pages: number;
  readonly deltaLink: string;
}

/** Who changed since the link. Undefined: so many that listing everybody is cheaper. */
const readChanges = async (context: LoadContext, link: string): Promise<Changes | undefined> => {
  const { graph, signal, usersBefore } = context;
  const changed = new Set<string>();
  const removed = new Set<string>();
  let pages = 0;
  let deltaLink = '';
  for await (const page of graph.pages(link, { signal })) {
    for (const value of page.value) {
      const entry = decodeDeltaEntry(value);
      (entry.removed ? removed : changed).add(entry.objectId);
    }
    // Memory stays bounded: a million changes end here after a few pages.
    if (tooManyChanges(changed.size, usersBefore)) return undefined;
    pages += 1;
    deltaLink = page.deltaLink ?? '';
  }
  // One id may come both ways and in any order; who counts as changed is read again, and found or not.
  for (const objectId of changed) removed.delete(objectId);
  return { changed, removed, pages, deltaLink };
};

const readUsers = async (context: LoadContext, ids: readonly string[]): Promise<StagedPerson[]> => {
  const requests = ids.map((id) => ({ id, url: `/users/${id}?${select}` }));
  const answers = await context.graph.batch(requests, { signal: context.signal });
  return ids.map((id) => {
    const answer = answers.get(id);
    if (answer === undefined) return unreadable('user', 'id', 'an answer for each id');
    if (answer.status === 404) return removedPerson(id);
    if (answer.error !== undefined) throw answer.error;
    const person = context.decoder.user(answer.body);
    return person.objectId === id ? person : unreadable('user', 'id', 'the user asked for');
  });
};

/**
 * Stages the users that changed since the link, each read again as a whole: delta does not carry licenseAssignmentStates.
 * Undefined: too many changed. Throws `GRAPH_DELTA_EXPIRED` where the link is no longer known.
 */
export const stageChanges = async (context: LoadContext, link: string): Promise<Loaded | undefined> => {
  const changes = await readChanges(context, link);
  if (changes === undefined) return undefined;
  const { stage, progress } = context;
  const changed = [...changes.changed];
  if (changes.removed.size > 0) await stage.add([...changes.removed].map(removedPerson));
  for (let start = 0; start < changed.length; start += batchSize) {
    await stage.add(await readUsers(context, changed.slice(start, start + batchSize)));
    progress.report({
      phase: phases.changes,
      done: Math.min(start + batchSize, changed.length),
      total: changed.length,
    });
  }
  return { users: changed.length + changes.removed.size, pages: changes.pages, deltaLink: changes.deltaLink };
};
