import { instant } from '../clock.ts';
import type { Folder } from '../exchange/folder.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import { addressesIn, headerFields, headerText, type NamedAddress, type StoredMessage } from '../exchange/message.ts';
import { type GraphCall, QueryProblem } from './call.ts';

export type Item = Readonly<Record<string, unknown>>;

export const wantsImmutableIds = (call: GraphCall): boolean =>
  /\bIdType\s*=\s*"?ImmutableId"?/i.test(call.headers.prefer ?? '');

/** Without the Prefer header an id names the place as well, and changes with it. Graph page: Obtain immutable identifiers. */
export const idOf = (call: GraphCall, mailbox: Mailbox, folder: Folder, message: StoredMessage): string => {
  if (wantsImmutableIds(call)) return message.id;
  const place = Buffer.from(`${folder.id.slice(5, 17)}:${mailbox.generation}:${message.uid}`).toString('base64url');
  return `AAMkAD${place}AAA=`;
};

export const notFound = (): QueryProblem =>
  new QueryProblem('ErrorItemNotFound', 'The specified object was not found in the store.', 404);

/** A folder by id or well-known name. */
export const folderOf = (mailbox: Mailbox, key: string): Folder => {
  const name = key.toLowerCase();
  const found = mailbox.folders.find((folder) => folder.id === key || folder.wellKnown === name);
  if (found === undefined) throw notFound();
  return found;
};

/** A message by either kind of id, in any folder. */
export const messageOf = (
  mailbox: Mailbox,
  key: string,
): { readonly folder: Folder; readonly message: StoredMessage } => {
  const place = /^AAMkAD([\w-]+)AAA=$/.exec(key)?.[1];
  const [folderKey, generation, uid] = Buffer.from(place ?? '', 'base64url')
    .toString('utf8')
    .split(':');
  for (const folder of mailbox.folders) {
    const here = folder.id.slice(5, 17) === folderKey && Number(generation) === mailbox.generation;
    const message = folder.messages.find((entry) => entry.id === key || (here && entry.uid === Number(uid)));
    if (message !== undefined) return { folder, message };
  }
  throw notFound();
};

const recipient = ({ name, address }: NamedAddress): Item => ({ emailAddress: { name: name || address, address } });

/** The properties of a message that Graph gives unasked, as far as they are known here, and its headers. */
export const messageItem = (call: GraphCall, mailbox: Mailbox, folder: Folder, message: StoredMessage): Item => {
  const fields = headerFields(message.raw);
  const field = (name: string): string | undefined => fields.find((entry) => entry.name === name)?.value;
  const received = instant(message.internalDate);
  const [from] = addressesIn(field('from'));
  const type = field('content-type') ?? 'text/plain';
  const text = message.raw.subarray(Buffer.byteLength(headerText(message.raw), 'latin1')).toString('utf8');
  return {
    '@odata.etag': `W/"${message.id.slice(5, 25)}"`,
    id: idOf(call, mailbox, folder, message),
    createdDateTime: received,
    lastModifiedDateTime: received,
    receivedDateTime: received,
    sentDateTime: received,
    hasAttachments: /^multipart\/mixed/i.test(type),
    internetMessageId: field('message-id') ?? '',
    subject: field('subject') ?? '',
    bodyPreview: text.slice(0, 255),
    importance: 'normal',
    parentFolderId: folder.id,
    conversationId: `AAQk${message.id.slice(8, 40)}`,
    isRead: message.flags.has('\\Seen'),
    isDraft: message.flags.has('\\Draft'),
    body: { contentType: /^text\/html/i.test(type) ? 'html' : 'text', content: text },
    ...(from === undefined ? {} : { sender: recipient(from), from: recipient(from) }),
    toRecipients: addressesIn(field('to')).map(recipient),
    ccRecipients: addressesIn(field('cc')).map(recipient),
    bccRecipients: [],
    flag: { flagStatus: message.flags.has('\\Flagged') ? 'flagged' : 'notFlagged' },
    internetMessageHeaders: fields.map(({ name, value }) => ({ name, value })),
  };
};

/** `$select`; the headers come only when asked for. */
export const selected = (item: Item, select: string | undefined): Item => {
  const names = select?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !Object.hasOwn(item, name) && !['from', 'sender'].includes(name));
  if (unknown !== undefined) {
    const message = `Could not find a property named '${unknown}' on type 'Microsoft.OutlookServices.Message'.`;
    throw new QueryProblem('RequestBroker--ParseUri', message);
  }
  const kept = Object.entries(item).filter(
    ([name]) =>
      name === 'id' ||
      name.startsWith('@') ||
      (names === undefined ? name !== 'internetMessageHeaders' : names.includes(name)),
  );
  return Object.fromEntries(kept);
};

export const folderItem = (mailbox: Mailbox, folder: Folder): Item => {
  const slash = folder.path.lastIndexOf('/');
  const parent = slash < 0 ? undefined : mailbox.folder(folder.path.slice(0, slash));
  const children = mailbox.folders.filter(
    ({ path }) => path.startsWith(`${folder.path}/`) && !path.slice(folder.path.length + 1).includes('/'),
  );
  return {
    id: folder.id,
    displayName: folder.path === 'INBOX' ? 'Inbox' : folder.path.slice(slash + 1),
    parentFolderId: parent?.id ?? 'AQMkAGroot',
    childFolderCount: children.length,
    unreadItemCount: folder.messages.filter(({ flags }) => !flags.has('\\Seen')).length,
    totalItemCount: folder.messages.length,
    isHidden: false,
  };
};
