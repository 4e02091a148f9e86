import { strikes } from '../wire/context.ts';
import { fetchAnswer, planFetch } from './fetch.ts';
import { folderNamed } from './folders.ts';
import { compileSearch } from './search.ts';
import { type Handler, Refusal, tellNews, type Viewing } from './state.ts';
import { ArgumentError, itemsOf, textOf } from './syntax.ts';

const isUid = (name: string): boolean => name.startsWith('UID ');
const bare = (name: string): string => name.replace('UID ', '');

const writable = ({ view }: Viewing): void => {
  if (view.readOnly) throw new Refusal('NO The folder is read-only.');
};

/** What clients get for a message that Safe Attachments still holds back (Zammad's documentation, Dynamic Delivery). */
const heldBack = (uid: number): Buffer =>
  Buffer.from(
    `Subject: Retrieval using the IMAP4 protocol failed for the following message: ${uid}\r\n` +
      'Content-Type: text/plain; charset=us-ascii\r\n\r\n' +
      `The server couldn't retrieve the following message: ${uid}\r\n`,
  );

const fetch: Handler<Viewing> = async (session, { name, args }) => {
  const { view, mailbox, context } = session;
  const plan = planFetch(args[1], isUid(name));
  const wantsBody = plan.items.some((item) => typeof item !== 'string' && item.section === '');
  for (const { number, message } of view.select(textOf(args[0]), isUid(name))) {
    const held = wantsBody && strikes(context, 'imap-dynamic-delivery', mailbox.tenantId) !== undefined;
    const marks = plan.marksSeen && !view.readOnly && !message.flags.has('\\Seen');
    if (marks) mailbox.setFlags(view.folder, message, new Set([...message.flags, '\\Seen']));
    const told = marks && !plan.items.includes('FLAGS') ? { ...plan, items: [...plan.items, 'FLAGS'] } : plan;
    const pieces = fetchAnswer(told, number, message, held ? heldBack(message.uid) : message.raw);
    await context.connection.write(
      Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece))),
    );
  }
  return `OK ${bare(name)} completed.`;
};

const known = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft', '$MDNSent'] as const;

const flagOf = (text: string): string => {
  const flag = known.find((entry) => entry.toLowerCase() === text.toLowerCase());
  // Exchange keeps no keywords: PERMANENTFLAGS has no \*.
  if (flag === undefined) throw new Refusal('BAD Command Argument Error. 11');
  return flag;
};

const store: Handler<Viewing> = async (session, { name, args }) => {
  writable(session);
  const { view, mailbox, say } = session;
  const [, sign = '', silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(args[1])) ?? [];
  if (!/^[+-]?FLAGS(\.SILENT)?$/i.test(textOf(args[1]))) throw new ArgumentError();
  const flags = (args[2]?.kind === 'list' ? itemsOf(args[2]) : args.slice(2)).map((token) => flagOf(textOf(token)));
  for (const { number, message } of view.select(textOf(args[0]), isUid(name))) {
    const kept = [...message.flags].filter((flag) => sign !== '-' || !flags.includes(flag));
    mailbox.setFlags(view.folder, message, new Set(sign === '-' ? kept : sign === '+' ? [...kept, ...flags] : flags));
    if (silent !== undefined) continue;
    const uid = isUid(name) ? ` UID ${message.uid}` : '';
    await say(`* ${number} FETCH (FLAGS (${[...message.flags].join(' ')})${uid})`);
  }
  return `OK ${bare(name)} completed.`;
};

const search: Handler<Viewing> = async ({ view, say }, { name, args }) => {
  const all = view.all();
  const last = all.at(-1);
  const test = compileSearch(args, { number: last?.number ?? 0, uid: last?.message.uid ?? 0 });
  const found = all.filter(({ number, message }) => test(number, message));
  const numbers = found.map(({ number, message }) => (isUid(name) ? message.uid : number));
  await say(['* SEARCH', ...numbers].join(' '));
  return `OK ${bare(name)} completed.`;
};

const copied =
  (removes: boolean): Handler<Viewing> =>
  async (session, { name, args }) => {
    if (removes) writable(session);
    const { view, mailbox, say } = session;
    const target = folderNamed(mailbox, textOf(args[1]));
    const messages = view.select(textOf(args[0]), isUid(name)).map(({ message }) => message);
    if (messages.length === 0) return `OK ${bare(name)} completed.`;
    const before = messages.map(({ uid }) => uid).join(',');
    const made = removes ? mailbox.transfer(view.folder, messages, target) : mailbox.copy(messages, target);
    const code = `[COPYUID ${target.uidValidity} ${before} ${made.map(({ uid }) => uid).join(',')}]`;
    if (!removes) return `OK ${code} ${bare(name)} completed.`;
    // RFC 6851 4.3: the code comes in an untagged answer, before the EXPUNGEs.
    await say(`* OK ${code}`);
    return `OK ${bare(name)} completed.`;
  };

const expunge: Handler<Viewing> = async (session, { name, args }) => {
  writable(session);
  const { view, mailbox } = session;
  const candidates = isUid(name) ? view.select(textOf(args[0]), true) : view.all();
  const gone = candidates.map(({ message }) => message).filter(({ flags }) => flags.has('\\Deleted'));
  if (gone.length > 0) mailbox.remove(view.folder, gone);
  return `OK ${bare(name)} completed.`;
};

const close: Handler<Viewing> = async ({ view, mailbox, state }) => {
  const gone = view.readOnly ? [] : view.folder.messages.filter(({ flags }) => flags.has('\\Deleted'));
  state.view = undefined;
  if (gone.length > 0) mailbox.remove(view.folder, gone);
  return 'OK CLOSE completed.';
};

const idle: Handler<Viewing> = async (session) => {
  const { context, mailbox, state } = session;
  const { connection } = context;
  await connection.write('+ IDLE accepted, awaiting DONE command.\r\n');
  let changed: () => void = () => undefined;
  const unwatch = mailbox.watch(() => changed());
  try {
    for (;;) {
      const change = new Promise<'change'>((resolve) => {
        changed = () => resolve('change');
      });
      await tellNews(session);
      const what = await Promise.race([change, connection.readable().then(() => 'line' as const)]);
      if (state.over) return '';
      if (what === 'line') break;
    }
  } finally {
    unwatch();
  }
  const line = await connection.line();
  return line?.trim().toUpperCase() === 'DONE' ? 'OK IDLE completed.' : 'BAD Command Error. 12';
};

/** Commands on messages, for a session with a selected folder; those that take a UID set as well as numbers come twice. */
export const messageCommands: Readonly<Record<string, Handler<Viewing>>> = {
  FETCH: fetch,
  'UID FETCH': fetch,
  STORE: store,
  'UID STORE': store,
  SEARCH: search,
  'UID SEARCH': search,
  COPY: copied(false),
  'UID COPY': copied(false),
  MOVE: copied(true),
  'UID MOVE': copied(true),
  EXPUNGE: expunge,
  'UID EXPUNGE': expunge,
  CHECK: async () => 'OK CHECK completed.',
  CLOSE: close,
  UNSELECT: async ({ state }) => {
    state.view = undefined;
    return 'OK UNSELECT completed.';
  },
  IDLE: idle,
};

/** Commands during which no EXPUNGE may be told, since they count by sequence number (RFC 9051 7.5.1). */
export const keepsNumbers = new Set(['FETCH', 'STORE', 'SEARCH']);
