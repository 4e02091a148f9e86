import type { Actor } from '../access.ts';
import type { Mailbox } from '../mailbox.ts';
import type { SessionContext } from '../wire/context.ts';
import type { Command } from './syntax.ts';
import type { View } from './view.ts';

/** What a session has come to. */
export interface ImapState {
  signedIn: { readonly mailbox: Mailbox; readonly actor: Actor } | undefined;
  /** Signed in, and no mailbox was opened: every command that needs one is refused. */
  notConnected: boolean;
  view: View | undefined;
  over: boolean;
  /** Ends what the session keeps watching. */
  leave: () => void;
}

export interface ImapSession {
  readonly context: SessionContext;
  readonly state: ImapState;
  /** Sends an untagged line. */
  say(line: string): Promise<void>;
}

export interface Opened extends ImapSession {
  readonly mailbox: Mailbox;
}

export interface Viewing extends Opened {
  readonly view: View;
}

/** Carries a command out and gives its tagged answer. */
export type Handler<S extends ImapSession = ImapSession> = (session: S, command: Command) => Promise<string>;

/** Answered as it stands. */
export class Refusal extends Error {}

export const tellNews = async (session: ImapSession): Promise<void> => {
  for (const line of session.state.view?.news() ?? []) await session.say(line);
};
