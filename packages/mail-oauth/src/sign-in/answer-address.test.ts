import { isKnownError } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readAnswer } from './answer-address.ts';
import { nativeClientOf } from './redirect.ts';

const state = 'A'.repeat(43);
const base = nativeClientOf({ cloud: 'global' });
const address = (query: string) => `${base}?${query}`;
const reasonOf = (text: string): unknown => {
  try {
    readAnswer(text);
  } catch (error) {
    if (isKnownError(error, 'SIGN_IN_ADDRESS_INVALID')) return error.details.reason;
    throw error;
  }
  return undefined;
};

it('MAIL-09: reads code and state from the pasted address of the nativeclient page', () => {
  expect(base).toBe('https://login.microsoftonline.com/common/oauth2/nativeclient');
  expect(readAnswer(`\n ${address(`code=1.AX-y_z&state=${state}&session_state=x`)}#\t`)).toEqual({
    redirect: base,
    state,
    code: '1.AX-y_z',
  });
});

it.each([
  ['it is no address', 'nonsense'],
  ['it is no address', `${address(`code=a&state=${state}`)} and more`],
  ['it is no web address', `javascript:alert(1)?state=${state}&code=a`],
  ['it names a user', `https://a:b@login.microsoftonline.com/common/oauth2/nativeclient?code=a&state=${state}`],
  ['it has no valid state', address('code=a')],
  ['it has no valid state', address(`code=a&state=${state}x`)],
  ['state stands there twice', address(`code=a&state=${state}&state=${state}`)],
  ['code stands there twice', address(`code=a&code=b&state=${state}`)],
  ['it has no code', address(`state=${state}`)],
  ['it has no code', address(`code=&state=${state}`)],
  ['it has no code', address(`code=a%0d%0ab&state=${state}`)],
  ['it is too long', address(`state=${state}&code=${'a'.repeat(16_384)}`)],
])('refuses, because %s', (reason, text) => {
  expect(reasonOf(text)).toBe(reason);
});

it('reads a refusal with its number from error_uri, else from Microsoft’s text, and bounds and cleans the text', () => {
  const refused = (query: string) => {
    const answer = readAnswer(address(`error=access_denied&state=${state}&${query}`));
    if (!('refusal' in answer)) throw new Error('no refusal');
    return answer.refusal;
  };
  const uri = encodeURIComponent('https://login.microsoftonline.com/error?code=65004');
  expect(refused(`error_uri=${uri}`).numbers).toEqual([65004]);
  expect(refused('error_description=AADSTS90094%3a+x').numbers).toEqual([90094]);
  expect(refused('error_description=see+AADSTS90094').numbers).toEqual([]);
  const hostile = refused(`error_description=${encodeURIComponent(`a\u0000b\u202ec${'x'.repeat(9000)}`)}`);
  expect(hostile.description).toMatch(/^abcx+$/);
  expect(hostile.description.length).toBeLessThanOrEqual(4000);
});

it('no text makes it throw anything but a known error, and none is quoted', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string({ unit: 'binary', maxLength: 60 }).map((part) => address(`state=${state}&code=${part}`)),
    fc
      .string({ unit: 'binary', maxLength: 60 })
      .map((part) => `${base}?state=${state}&error=${part}&error_uri=${part}`),
  );
  fc.assert(
    fc.property(text, (input) => {
      const reason = reasonOf(input);
      if (input.length > 60) expect(String(reason)).not.toContain(input);
    }),
    { numRuns: 500 },
  );
});
