import type { Folder } from '../exchange/folder.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import { messageIdOf, type StoredMessage } from '../exchange/message.ts';
import type { SimReply } from '../http.ts';
import { baseUrl, type GraphCall, ok, QueryProblem } from './call.ts';
import { folderItem, type Item, messageItem, selected } from './mail-items.ts';

const unsupported = (option: string): QueryProblem =>
  new QueryProblem('ErrorInvalidUrlQuery', `The query option '${option}' is not supported here.`);

const whole = (call: GraphCall, name: string, fallback: number, maximum: number): number => {
  const text = call.target.query.get(name);
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text) || Number(text) > maximum) {
    throw new QueryProblem('ErrorInvalidUrlQuery', `Invalid value '${text}' for ${name} query option found.`);
  }
  return Number(text);
};

/** A page by `$top` and `$skip`, which is how Outlook's listings go on. */
const paged = <T>(call: GraphCall, path: string, all: readonly T[], write: (entry: T) => Item): SimReply => {
  const top = whole(call, '$top', 10, 1_000);
  const skip = whole(call, '$skip', 0, 1_000_000);
  const options = [...call.target.query].filter(([name]) => name !== '$skip');
  const query = [...options, ['$skip', String(skip + top)] as const]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const next = skip + top < all.length ? { '@odata.nextLink': `${baseUrl(call)}${path}?${query}` } : {};
  return ok(JSON.stringify({ ...next, value: all.slice(skip, skip + top).map(write) }));
};

const quoted = (expression: string, property: string): string | undefined => {
  const found = new RegExp(`^${property}\\s+eq\\s+'((?:[^']|'')*)'$`).exec(expression.trim());
  return found?.[1]?.replaceAll("''", "'");
};

const messageFilter = (text: string | undefined): ((message: StoredMessage) => boolean) => {
  if (text === undefined) return () => true;
  const id = quoted(text, 'internetMessageId');
  if (id !== undefined) return ({ raw }) => messageIdOf(raw) === id;
  const read = /^isRead\s+eq\s+(true|false)$/.exec(text.trim())?.[1];
  if (read !== undefined) return ({ flags }) => flags.has('\\Seen') === (read === 'true');
  const since = /^receivedDateTime\s+(ge|gt)\s+(\S+)$/.exec(text.trim());
  const time = Date.parse(since?.[2] ?? '');
  if (Number.isNaN(time)) throw new QueryProblem('ErrorInvalidUrlQueryFilter', 'The filter is not supported here.');
  return ({ internalDate }) => (since?.[1] === 'gt' ? internalDate > time : internalDate >= time);
};

/** Messages of one folder or of all, newest first unless `$orderby` says otherwise. */
export const listMessages = (call: GraphCall, mailbox: Mailbox, folders: readonly Folder[], path: string): SimReply => {
  const { query } = call.target;
  const option = ['$search', '$expand', '$count'].find((name) => query.has(name));
  if (option !== undefined) throw unsupported(option);
  const order = query.get('$orderby')?.trim() ?? 'receivedDateTime desc';
  if (!/^receivedDateTime( asc| desc)?$/.test(order)) throw unsupported('$orderby');
  const matches = messageFilter(query.get('$filter'));
  const found = folders.flatMap((folder) =>
    folder.messages.filter(matches).map((message) => ({ folder, message, at: message.internalDate })),
  );
  const sign = order.endsWith(' desc') ? -1 : 1;
  found.sort((left, right) => sign * (left.at - right.at || left.message.uid - right.message.uid));
  return paged(call, path, found, ({ folder, message }) =>
    selected(messageItem(call, mailbox, folder, message), query.get('$select')),
  );
};

/** The folders of one level. */
export const listFolders = (call: GraphCall, mailbox: Mailbox, parent: Folder | undefined, path: string): SimReply => {
  const { query } = call.target;
  const option = ['$search', '$expand', '$orderby', '$count'].find((name) => query.has(name));
  if (option !== undefined) throw unsupported(option);
  const prefix = parent === undefined ? '' : `${parent.path}/`;
  const level = mailbox.folders.filter(
    ({ path: name }) => name.startsWith(prefix) && name !== prefix && !name.slice(prefix.length).includes('/'),
  );
  const filter = query.get('$filter');
  const name = filter === undefined ? undefined : quoted(filter, 'displayName');
  if (filter !== undefined && name === undefined) {
    throw new QueryProblem('ErrorInvalidUrlQueryFilter', 'The filter is not supported here.');
  }
  const items = level.map((folder) => folderItem(mailbox, folder));
  const kept = items.filter((item) => name === undefined || item.displayName === name);
  return paged(call, path, kept, (item) => item);
};
