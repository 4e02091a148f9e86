import { defaultFolders, type Folder } from '../folder.ts';
import type { Mailbox } from '../mailbox.ts';
import { decodeName, encodeName, matcher } from './folder-names.ts';
import { type Handler, type Opened, Refusal } from './state.ts';
import { itemsOf, quote, textOf } from './syntax.ts';
import { openView } from './view.ts';

const flags = '\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent';

export const folderNamed = (mailbox: Mailbox, name: string): Folder => {
  const path = decodeName(name);
  const folder = mailbox.folder(path);
  if (folder === undefined) throw new Refusal(`NO ${name} doesn't exist.`);
  return folder;
};

const attributes = (mailbox: Mailbox, folder: Folder): string => {
  const children = mailbox.folders.some((other) => other.path.startsWith(`${folder.path}/`));
  const use = defaultFolders.find((entry) => entry.path === folder.path)?.use ?? '';
  return [children ? '\\HasChildren' : '\\HasNoChildren', ...(use === '' ? [] : [use])].join(' ');
};

const listed =
  (word: 'LIST' | 'LSUB'): Handler<Opened> =>
  async ({ mailbox, say }, { args }) => {
    const pattern = `${textOf(args[0])}${textOf(args[1])}`;
    if (textOf(args[1]) === '') await say(`* ${word} (\\Noselect \\HasChildren) "/" ""`);
    else {
      const matches = matcher(decodeName(pattern));
      for (const folder of mailbox.folders.filter(({ path }) => matches(path))) {
        await say(`* ${word} (${attributes(mailbox, folder)}) "/" ${quote(encodeName(folder.path))}`);
      }
    }
    return `OK ${word} completed.`;
  };

const opened =
  (readOnly: boolean): Handler<Opened> =>
  async ({ mailbox, state, say }, { args, name }) => {
    // A SELECT that fails leaves no folder selected (RFC 9051 6.3.2).
    state.view = undefined;
    const folder = folderNamed(mailbox, textOf(args[0]));
    state.view = openView(folder, readOnly);
    const unseen = folder.messages.findIndex((message) => !message.flags.has('\\Seen'));
    const lines = [
      `* ${folder.messages.length} EXISTS`,
      '* 0 RECENT',
      `* FLAGS (${flags})`,
      `* OK [PERMANENTFLAGS (${readOnly ? '' : flags})] Permanent flags`,
      ...(unseen < 0 ? [] : [`* OK [UNSEEN ${unseen + 1}] Is the first unseen message`]),
      `* OK [UIDVALIDITY ${folder.uidValidity}] UIDVALIDITY value`,
      `* OK [UIDNEXT ${folder.uidNext}] The next unique identifier value`,
    ];
    for (const line of lines) await say(line);
    return `OK [${readOnly ? 'READ-ONLY' : 'READ-WRITE'}] ${name} completed.`;
  };

const status: Handler<Opened> = async ({ mailbox, say }, { args }) => {
  const folder = folderNamed(mailbox, textOf(args[0]));
  const values: Readonly<Record<string, number>> = {
    MESSAGES: folder.messages.length,
    RECENT: 0,
    UIDNEXT: folder.uidNext,
    UIDVALIDITY: folder.uidValidity,
    UNSEEN: folder.messages.filter((message) => !message.flags.has('\\Seen')).length,
  };
  const pairs = itemsOf(args[1]).map((item) => {
    const name = textOf(item).toUpperCase();
    if (!Object.hasOwn(values, name)) throw new Refusal('BAD Command Argument Error. 11');
    return `${name} ${values[name]}`;
  });
  await say(`* STATUS ${quote(encodeName(folder.path))} (${pairs.join(' ')})`);
  return 'OK STATUS completed.';
};

const create: Handler<Opened> = async ({ mailbox }, { args }) => {
  const path = decodeName(textOf(args[0]));
  if (mailbox.folder(path) !== undefined) throw new Refusal('NO Mailbox already exists.');
  mailbox.createFolder(path);
  return 'OK CREATE completed.';
};

const append: Handler<Opened> = async ({ mailbox }, { args }) => {
  const folder = folderNamed(mailbox, textOf(args[0]));
  const given = args.slice(1, -1).find((token) => token.kind === 'list');
  const raw = Buffer.from(textOf(args.at(-1)), 'latin1');
  const message = mailbox.append(folder.path, raw, { flags: given === undefined ? [] : itemsOf(given).map(textOf) });
  return `OK [APPENDUID ${folder.uidValidity} ${message.uid}] APPEND completed.`;
};

/** Commands on folders, for a session whose mailbox is open. */
export const folderCommands: Readonly<Record<string, Handler<Opened>>> = {
  NAMESPACE: async ({ say }) => {
    await say('* NAMESPACE (("" "/")) NIL NIL');
    return 'OK NAMESPACE completed.';
  },
  LIST: listed('LIST'),
  LSUB: listed('LSUB'),
  SELECT: opened(false),
  EXAMINE: opened(true),
  STATUS: status,
  CREATE: create,
  APPEND: append,
  SUBSCRIBE: async () => 'OK SUBSCRIBE completed.',
};
