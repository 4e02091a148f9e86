import { createHash } from 'node:crypto';
import { defaultFolders, type Folder, type FolderChange, samePath } from './folder.ts';
import type { StoredMessage } from './message.ts';
import { type Settled, type Spreading, settled } from './settled.ts';

export interface MailboxSettings {
  readonly imap: boolean;
  readonly pop: boolean;
  /** Set-CASMailbox -SmtpClientAuthenticationDisabled the other way round; undefined: as the tenant says. */
  readonly smtpAuth: boolean | undefined;
  /** A user's mailbox without a licence is none. */
  readonly licensed: boolean;
  /** Set-Mailbox -MessageCopyForSentAsEnabled. */
  readonly messageCopyForSentAs: boolean;
  /** False: the mailbox lies on premises, and Graph cannot reach it. */
  readonly inCloud: boolean;
}

export interface MailboxOptions extends Partial<MailboxSettings> {
  /** Primary SMTP address. */
  readonly address: string;
  /** User principal name; default: the address. */
  readonly principal?: string;
  readonly aliases?: readonly string[];
  /** Default `user`. */
  readonly kind?: 'user' | 'shared';
  readonly displayName?: string;
  /** Folders besides the default ones, `Parent/Child`. */
  readonly folders?: readonly string[];
}

export type MailboxEvent = 'changed' | 'moved';

/** One mailbox. Everything may be changed while servers run. */
export interface Mailbox {
  readonly tenantId: string;
  readonly kind: 'user' | 'shared';
  readonly address: string;
  readonly principal: string;
  /** All of its addresses, lower case. */
  readonly addresses: ReadonlySet<string>;
  readonly displayName: string;
  readonly settings: Settled<MailboxSettings>;
  /** Who may open it: user principal names, and object ids of service principals as Exchange knows them. Lower case. */
  readonly fullAccess: Settled<ReadonlySet<string>>;
  readonly sendAs: Settled<ReadonlySet<string>>;
  /** Rises when the mailbox is moved; what clients remember of the time before is worthless. */
  readonly generation: number;
  readonly folders: readonly Folder[];
  folder(path: string): Folder | undefined;
  createFolder(path: string): Folder;
  append(
    path: string,
    raw: Buffer,
    options?: { readonly flags?: readonly string[]; readonly internalDate?: number },
  ): StoredMessage;
  setFlags(folder: Folder, message: StoredMessage, flags: ReadonlySet<string>): void;
  remove(folder: Folder, messages: readonly StoredMessage[]): void;
  /** Gives the messages UIDs of the other folder, in their order; their ids stay. */
  transfer(from: Folder, messages: readonly StoredMessage[], to: Folder): readonly StoredMessage[];
  copy(messages: readonly StoredMessage[], to: Folder): readonly StoredMessage[];
  /** As after a migration: new UIDVALIDITY, UIDs from 1, new ids. MAIL-04. */
  move(): void;
  watch(listener: (event: MailboxEvent) => void): () => void;
}

interface MutableFolder extends Folder {
  uidValidity: number;
  uidNext: number;
  messages: StoredMessage[];
  changes: FolderChange[];
}

const digest = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url');

