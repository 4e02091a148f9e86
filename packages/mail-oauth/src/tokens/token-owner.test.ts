import type { TokenReply } from '@itsm-m365/graph-auth';
import { isKnownError } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { claimsOf } from './claims.ts';
import { ownerOf } from './token-owner.ts';

const now = Date.UTC(2026, 0, 15);
const ids = {
  oid: '11111111-1111-4111-8111-111111111111',
  tid: '22222222-2222-4222-8222-222222222222',
  aud: '33333333-3333-4333-8333-333333333333',
};
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2ln`;
const person = { ...ids, preferred_username: 'Ann@Contoso.example', exp: now / 1000 + 3600 };
const expected = { authority: ids.tid, clientId: ids.aud, tokenUser: 'ann@contoso.example', now };
const reply = (id: object | string | undefined, access: object | string = 'opaque'): TokenReply => ({
  token: typeof access === 'string' ? access : jwt(access),
  lifetimeMs: 1,
  refreshToken: undefined,
  idToken: id === undefined || typeof id === 'string' ? id : jwt(id),
  scope: '',
});
const refusal = (...[answer, who = expected]: [TokenReply, Parameters<typeof ownerOf>[1]?]) => {
  try {
    ownerOf(answer, who);
  } catch (error) {
    if (isKnownError(error))
      return [error.code, error.details.reason ?? error.details.signedIn ?? error.details.tenant];
    throw error;
  }
  return undefined;
};

it('MAIL-18: the account’s user may be the user principal name or the mail address of the token', () => {
  expect(ownerOf(reply(person), expected)).toEqual({ id: ids.oid, name: 'ann@contoso.example', tenant: ids.tid });
  const differing = { ...person, preferred_username: 'a.smith@corp.example', email: 'ANN@contoso.example' };
  expect(ownerOf(reply(differing), expected).name).toBe('a.smith@corp.example');
  expect(ownerOf(reply({ ...person, preferred_username: undefined, upn: 'ann@contoso.example' }), expected).id).toBe(
    ids.oid,
  );
});

it.each([
  [
    'another person',
    { ...person, preferred_username: 'bob@contoso.example' },
    'opaque',
    ['MAIL_OTHER_ACCOUNT', 'bob@contoso.example'],
  ],
  ['nobody', { ...person, preferred_username: 42 }, 'opaque', ['MAIL_OTHER_ACCOUNT', ids.oid]],
  [
    'an access token of another person',
    person,
    { oid: ids.tid, upn: 'bob@contoso.example' },
    ['MAIL_OTHER_ACCOUNT', 'bob@contoso.example'],
  ],
  ['another directory', { ...person, tid: ids.oid }, 'opaque', ['MAIL_OTHER_TENANT', ids.oid]],
  ['no directory', { ...person, tid: undefined }, 'opaque', ['MAIL_OTHER_TENANT', '-']],
  [
    'another application',
    { ...person, aud: ids.tid },
    'opaque',
    ['MAIL_TOKEN_UNREADABLE', 'the id token is for another application'],
  ],
  [
    'an expired token',
    { ...person, exp: now / 1000 - 601 },
    'opaque',
    ['MAIL_TOKEN_UNREADABLE', 'the id token has expired'],
  ],
  ['a token without an end', { ...person, exp: '9' }, 'opaque', ['MAIL_TOKEN_UNREADABLE', 'the id token has expired']],
  ['no object id', { ...person, oid: 'x' }, 'opaque', ['MAIL_TOKEN_UNREADABLE', 'the id token names no user']],
  ['no id token', undefined, 'opaque', ['MAIL_TOKEN_UNREADABLE', 'no id token']],
  [
    'a token cut short',
    jwt(person).slice(0, 90),
    'opaque',
    ['MAIL_TOKEN_UNREADABLE', 'the id token is cut short or no JSON Web Token'],
  ],
  [
    'a token cut within its claims',
    `${jwt(person).slice(0, 90)}.x`,
    'opaque',
    ['MAIL_TOKEN_UNREADABLE', 'the id token is cut short or no JSON Web Token'],
  ],
] as const)('MAIL-21: refuses %s', (_, id, access, outcome) => {
  expect(refusal(reply(id, access))).toEqual(outcome);
});

it('MAIL-21: refuses the same name with another object id at a renewal: the name was given to somebody else', () => {
  expect(refusal(reply(person), { ...expected, userId: ids.oid })).toBeUndefined();
  expect(refusal(reply(person), { ...expected, userId: ids.tid })?.[0]).toBe('MAIL_OTHER_ACCOUNT');
});

it('MAIL-22: a refusal after a sign-in in the browser names single sign-on, one without a browser does not', () => {
  const other = reply({ ...person, preferred_username: 'bob@contoso.example' });
  expect(refusal(other, { ...expected, browser: true })?.[0]).toBe('MAIL_OTHER_ACCOUNT_BROWSER');
  expect(refusal(other)?.[0]).toBe('MAIL_OTHER_ACCOUNT');
});

it('any directory may sign in at organizations', () => {
  expect(ownerOf(reply({ ...person, tid: ids.oid }), { ...expected, authority: 'organizations' }).tenant).toBe(ids.oid);
});

it('names with control characters or of any length change no line of a text', () => {
  const claims = claimsOf(jwt({ ...person, preferred_username: 'a\u0000\u202eb', upn: 'x'.repeat(321) }));
  expect(claims?.names).toEqual(['ab']);
});

it('no text makes the reading throw', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      claimsOf(parts.join('.'));
    }),
  );
});
