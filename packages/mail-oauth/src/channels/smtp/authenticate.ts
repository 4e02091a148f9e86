import type { MakeFault } from '../../transport/peer.ts';
import { type Credential, xoauth2 } from '../../transport/sign-in.ts';
import { replyFacts } from './reply.ts';
import type { Announced, SmtpSession } from './session.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What is said in confidence at sign-in, in every form that a server could echo. */
export const secretsOf = (credential: Credential): readonly string[] => {
  if (credential.kind === 'oauth') {
    const line = xoauth2(credential.user, credential.token) ?? '';
    return [credential.token, base64(line)];
  }
  const { user, password } = credential;
  return [password, base64(password), base64(`\0${user}\0${password}`)];
};

/**
 * Signs in over a connection that speaks TLS: XOAUTH2 with a token (Microsoft's page "Authenticate an IMAP, POP or SMTP
 * connection using OAuth"), PLAIN or LOGIN with a password (RFC 4616, RFC 4954). Never tries a second time. Throws a fault
 * of stage `login`, with code `AUTH_NOT_OFFERED` where the server does not announce the way.
 */
export const authenticate = async (
  session: SmtpSession,
  { authMethods }: Announced,
  credential: Credential,
  fault: MakeFault,
): Promise<void> => {
  const secrets = secretsOf(credential);
  const say = (line: string): Promise<string> => session.command('login', line);
  const demand = (reply: string, code: RegExp): void => {
    if (!code.test(reply)) throw fault('login', replyFacts(reply, secrets));
  };
  const offer = (...methods: readonly string[]): string => {
    const method = methods.find((one) => authMethods.includes(one));
    if (method !== undefined) return method;
    throw fault('login', { code: 'AUTH_NOT_OFFERED', reply: `AUTH ${authMethods.join(' ')}`.trim() });
  };
  if (credential.kind === 'oauth') {
    const words = xoauth2(credential.user, credential.token);
    if (words === undefined) throw fault('login', { code: 'CREDENTIAL_INVALID' });
    offer('XOAUTH2');
    // In two lines: the AUTH command may be no longer than any other (RFC 4954, 4), and a token is.
    demand(await say('AUTH XOAUTH2'), /^334\b/);
    const reply = await say(base64(words));
    // A refusal may come as a challenge first, which wants an empty answer before the refusal itself is said.
    demand(reply.startsWith('334') ? await say('') : reply, /^235\b/);
    return;
  }
  const { user, password } = credential;
  if (offer('PLAIN', 'LOGIN') === 'PLAIN') {
    demand(await say(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`), /^235\b/);
    return;
  }
  demand(await say('AUTH LOGIN'), /^334\b/);
  demand(await say(base64(user)), /^334\b/);
  demand(await say(base64(password)), /^235\b/);
};