export const createMailbox = (options: MailboxOptions, context: Spreading & { readonly tenantId: string }): Mailbox => {
  const kind = options.kind ?? 'user';
  const principal = options.principal ?? options.address;
  const listeners = new Set<(event: MailboxEvent) => void>();
  const folders: MutableFolder[] = [];
  let generation = 0;
  let items = 0;
  let changes = 0;

  const tell = (event: MailboxEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const own = (folder: Folder): MutableFolder => {
    const found = folders.find((entry) => entry.id === folder.id);
    if (found === undefined) throw new Error(`The mailbox ${options.address} has no folder ${folder.path}.`);
    return found;
  };
  const note = (folder: MutableFolder, id: string, kindOfChange: FolderChange['kind']): void => {
    changes += 1;
    folder.changes.push({ at: changes, id, kind: kindOfChange });
  };
  const validity = (number: number): number => 14 + generation * 1_000 + number;
  const put = (folder: MutableFolder, message: Omit<StoredMessage, 'uid'>): StoredMessage => {
    const stored = { ...message, uid: folder.uidNext };
    folder.uidNext += 1;
    folder.messages.push(stored);
    note(folder, stored.id, 'created');
    return stored;
  };
  const identity = (): Pick<StoredMessage, 'id' | 'uidl'> => {
    items += 1;
    return {
      // Graph writes ids of this look, in characters that are safe in a URL.
      id: `AAkALg${digest(context.tenantId, options.address, generation, items)}AAA=`,
      uidl: `A${digest('uidl', options.address, generation, items).slice(0, 24)}`,
    };
  };
  const take = (folder: MutableFolder, gone: readonly StoredMessage[]): void => {
    const uids = new Set(gone.map(({ uid }) => uid));
    for (const message of folder.messages) if (uids.has(message.uid)) note(folder, message.id, 'removed');
    folder.messages = folder.messages.filter(({ uid }) => !uids.has(uid));
  };

  const createFolder = (path: string): Folder => {
    const before = folders.find((entry) => samePath(entry.path, path));
    if (before !== undefined) return before;
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (parent !== '') createFolder(parent);
    const folder: MutableFolder = {
      id: `AQMkA${digest('folder', context.tenantId, options.address, path).slice(0, 40)}AAA=`,
      path,
      wellKnown: defaultFolders.find((entry) => entry.path === path)?.wellKnown,
      uidValidity: validity(folders.length),
      uidNext: 1,
      messages: [],
      changes: [],
    };
    folders.push(folder);
    return folder;
  };
  for (const { path } of defaultFolders) createFolder(path);
  for (const path of options.folders ?? []) createFolder(path);

  const mailbox: Mailbox = {
    tenantId: context.tenantId,
    kind,
    address: options.address,
    principal,
    addresses: new Set([options.address, principal, ...(options.aliases ?? [])].map((text) => text.toLowerCase())),
    displayName: options.displayName ?? options.address.split('@')[0] ?? options.address,
    settings: settled<MailboxSettings>(
      {
        imap: options.imap ?? true,
        pop: options.pop ?? true,
        smtpAuth: options.smtpAuth,
        licensed: options.licensed ?? kind === 'user',
        messageCopyForSentAs: options.messageCopyForSentAs ?? false,
        inCloud: options.inCloud ?? true,
      },
      context,
    ),
    fullAccess: settled<ReadonlySet<string>>(new Set(), context),
    sendAs: settled<ReadonlySet<string>>(new Set(), context),
    get generation() {
      return generation;
    },
    folders,
    folder: (path) => folders.find((entry) => samePath(entry.path, path)),
    createFolder,
    append: (path, raw, { flags = [], internalDate } = {}) => {
      const folder = folders.find((entry) => samePath(entry.path, path));
      if (folder === undefined) throw new Error(`The mailbox ${options.address} has no folder ${path}.`);
      const message = put(folder, {
        ...identity(),
        raw: Buffer.from(raw),
        internalDate: internalDate ?? context.now(),
        flags: new Set(flags),
      });
      tell('changed');
      return message;
    },
    setFlags: (folder, message, flags) => {
      const before = [...message.flags].sort().join(' ');
      if (before === [...flags].sort().join(' ')) return;
      message.flags.clear();
      for (const flag of flags) message.flags.add(flag);
      note(own(folder), message.id, 'updated');
      tell('changed');
    },
    remove: (folder, gone) => {
      take(own(folder), gone);
      tell('changed');
    },
    transfer: (from, wanted, to) => {
      const moved = wanted.map((message) => put(own(to), message));
      take(own(from), wanted);
      tell('changed');
      return moved;
    },
    copy: (wanted, to) => {
      const copies = wanted.map((message) =>
        put(own(to), { ...message, ...identity(), flags: new Set(message.flags) }),
      );
      tell('changed');
      return copies;
    },
    move: () => {
      generation += 1;
      folders.forEach((folder, number) => {
        const before = folder.messages;
        folder.uidValidity = validity(number);
        folder.uidNext = 1;
        folder.messages = [];
        folder.changes = [];
        for (const message of before) put(folder, { ...message, ...identity() });
      });
      tell('moved');
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return mailbox;
};
