import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import {
  certificateFields,
  certificateHelpLink,
  credentialFields,
  federatedFields,
  secretFields,
} from './credential-fields.ts';

const ui = (schema: object): Record<string, unknown> => Reflect.get(schema, 'ui');
const properties = [certificateFields, secretFields, federatedFields].map((variant) => ({
  type: String(Reflect.get(variant.properties.type, 'const')),
  fields: Object.entries(variant.properties),
}));
const secret = { type: 'secret', secretId: 'i', value: 'v', validUntil: '2027-01-31' };
const certificate = { type: 'certificate', certificate: 'c', privateKey: 'k' };

test('AUTH-01: a credential is exactly one of its types', () => {
  expect(Check(credentialFields, secret)).toBe(true);
  expect(Check(credentialFields, certificate)).toBe(true);
  expect(Check(credentialFields, { ...secret, ...certificate })).toBe(false);
  expect(Check(credentialFields, { type: 'password', value: 'x' })).toBe(false);
  expect(Check(credentialFields, {})).toBe(false);
});

test('AUTH-02: the certificate is marked as recommended, because of its higher security', () => {
  expect(ui(certificateFields.properties.type)).toMatchObject({ recommended: true });
  expect(ui(secretFields.properties.type)).not.toHaveProperty('recommended');
  const { description, labels } = ui(certificateFields.properties.type) as never as Record<
    string,
    Record<string, never>
  >;
  expect(description?.en).toContain('Microsoft recommends a certificate');
  expect(description?.de).toContain('höheren Sicherheit');
  expect(JSON.stringify(labels)).toContain('Certificate (recommended)');
});

test('AUTH-03: each field is shown only with its own authentication type', () => {
  for (const { type, fields } of properties)
    for (const [name, schema] of fields)
      if (name !== 'type') expect(ui(schema)).toMatchObject({ showWhen: { field: 'type', is: [type] } });
});

test('AUTH-04: help says that both parts are entered here and the public part is uploaded to Entra', () => {
  const { en, de } = ui(certificateFields.properties.certificate).description as Record<string, string>;
  expect(en).toContain('upload the public part to Entra and enter both parts here');
  expect(de).toContain('Laden Sie den öffentlichen Teil in Entra hoch und tragen Sie hier beide ein');
  expect(en).toContain('created beforehand');
});

test('AUTH-06: help at the certificate shows both conversion commands', () => {
  for (const language of ['en', 'de']) {
    const help = (ui(certificateFields.properties.certificate).description as Record<string, string>)[language];
    expect(help).toContain('openssl pkcs12 -in path.p12 -out newfile.crt -clcerts -nokeys');
    expect(help).toContain('openssl pkcs12 -in path.p12 -out newfile.pem -nocerts -nodes');
  }
});

test('AUTH-07: the file button of the certificate offers .cer, .pem and .crt only', () => {
  expect(ui(certificateFields.properties.certificate)).toMatchObject({
    widget: 'file',
    accept: ['.cer', '.pem', '.crt'],
  });
});

test('AUTH-09: the certificate window has two inputs, public and private key, each with a file button', () => {
  const files = Object.entries(certificateFields.properties).filter(([, schema]) => ui(schema).widget === 'file');
  expect(files.map(([name]) => name)).toEqual(['certificate', 'privateKey']);
});

test('AUTH-11: the secret window has three inputs: secret ID, value, validity period', () => {
  const names = Object.keys(secretFields.properties).filter((name) => name !== 'type');
  expect(names).toEqual(['secretId', 'value', 'validUntil']);
  expect(ui(secretFields.properties.validUntil)).toMatchObject({ widget: 'date' });
  expect(Check(secretFields, { ...secret, validUntil: undefined })).toBe(false);
  expect(Check(secretFields, { ...secret, validUntil: 'in two years' })).toBe(false);
});

test('AUTH-12: help at the value says to keep it when it is created', () => {
  const { en, de } = ui(secretFields.properties.value).description as Record<string, string>;
  expect(en).toContain('only once, when the secret is created: save it then');
  expect(de).toContain('Bewahren Sie ihn dann auf');
});

test('AUTH-13: help at the validity says that a new secret has to be created and stored', () => {
  const { en } = ui(secretFields.properties.validUntil).description as Record<string, string>;
  expect(en).toContain('create a new secret in Entra and store it here');
});

test('AUTH-14: another type replaces the former fields, none of which may stay', () => {
  expect(Check(credentialFields, { ...secret, certificate: 'c' })).toBe(false);
  expect(Check(credentialFields, { ...certificate, validUntil: '2027-01-31' })).toBe(false);
});

test('AUTH-18: the hint on PFX files links to the help on managing certificates', () => {
  for (const text of Object.values(
    ui(certificateFields.properties.certificate).description as Record<string, string>,
  )) {
    expect(text).toContain('PFX');
    expect(text).toContain(certificateHelpLink);
  }
});

test('value, private key and passphrase are secrets; the public part is not', () => {
  const secrets = properties.flatMap(({ fields }) =>
    fields.filter(([, schema]) => Reflect.get(schema, 'secret') === true).map(([name]) => name),
  );
  expect(secrets).toEqual(['privateKey', 'passphrase', 'value']);
});

test('every field has a title in both languages', () => {
  for (const { fields } of properties)
    for (const [, schema] of fields)
      expect(ui(schema)).toMatchObject({ title: { en: expect.any(String), de: expect.any(String) } });
});
