import type { Session } from './session.ts';

/**
 * Whether a message with this Message-ID lies in Sent Items: the folder that the server marks as such (RFC 6154), else the
 * one named so, which is open afterwards, for reading only. Throws faults of the stage `sent-items`.
 */
export const sentHas = async ({ client, run, demand }: Session, messageId: string): Promise<boolean> => {
  const folders = await run('sent-items', () => client.list());
  const path = folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? 'Sent Items';
  await demand('sent-items', () => client.mailboxOpen(path, { readOnly: true }));
  const found = await demand('sent-items', () => client.search({ header: { 'message-id': messageId } }, { uid: true }));
  return found !== undefined && found !== false && found.length > 0;
};
