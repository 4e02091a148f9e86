import { expect, test } from 'vitest';
import { entraGuide, graphPermissions } from './guide.ts';

const step = (id: string) => {
  const found = entraGuide.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
};

test('M365-01: the guide begins with registering an application in Entra before a portal can be created', () => {
  expect(entraGuide[0]?.id).toBe('register');
  expect(step('register').text.en).toMatch(
    /Before a portal can be created, register an application.*grant it the necessary permissions/,
  );
  expect(step('register').text.de).toContain('Bevor ein Portal angelegt werden kann');
});

test('M365-02: the registration needs an application name and the supported account types', () => {
  expect(step('register').text.en).toContain('Enter an application name and choose the supported account types');
  expect(step('register').text.de).toContain('Anwendungsnamen');
});

test('M365-03: exactly two ids are copied from the overview: application and directory', () => {
  expect(step('ids').text.en).toContain(
    'the two IDs that the portal needs: the application (client) ID and the directory (tenant) ID',
  );
  expect(step('ids').text.de).toContain('Anwendungs-ID (Client) und die Verzeichnis-ID (Mandant)');
});

test('M365-04: User.Read.All of the type Application is required', () => {
  expect(graphPermissions).toContainEqual(
    expect.objectContaining({ name: 'User.Read.All', type: 'Application', required: true }),
  );
  expect(step('permissions').text.en).toContain('User.Read.All (type: Application)');
});

test('M365-05: Organization.Read.All is required, spelt with z everywhere', () => {
  expect(graphPermissions).toContainEqual(
    expect.objectContaining({ name: 'Organization.Read.All', type: 'Application', required: true }),
  );
  expect(JSON.stringify([entraGuide, graphPermissions])).not.toContain('Organisation.Read.All');
  for (const language of ['en', 'de'] as const)
    expect(step('permissions').text[language]).toContain('Organization.Read.All');
});

test('M365-06: delegated permissions must not be assigned, and the warning says why', () => {
  expect(step('permissions').warning?.en).toMatch(/not the delegated ones: the import runs without a signed-in user/);
  expect(step('permissions').warning?.de).toContain('ohne angemeldeten Benutzer');
  expect(graphPermissions.every(({ type }) => type === 'Application')).toBe(true);
});

test('M365-07: an administrator grants consent afterwards, which changes the status', () => {
  const order = entraGuide.map(({ id }) => id);
  expect(order.indexOf('consent')).toBe(order.indexOf('permissions') + 1);
  expect(step('consent').text.en).toMatch(/without consent at first.*Grant admin consent.*status/);
});

test('M365-08: the guide gives the path to the permissions, added one at a time until both are listed', () => {
  expect(step('permissions').path?.en).toBe(
    'Security > Permissions > Add Permission > Microsoft Graph > Application permissions',
  );
  expect(step('permissions').text.en).toContain('one at a time, and repeat until both are listed');
  expect(step('permissions').text.de).toContain('einzeln hinzu und wiederholen Sie dies, bis beide aufgeführt sind');
});

test('AUTH-08: the upload of the certificate takes an optional description', () => {
  expect(step('certificate').text.en).toContain('enter an optional description');
  expect(step('certificate').text.de).toContain('nach Wunsch eine Beschreibung');
});

test('AUTH-12: the step that creates a secret says to save it at once', () => {
  expect(step('secret').text.en).toContain('Save the value at once');
});

test('every step has a title and a text in both languages', () => {
  for (const { title, text } of entraGuide)
    for (const part of [title.en, title.de, text.en, text.de]) expect(part.length).toBeGreaterThan(5);
});
