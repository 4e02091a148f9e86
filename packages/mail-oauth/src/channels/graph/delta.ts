import type { GraphCaller } from './call.ts';

export interface DeltaMessage {
  readonly key: string;
  /** When it was received; 0 where Graph does not tell. */
  readonly received: number;
}

export interface DeltaRound {
  readonly messages: readonly DeltaMessage[];
  /** Where the next round begins. */
  readonly link: string;
}

const longestLink = 8192;
const mostPages = 20_000;
/** Names of one round that are held in memory, some 200 bytes each. */
const mostMessages = 500_000;

/**
 * The path of a link of Graph's, which is followed as it is, but only by https and to this very host, so that no token goes
 * elsewhere. The text is compared, and not a parsed address: what is checked is what is sent.
 */
export const linkPath = ({ cloud, fault }: GraphCaller, link: string): string => {
  const prefix = `https://${cloud.graphHost}/`;
  const ours =
    link.length <= longestLink && link.slice(0, prefix.length).toLowerCase() === prefix && /^[\x21-\x7e]+$/.test(link);
  if (!ours) throw fault('list', { code: 'FOREIGN_LINK' });
  return link.slice(prefix.length - 1);
};

const messageOf = (value: unknown): DeltaMessage | undefined => {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return undefined;
  if ('@removed' in value) return undefined;
  const time = 'receivedDateTime' in value && typeof value.receivedDateTime === 'string' ? value.receivedDateTime : '';
  const received = Date.parse(time);
  return { key: value.id, received: Number.isNaN(received) ? 0 : received };
};

/**
 * What was added to a folder since the link, or all of it without one, the oldest first: Graph lists in an order of its own,
 * so the whole round is read before the first message is named (Graph page "message: delta"). Throws a fault with reason
 * `SyncStateNotFound` where Graph has forgotten the link.
 */
export const deltaRound = async (caller: GraphCaller, folder: string, link: string): Promise<DeltaRound> => {
  const { fault } = caller;
  const query = { changeType: 'created', $select: 'id,receivedDateTime' };
  const seen = new Set<string>();
  const messages = new Map<string, DeltaMessage>();
  let path = link === '' ? caller.path(['mailFolders', folder, 'messages', 'delta'], query) : linkPath(caller, link);
  for (;;) {
    if (seen.has(path) || seen.size >= mostPages) throw fault('list', { code: 'PAGE_LOOP' });
    seen.add(path);
    const headers = { prefer: 'IdType="ImmutableId", odata.maxpagesize=200' };
    const page = await caller.json({ stage: 'list', method: 'GET', path, headers });
    if (!Array.isArray(page.value)) throw fault('list', { code: 'REPLY_UNREADABLE' });
    for (const message of page.value.map(messageOf)) {
      if (message === undefined) continue;
      if (message.key === '' || message.key.length > 400) throw fault('list', { code: 'KEY_INVALID' });
      messages.set(message.key, message);
    }
    if (messages.size > mostMessages) throw fault('list', { code: 'TOO_MANY_MESSAGES' });
    const next = page['@odata.nextLink'];
    const delta = page['@odata.deltaLink'];
    if (typeof next === 'string') path = linkPath(caller, next);
    else if (typeof delta === 'string') {
      // Followed days later: one that leads elsewhere has to fail now.
      linkPath(caller, delta);
      const sorted = [...messages.values()].toSorted((a, b) => a.received - b.received);
      return { messages: sorted, link: delta };
    } else throw fault('list', { code: 'REPLY_UNREADABLE' });
  }
};
