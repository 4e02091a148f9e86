import { entraRefusal } from '@itsm-m365/graph-auth';
import { expect, it } from 'vitest';
import { endedError, endingOf } from './ended.ts';
import { explained } from './explained.ts';

const refused = (number: number, error = 'invalid_grant', status = 400) =>
  entraRefusal(
    { error, description: `AADSTS${number}: words`, numbers: [number], traceId: '', correlationId: '', timestamp: '' },
    status,
    '-',
  ).error;

it('only the numbers of the table end a sign-in, and only as an answer about the grant', () => {
  expect(endingOf(refused(700082))).toEqual({ code: 'ENTRA_REFUSED', number: 700082 });
  expect(endingOf(refused(53003))).toEqual({ code: 'ENTRA_POLICY_BLOCKED', number: 53003 });
  expect(endingOf(refused(50079, 'interaction_required'))?.number).toBe(50079);
  expect(endingOf(refused(4242424))).toBeUndefined();
  expect(endingOf(refused(50053))).toBeUndefined();
  expect(endingOf(refused(700082, 'invalid_client'))).toBeUndefined();
  for (const status of [429, 500, 503]) expect(endingOf(refused(700082, 'invalid_grant', status))).toBeUndefined();
});

it('an ended sign-in of a number without a row still says to sign in again, in whole sentences', () => {
  const error = endedError({ code: 'ENTRA_REFUSED', number: 9002313 });
  for (const text of [error.text('en'), error.text('de'), error.remedy('en'), error.remedy('de')])
    expect(text).not.toMatch(/\{|undefined/);
  expect(error.remedy('en')).toContain('Sign in again');
});

it('MAIL-24: what a change may explain says to wait, with number, code and Entra’s words unchanged', () => {
  const before = refused(700016, 'unauthorized_client');
  const after = explained(before, { isPublic: true });
  expect([after.code, after.details.aadsts, after.text('en')]).toEqual([before.code, 700016, before.text('en')]);
  expect(after.remedy('en')).toContain('wait some minutes');
  expect(after.remedy('de')).toContain('warten Sie einige Minuten');
  const other = refused(7000222, 'invalid_client');
  expect(explained(other, { isPublic: true })).toBe(other);
});

it('MAIL-11: 7000218 means a Web registration only where no credential was shown', () => {
  const error = refused(7000218, 'invalid_client', 401);
  expect(explained(error, { isPublic: true }).code).toBe('MAIL_REGISTERED_AS_WEB');
  expect(explained(error, { isPublic: false }).code).toBe('ENTRA_CREDENTIAL_REFUSED');
});
