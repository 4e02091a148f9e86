import { expect, it } from 'vitest';
import type { AccountSettings } from '../account-fields.ts';
import { accountOf } from '../testing/accounts.ts';
import { basicAuthDates, basicAuthNotice, passwordWarning } from './basic-auth.ts';

const account = (
  method: AccountSettings['method'],
  receiving: Partial<AccountSettings['receiving']> = {},
  sending: Partial<AccountSettings['sending']> = {},
): AccountSettings => accountOf({ method, receiving, sending });

const autumn = Date.UTC(2026, 10, 21);

it('MAIL-01: saving an account with a password for a server of Microsoft’s warns, with the day of 2022', () => {
  const notice = passwordWarning(account('password'), autumn);
  expect(notice).toMatchObject({ code: 'MAIL_PASSWORD_OFF', severity: 'warning', details: { since: '2022-10-01' } });
  expect(notice?.message.de).toContain('seit 2022-10-01 keine Kennwörter');
  expect(
    passwordWarning(account('password', { protocol: 'pop', host: 'Outlook.Office365.com.' }), autumn)?.message.en,
  ).toContain('for POP since');
});

it('does not warn for OAuth2, nor for servers of others', () => {
  expect(passwordWarning(account('oauth'), autumn)).toBeUndefined();
  expect(
    passwordWarning(account('password', { host: 'imap.example.com' }, { host: 'smtp.example.com' }), autumn),
  ).toBeUndefined();
  expect(
    passwordWarning(account('password', { host: 'notoffice365.com' }, { host: 'smtp.example.com' }), autumn),
  ).toBeUndefined();
});

it('tells an account that only sends by Microsoft when its password ends', () => {
  const sending = account('password', { host: 'imap.example.com' });
  expect(passwordWarning(sending, autumn)).toMatchObject({
    code: 'MAIL_PASSWORD_ENDS',
    details: { until: '2026-12-31' },
  });
  expect(passwordWarning(sending, Date.UTC(2027, 0, 1))).toMatchObject({ code: 'MAIL_PASSWORD_OFF_BY_DEFAULT' });
});

it('changes what it says on the day itself', () => {
  const day = basicAuthDates.find(({ id }) => id === 'smtp-default-off')?.from ?? 0;
  expect(basicAuthNotice(day - 1).code).toBe('MAIL_PASSWORD_ENDS');
  expect(basicAuthNotice(day).code).toBe('MAIL_PASSWORD_OFF_BY_DEFAULT');
});

it('lists the dates in their order, the one that is not named yet last', () => {
  const known = basicAuthDates.map(({ from }) => from ?? Number.POSITIVE_INFINITY);
  expect([...known].sort((a, b) => a - b)).toEqual(known);
  for (const { what, source } of basicAuthDates)
    expect([what.en, what.de, source].every((text) => text.length > 10)).toBe(true);
});
