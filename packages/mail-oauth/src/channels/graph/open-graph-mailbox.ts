import { PassThrough, pipeline, type Readable } from 'node:stream';
import { codeOf } from '../../transport/peer.ts';
import type { ChannelContext, Listed, Login, Mailbox, Page, Position } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { type GraphCaller, type GraphPlace, graphCaller } from './call.ts';
import { type DeltaRound, deltaRound } from './delta.ts';
import { findFolder } from './folders.ts';
import { findSentByGraph } from './open-graph-submission.ts';

const pageSize = 100;
/** Graph forgets a delta link after some days, and says so in several ways (Graph page "Delta query overview"). */
const forgotten = /^(SyncStateNotFound|SyncStateInvalid|resyncRequired|ResyncRequired)$/i;

/** An error of the body's stream as a fault; the reason of a stop stays what it is. */
const streamed = (body: Readable, caller: GraphCaller, signal: AbortSignal): Readable => {
  const out = new PassThrough();
  // `pipeline` would hand the bare error to the reader; the reader is told first.
  body.once('error', (error) => {
    out.destroy(
      signal.aborted && signal.reason instanceof Error ? signal.reason : caller.fault('read', { code: codeOf(error) }),
    );
  });
  pipeline(body, out, () => undefined);
  return out;
};

const isGone = (error: unknown): boolean => isChannelFault(error) && [404, 410].includes(error.facts.status);

/**
 * A folder of the mailbox that the login's `user` names, by Microsoft Graph: listed by delta, read as MIME, ids that survive a move. Signs in with tokens for
 * Graph; throws `ChannelFault` of the stages address to login and folder, or what the vault throws. Holds no connection of
 * its own. Whole rounds are listed at once, so a listing that was broken off is listed again from its beginning: messages
 * are known by their keys.
 */
export const openGraphMailbox = async (
  login: Login,
  folderName: string,
  context: ChannelContext,
  place: GraphPlace = {},
): Promise<Mailbox> => {
  const caller = graphCaller(login, context, place);
  const folder = await findFolder(caller, folderName, 'folder');
  const positionOf = (link: string): Position => ({ kind: 'graph', folder: folderName, link });

  const round = async (link: string): Promise<DeltaRound> => {
    try {
      return await deltaRound(caller, folder.id, link);
    } catch (error) {
      if (!isChannelFault(error)) throw error;
      const { status, reason } = error.facts;
      if (status !== 410 && !forgotten.test(reason)) throw error;
      throw caller.fault('list', { ...error.facts, reason: 'SyncStateNotFound' });
    }
  };

  async function* list(position: Position | undefined): AsyncGenerator<Page, void, undefined> {
    const link = position?.kind === 'graph' ? position.link : '';
    const { messages, link: next } = await round(link);
    for (let at = 0; at === 0 || at < messages.length; at += pageSize) {
      const part: readonly Listed[] = messages.slice(at, at + pageSize).map(({ key }) => ({ key, size: undefined }));
      // Until the last page is dealt with, the round counts as not listed.
      yield { messages: part, position: positionOf(at + pageSize < messages.length ? link : next) };
    }
  }

  const change = async (key: string, how: Parameters<Mailbox['acknowledge']>[1], target: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const at = (...more: readonly string[]) => caller.path(['messages', key, ...more]);
    const body = (value: object) => () => JSON.stringify(value);
    const stage = 'acknowledge';
    if (how.kind === 'mark')
      await caller.json({ stage, method: 'PATCH', path: at(), headers, body: body({ isRead: true }) });
    else if (how.kind === 'move')
      await caller.json({ stage, method: 'POST', path: at('move'), headers, body: body({ destinationId: target }) });
    else await caller.json({ stage, method: 'DELETE', path: at() });
  };

  return {
    facts: { protocol: 'graph', folder: folderName || 'inbox', messages: folder.messages, capabilities: [] },
    now: async () => positionOf((await round('')).link),
    list,
    read: async (key) => {
      try {
        const path = caller.path(['messages', key, '$value']);
        const { body } = await caller.open({ stage: 'read', method: 'GET', path, headers: { accept: '*/*' } });
        return streamed(body, caller, context.signal);
      } catch (error) {
        throw isGone(error) ? caller.fault('read', { code: 'MESSAGE_GONE' }) : error;
      }
    },
    acknowledge: async (keys, how) => {
      const target =
        how.kind === 'move' && keys.length > 0 ? (await findFolder(caller, how.folder, 'acknowledge')).id : '';
      for (const key of keys)
        await change(key, how, target).catch((error: unknown) => {
          if (!isGone(error)) throw error;
        });
    },
    findSent: (messageId) => findSentByGraph(login, messageId, context, place),
    close: async () => undefined,
  };
};
