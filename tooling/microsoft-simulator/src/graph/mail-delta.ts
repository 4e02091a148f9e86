import { createHash } from 'node:crypto';
import type { Folder } from '../exchange/folder.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import type { SimReply } from '../http.ts';
import { baseUrl, type GraphCall, graphError, ok, QueryProblem, strike } from './call.ts';
import { type Item, idOf, messageItem, selected } from './mail-items.ts';

/** Where a delta walk over a folder stands; the client carries it. */
interface SyncState {
  readonly address: string;
  readonly folder: string;
  readonly generation: number;
  readonly select?: string;
  readonly changeType?: string;
  /** Changes after `from` (absent: the first round, all messages) up to `to`. */
  readonly from?: number;
  readonly to: number;
  /** First round: messages with lower UIDs are still to come. Later: how many changes were given. */
  readonly position: number;
}

const seal = (text: string): string =>
  createHash('sha256').update(`sync-state${text}`).digest('base64url').slice(0, 10);

const encode = (state: SyncState): string => {
  const text = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${seal(text)}${text}`;
};

const decode = (text: string): SyncState => {
  if (text.length < 11 || seal(text.slice(10)) !== text.slice(0, 10)) {
    throw new QueryProblem('BadRequest', 'Badly formed token.');
  }
  return JSON.parse(Buffer.from(text.slice(10), 'base64url').toString('utf8')) as SyncState;
};

const pageSize = (call: GraphCall): number => {
  const asked = Number(/odata\.maxpagesize=(\d+)/i.exec(call.headers.prefer ?? '')?.[1] ?? Number.NaN);
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked, 1_000) : 10;
};

const gone = (call: GraphCall, status = 410, code = 'SyncStateNotFound'): SimReply =>
  graphError(call, status, code, 'The sync state generation is not found; sync from the start.');

const lastChange = (folder: Folder): number => folder.changes.at(-1)?.at ?? 0;

const startOf = (call: GraphCall, mailbox: Mailbox, folder: Folder): SyncState => {
  const { query } = call.target;
  const refused = ['$filter', '$orderby', '$search', '$top', '$expand'].find((name) => query.has(name));
  if (refused !== undefined)
    throw new QueryProblem('ErrorInvalidUrlQuery', `The query option '${refused}' is not supported here.`);
  const select = query.get('$select');
  const changeType = query.get('changeType');
  return {
    address: mailbox.address,
    folder: folder.id,
    generation: mailbox.generation,
    ...(select === undefined ? {} : { select }),
    ...(changeType === undefined ? {} : { changeType }),
    to: lastChange(folder),
    position: folder.uidNext,
  };
};

interface Slice {
  readonly items: readonly Item[];
  readonly next: number | undefined;
}

/** All messages, newest first: Graph promises no order. */
const firstRound = (call: GraphCall, mailbox: Mailbox, folder: Folder, state: SyncState): Slice => {
  const size = pageSize(call);
  const left = folder.messages.filter(({ uid }) => uid < state.position).reverse();
  const page = left.slice(0, size);
  const items = page.map((message) => selected(messageItem(call, mailbox, folder, message), state.select));
  return { items, next: left.length > size ? page.at(-1)?.uid : undefined };
};

/** What changed, each message once: new ones whole, others with what changed alone, those that left as removed. */
const laterRound = (call: GraphCall, mailbox: Mailbox, folder: Folder, state: SyncState): Slice => {
  const window = folder.changes.filter(({ at }) => at > (state.from ?? 0) && at <= state.to);
  const kinds = new Map<string, 'created' | 'updated' | 'deleted'>();
  for (const { id, kind } of window) {
    const before = kinds.get(id);
    kinds.delete(id);
    kinds.set(id, kind === 'removed' ? 'deleted' : before === 'created' ? 'created' : kind);
  }
  const present = new Map(folder.messages.map((message) => [message.id, message]));
  const wanted = [...kinds].filter(([, kind]) => state.changeType === undefined || kind === state.changeType);
  const size = pageSize(call);
  const items = wanted.slice(state.position, state.position + size).map(([id, kind]): Item => {
    const message = present.get(id);
    if (message === undefined) return { id, '@removed': { reason: 'deleted' } };
    if (kind === 'created') return selected(messageItem(call, mailbox, folder, message), state.select);
    return { id: idOf(call, mailbox, folder, message), isRead: message.flags.has('\\Seen') };
  });
  const next = state.position + size;
  return { items, next: next < wanted.length ? next : undefined };
};

/** `/mailFolders/{id}/messages/delta`. Graph page: Get incremental changes to messages in a folder. */
export const messagesDelta = (call: GraphCall, mailbox: Mailbox, folder: Folder, path: string): SimReply => {
  const { query } = call.target;
  const text = query.get('$skiptoken') ?? query.get('$deltatoken');
  const opened = text === undefined ? startOf(call, mailbox, folder) : decode(text);
  if (text !== undefined) {
    const lost = strike(call, 'sync-state-not-found');
    if (lost !== undefined) return gone(call, lost.status ?? 410, lost.code);
    const same = opened.address === mailbox.address && opened.folder === folder.id;
    if (!same || opened.generation !== mailbox.generation) return gone(call);
  }
  // A delta link opens a new round, up to now.
  const state = query.has('$deltatoken') ? { ...opened, from: opened.to, to: lastChange(folder), position: 0 } : opened;
  const { items, next } = (state.from === undefined ? firstRound : laterRound)(call, mailbox, folder, state);
  const link = `${baseUrl(call)}${path}/delta?`;
  return ok(
    JSON.stringify({
      '@odata.context': `${baseUrl(call)}/$metadata#Collection(message)`,
      ...(next === undefined
        ? { '@odata.deltaLink': `${link}$deltatoken=${encode({ ...state, position: 0 })}` }
        : { '@odata.nextLink': `${link}$skiptoken=${encode({ ...state, position: next })}` }),
      value: items,
    }),
  );
};
