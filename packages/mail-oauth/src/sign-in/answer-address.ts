import { type EntraReply, shownText } from '@itsm-m365/graph-auth';
import { signInErrors } from './errors.ts';

/** Browsers and servers stop at 8 to 16 KB; Entra's codes have one or two. */
const longest = 16_384;

interface Common {
  /** Origin and path: where the browser was sent. */
  readonly redirect: string;
  readonly state: string;
}

/** What a browser brought back (RFC 6749, 4.1.2). */
export type SignInAnswer = Common & ({ readonly code: string } | { readonly refusal: EntraReply });

const refuse = (reason: string) => signInErrors.SIGN_IN_ADDRESS_INVALID({ reason });

/** The value of a parameter that may stand there once; undefined without one. */
const single = (parameters: URLSearchParams, name: string): string | undefined => {
  const values = parameters.getAll(name);
  if (values.length > 1) throw refuse(`${name} stands there twice`);
  return values[0];
};

/** The redirect has no `error_codes`: the number is in `error_uri`, and in front of Microsoft's text. */
const numbersOf = (uri: string, description: string): readonly number[] => {
  const found = /[?&]code=(\d{1,9})(&|$)/.exec(uri)?.[1] ?? /^AADSTS(\d{1,9})\b/.exec(description)?.[1];
  return found === undefined ? [] : [Number(found)];
};

const idIn = (description: string, name: string): string =>
  new RegExp(`\\b${name}: ([0-9a-f-]{36})\\b`, 'i').exec(description)?.[1] ?? '';

const refusalOf = (error: string, parameters: URLSearchParams): EntraReply => {
  const description = shownText(single(parameters, 'error_description') ?? '', 4000);
  return {
    error: shownText(error, 200),
    description,
    numbers: numbersOf(single(parameters, 'error_uri') ?? '', description),
    traceId: idIn(description, 'Trace ID'),
    correlationId: idIn(description, 'Correlation ID'),
    timestamp: '',
  };
};

/**
 * Reads the address that a sign-in ended at, from the browser itself or pasted by a person; one way for both. Whether it is
 * the address we sent the browser to is for the caller to compare: `redirect` has no query. Throws
 * `SIGN_IN_ADDRESS_INVALID`, whose reason quotes nothing of the address.
 */
export const readAnswer = (address: string): SignInAnswer => {
  const text = address.trim();
  if (text.length > longest) throw refuse('it is too long');
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) throw refuse('it is no address');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('it is no web address');
  if (url.username !== '' || url.password !== '') throw refuse('it names a user');
  const state = single(url.searchParams, 'state');
  if (state === undefined || !/^[\w-]{43}$/.test(state)) throw refuse('it has no valid state');
  const common = { redirect: `${url.origin}${url.pathname}`, state };
  const error = single(url.searchParams, 'error');
  const code = single(url.searchParams, 'code');
  if (error !== undefined && error !== '') return { ...common, refusal: refusalOf(error, url.searchParams) };
  if (code === undefined || !/^[\x21-\x7e]+$/.test(code)) throw refuse('it has no code');
  return { ...common, code };
};
