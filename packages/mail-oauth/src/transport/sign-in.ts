import type { Login } from '../channels/channel.ts';
import { type ChannelFault, isChannelFault } from '../channels/fault.ts';

/** What stands for the user at sign-in: a token or a password. */
export type Credential =
  | { readonly kind: 'oauth'; readonly user: string; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string };

const refusesToken = (error: unknown): error is ChannelFault =>
  isChannelFault(error) &&
  error.facts.stage === 'login' &&
  // The server has answered, and it was the token that it did not like.
  error.facts.code === '' &&
  !/authenticated but not connected/i.test(error.facts.reply);

/**
 * Signs in; with OAuth once more with another token where the first one was refused: it may have been revoked before its
 * end. Never a third time: a server that refuses good tokens has to be told, not asked again. `attempt` opens a connection
 * of its own, and closes it when it fails. Throws what it throws, or what the token vault throws.
 */
export const signIn = async <T>(
  login: Login,
  signal: AbortSignal,
  attempt: (credential: Credential) => Promise<T>,
): Promise<T> => {
  if (login.kind === 'password') return attempt(login);
  const { user } = login;
  const token = await login.token({ signal });
  try {
    return await attempt({ kind: 'oauth', user, token });
  } catch (error) {
    if (!refusesToken(error) || signal.aborted) throw error;
    const other = await login.token({ refused: token, signal });
    if (other === token) throw error;
    return attempt({ kind: 'oauth', user, token: other });
  }
};

/**
 * What XOAUTH2 sends, before base64: Microsoft's page "Authenticate an IMAP, POP or SMTP connection using OAuth". Undefined
 * where user or token hold a control character, with which either could end its field and begin another.
 */
export const xoauth2 = (user: string, token: string): string | undefined =>
  /\p{Cc}/u.test(user) || /[^\x21-\x7e]/.test(token) ? undefined : `user=${user}\x01auth=Bearer ${token}\x01\x01`;
