import type { MakeFault } from '../../transport/peer.ts';
import { type Credential, xoauth2 } from '../../transport/sign-in.ts';
import { type ChannelFault, isChannelFault } from '../fault.ts';
import type { PopWire } from './wire.ts';

/** RFC 2449, 5: none where the server knows no CAPA. At most 100 of them. */
export const capabilitiesOf = async (wire: PopWire): Promise<readonly string[]> => {
  try {
    await wire.command('CAPA', 'login');
  } catch (error) {
    if (isChannelFault(error) && error.facts.code === '') return [];
    throw error;
  }
  return (await wire.lines('login', 100)).map((line) => line.slice(0, 200).toUpperCase());
};

/** SASL mechanisms (RFC 5034, 3); undefined where the server tells none. */
const mechanismsOf = (capabilities: readonly string[]): readonly string[] | undefined =>
  capabilities
    .find((line) => /^SASL( |$)/.test(line))
    ?.split(' ')
    .slice(1);

/** A line break would end the command and begin another one, an empty word is none. */
const unusable = (text: string): boolean => text === '' || /\p{Cc}/u.test(text);

const answerOnly = async (wire: PopWire, line: string, fault: MakeFault): Promise<void> => {
  const asked = await wire.command(line, 'login');
  if (asked.kind === 'more') return;
  wire.close();
  throw fault('login', { code: 'GARBLED' });
};

const byOauth = async (wire: PopWire, user: string, token: string, fault: MakeFault): Promise<void> => {
  const plain = xoauth2(user, token);
  if (plain === undefined || user === '') throw fault('settings', { code: 'LOGIN_INVALID' });
  const secret = Buffer.from(plain).toString('base64');
  const secrets = [token, secret];
  // Exchange takes it in two lines only: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth".
  await answerOnly(wire, 'AUTH XOAUTH2', fault);
  const answer = await wire.command(secret, 'login', secrets);
  if (answer.kind === 'ok') return;
  // The reason stands in a challenge; the refusal itself comes once that is answered, with an empty line.
  await wire.command('', 'login', secrets);
  wire.close();
  throw fault('login', { code: 'GARBLED' });
};

const byPassword = async (
  wire: PopWire,
  user: string,
  password: string,
  capabilities: readonly string[],
  fault: MakeFault,
): Promise<void> => {
  if (unusable(user) || unusable(password)) throw fault('settings', { code: 'LOGIN_INVALID' });
  const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
  const secrets = [password, plain];
  if (mechanismsOf(capabilities)?.includes('PLAIN')) {
    await answerOnly(wire, 'AUTH PLAIN', fault);
    await wire.command(plain, 'login', secrets);
    return;
  }
  await wire.command(`USER ${user}`, 'login');
  await wire.command(`PASS ${password}`, 'login', secrets);
};

/**
 * Signs in on a connection that TLS protects. Throws a fault of stage `login`, its reply the server's words; of code
 * `MECHANISM_MISSING` where the server tells its mechanisms and XOAUTH2 is not among them: no token is sent then.
 */
export const signInPop = async (
  wire: PopWire,
  credential: Credential,
  capabilities: readonly string[],
  fault: MakeFault,
): Promise<void> => {
  if (credential.kind === 'password') {
    await byPassword(wire, credential.user, credential.password, capabilities, fault);
    return;
  }
  if (mechanismsOf(capabilities)?.includes('XOAUTH2') === false) throw missing(fault);
  await byOauth(wire, credential.user, credential.token, fault);
};

const missing = (fault: MakeFault): ChannelFault => fault('login', { code: 'MECHANISM_MISSING' });
