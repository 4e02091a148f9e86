import type { Folder } from '../exchange/folder.ts';
import type { Mailbox } from '../exchange/mailbox.ts';
import type { EndpointName, SimReply } from '../http.ts';
import { type GraphCall, ok, QueryProblem } from './call.ts';
import { type MailNeed, openMailbox } from './mail-access.ts';
import { messagesDelta } from './mail-delta.ts';
import { folderItem, folderOf, messageItem, messageOf, selected, wantsImmutableIds } from './mail-items.ts';
import { createMailLimits } from './mail-limits.ts';
import { listFolders, listMessages } from './mail-listing.ts';
import { sendMail } from './mail-send.ts';

export interface MailRoute {
  readonly endpoint: EndpointName;
  readonly methods: readonly string[];
  readonly run: (call: GraphCall) => SimReply;
}

type Opened = ReturnType<typeof openMailbox>;

const bodyOf = (call: GraphCall): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(call.body);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new QueryProblem('BadRequest', 'Unable to read JSON request payload.');
};

const write = (call: GraphCall, mailbox: Mailbox, folder: Folder, id: string, status = 200): SimReply => {
  const message = folder.messages.find((entry) => entry.id === id);
  if (message === undefined) throw new Error('A message was lost on its way.');
  const item = selected(messageItem(call, mailbox, folder, message), call.target.query.get('$select'));
  return { ...ok(JSON.stringify(item)), status };
};

const message = (call: GraphCall, { mailbox }: Opened, key: string): SimReply => {
  const found = messageOf(mailbox, key);
  const { folder } = found;
  if (call.method === 'GET') return write(call, mailbox, folder, found.message.id);
  if (call.method === 'DELETE') {
    const bin = folderOf(mailbox, 'deleteditems');
    if (folder === bin) mailbox.remove(folder, [found.message]);
    else mailbox.transfer(folder, [found.message], bin);
    return { status: 204, headers: {}, body: '' };
  }
  const { isRead, ...others } = bodyOf(call);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || typeof isRead !== 'boolean') {
    throw new QueryProblem('ErrorInvalidRequest', `This simulator changes isRead alone, not '${unknown ?? ''}'.`);
  }
  const flags = new Set(found.message.flags);
  if (isRead) flags.add('\\Seen');
  else flags.delete('\\Seen');
  mailbox.setFlags(folder, found.message, flags);
  return write(call, mailbox, folder, found.message.id);
};

const move = (call: GraphCall, { mailbox }: Opened, key: string): SimReply => {
  const found = messageOf(mailbox, key);
  const { destinationId } = bodyOf(call);
  const target = folderOf(mailbox, typeof destinationId === 'string' ? destinationId : '');
  if (target !== found.folder) mailbox.transfer(found.folder, [found.message], target);
  return write(call, mailbox, target, found.message.id, 201);
};

const value = ({ mailbox }: Opened, key: string): SimReply => {
  const { raw } = messageOf(mailbox, key).message;
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: '', bytes: raw };
};

const isDelta = (word: string | undefined): boolean => /^(microsoft\.graph\.)?delta(\(\))?$/i.test(word ?? '');

/** Graph's mail below `/users/{id}` and `/me`; undefined for paths that are not about mail. */
export const createMailRoutes = (): ((parts: readonly string[]) => MailRoute | undefined) => {
  const limits = createMailLimits();

  const route = (
    endpoint: EndpointName,
    key: string,
    needs: Readonly<Record<string, MailNeed>>,
    run: (call: GraphCall, opened: Opened) => SimReply,
  ): MailRoute => ({
    endpoint,
    methods: Object.keys(needs),
    run: (call) => {
      const opened = openMailbox(call, key, needs[call.method] ?? 'write');
      const refused = limits.refused(call, opened.mailbox.address);
      if (refused !== undefined) return refused;
      const reply = run(call, opened);
      if (!wantsImmutableIds(call)) return reply;
      return { ...reply, headers: { ...reply.headers, 'preference-applied': 'IdType="ImmutableId"' } };
    },
  });

  const ofMessage = (key: string, rest: readonly string[]): MailRoute | undefined => {
    const [id = '', action, more] = rest;
    if (more !== undefined) return undefined;
    switch (action?.toLowerCase()) {
      case undefined:
        return route('message', key, { GET: 'read', PATCH: 'write', DELETE: 'write' }, (call, opened) =>
          message(call, opened, id),
        );
      case '$value':
        return route('message-value', key, { GET: 'read' }, (_, opened) => value(opened, id));
      case 'move':
        return route('message', key, { POST: 'write' }, (call, opened) => move(call, opened, id));
    }
    return undefined;
  };

  const ofFolder = (key: string, own: string, rest: readonly string[]): MailRoute | undefined => {
    const [folder = '', part, item, ...more] = rest;
    const path = `${own}/mailFolders/${folder}`;
    const read = { GET: 'read' } as const;
    switch (part?.toLowerCase()) {
      case undefined:
        return route('mail-folders', key, read, (_, { mailbox }) =>
          ok(JSON.stringify(folderItem(mailbox, folderOf(mailbox, folder)))),
        );
      case 'childfolders':
        return route('mail-folders', key, read, (call, { mailbox }) =>
          listFolders(call, mailbox, folderOf(mailbox, folder), `${path}/childFolders`),
        );
      case 'messages':
        break;
      default:
        return undefined;
    }
    if (item === undefined) {
      return route('messages', key, read, (call, { mailbox }) =>
        listMessages(call, mailbox, [folderOf(mailbox, folder)], `${path}/messages`),
      );
    }
    if (!isDelta(item)) return ofMessage(key, [item, ...more]);
    return route('messages-delta', key, read, (call, { mailbox }) =>
      messagesDelta(call, mailbox, folderOf(mailbox, folder), `${path}/messages`),
    );
  };

  return (parts) => {
    const [first = '', second = '', ...others] = parts;
    const me = first.toLowerCase() === 'me';
    if (!me && first.toLowerCase() !== 'users') return undefined;
    const key = me ? 'me' : second;
    const own = me ? '/me' : `/users/${second}`;
    const [part, ...rest] = me ? parts.slice(1) : others;
    switch (part?.toLowerCase()) {
      case 'mailfolders':
        return rest.length > 0
          ? ofFolder(key, own, rest)
          : route('mail-folders', key, { GET: 'read' }, (call, { mailbox }) =>
              listFolders(call, mailbox, undefined, `${own}/mailFolders`),
            );
      case 'messages':
        return rest.length > 0
          ? ofMessage(key, rest)
          : route('messages', key, { GET: 'read' }, (call, { mailbox }) =>
              listMessages(call, mailbox, mailbox.folders, `${own}/messages`),
            );
      case 'sendmail':
        return rest.length > 0
          ? undefined
          : route('send-mail', key, { POST: 'send' }, (call, { mailbox, actor }) => sendMail(call, mailbox, actor));
    }
    return undefined;
  };
};
