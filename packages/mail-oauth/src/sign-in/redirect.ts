import { clouds } from '@itsm-m365/graph-auth';
import type { Registration } from '../tokens/registration.ts';
import { signInErrors } from './errors.ts';

const longest = 1000;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where the browser shows its answer to be pasted: Microsoft's blank page for native clients (MAIL-09). */
export const nativeClientOf = ({ cloud }: Pick<Registration, 'cloud'>): string =>
  `https://${clouds[cloud].loginHost}/common/oauth2/nativeclient`;

/**
 * Checks an address that a browser may be sent back to: https, or http to this machine (RFC 8252, 7.3), without query,
 * fragment or user. It has to come from configuration, never from a request. Throws `SIGN_IN_REDIRECT_INVALID`.
 */
export const checkRedirect = (address: string): string => {
  const refuse = (reason: string) => signInErrors.SIGN_IN_REDIRECT_INVALID({ reason });
  const url = address.length <= longest && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw refuse('no address');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.has(url.hostname))) throw refuse('no https');
  if (/[?#]/.test(address) || url.username !== '' || url.password !== '') throw refuse('query, fragment or user');
  return `${url.origin}${url.pathname}`;
};
