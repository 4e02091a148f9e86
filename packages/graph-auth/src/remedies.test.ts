import { errorKinds } from '@itsm-m365/plugin-api';
import { expect, test } from 'vitest';
import { entraRefusal, entraReplyOf } from './entra-refusal.ts';
import { graphErrors } from './errors.ts';
import { aadstsRow, aadstsRows } from './remedies.ts';

const reply = (numbers: readonly number[], error = 'invalid_client', description = 'AADSTS: text') =>
  entraReplyOf({
    error,
    error_description: description,
    error_codes: numbers,
    trace_id: 't',
    correlation_id: 'c',
    timestamp: 's',
  });
const refusal = (numbers: readonly number[], status = 400, error?: string) => {
  const read = reply(numbers, error);
  if (read === undefined) throw new Error('no reply');
  return entraRefusal(read, status, 'own-id');
};

/** Numbers of graph.md 5 and mail.md 7a; the table may know more. */
const listed = [
  7000215, 7000222, 700027, 700016, 700011, 70001, 90002, 90038, 900382, 500011, 50001, 70011, 28002, 7000218, 7000216,
  7000112, 900144, 90014, 53003, 530032, 500133, 50013, 50012, 9001023, 90055, 90024, 90033, 90006, 90012, 900023,
  90112, 700025, 700030, 70021, 700211, 700213, 7002138, 65001, 650056, 90094, 90095, 65004, 650057, 650052, 700022,
  90130, 90124, 50194, 50011, 900971, 9002326, 9002325, 501481, 50147, 54005, 70000, 50126, 50056, 50055, 50144, 50034,
  50020, 51004, 90072, 50053, 50057, 50072, 50074, 50076, 50079, 50078, 50158, 50105, 53000, 53001, 50097, 50131,
  530035, 500021, 500022, 700082, 70008, 50173, 50132, 50133, 50089, 70043, 70016, 70018, 70019, 90120, 900432, 50196,
  50087, 50033,
];

test.each(listed)('AADSTS%i has a cause and a remedy in both languages', (number) => {
  const row = aadstsRow(number);
  for (const text of [row?.cause.en, row?.cause.de, row?.remedy.en, row?.remedy.de])
    expect(text?.length).toBeGreaterThan(10);
});

test('no number stands in two rows', () => {
  const numbers = aadstsRows.flatMap((row) => row.numbers);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each([
  [700016, 'ENTRA_CONFIGURATION', 'entra'],
  [90002, 'ENTRA_CONFIGURATION', 'operator'],
  [7000215, 'ENTRA_CREDENTIAL_REFUSED', 'entra'],
  [700027, 'ENTRA_CREDENTIAL_REFUSED', 'entra'],
  [65001, 'ENTRA_CONSENT_MISSING', 'entra'],
  [53003, 'ENTRA_POLICY_BLOCKED', 'entra'],
  [500021, 'ENTRA_POLICY_BLOCKED', 'network'],
  [50126, 'ENTRA_REFUSED', 'user'],
])('AADSTS%i is %s, and %s has to act', (number, code, acts) => {
  expect(refusal([number]).error).toMatchObject({ code, details: { aadsts: number, acts } });
  expect(refusal([number]).retry).toBe(false);
});

test('a row is tried again where the kind of its error says that this can help, and nowhere else', () => {
  for (const { numbers, code, retry } of aadstsRows)
    expect(errorKinds[graphErrors.definitions[code].kind].retry, `${numbers}`).toBe(retry);
});

test('no remedy speaks of a portal or of mail alone: both show them', () => {
  for (const { cause, remedy } of aadstsRows)
    expect([cause.en, cause.de, remedy.en, remedy.de].join(' ')).not.toMatch(/portal|mail account|Mailkonto/i);
});

test('the numbers decide, not the description that Microsoft may change', () => {
  const misleading = reply([90055], 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
  if (misleading === undefined) throw new Error('no reply');
  expect(entraRefusal(misleading, 400, 'x')).toMatchObject({ retry: true, error: { code: 'ENTRA_UNAVAILABLE' } });
});

test('the first number that the table knows decides', () => {
  expect(refusal([123456789, 65001]).error).toMatchObject({
    code: 'ENTRA_CONSENT_MISSING',
    details: { aadsts: 65001 },
  });
});

test.each([
  [429, 'invalid_client', 'ENTRA_UNAVAILABLE', true],
  [503, 'invalid_client', 'ENTRA_UNAVAILABLE', true],
  [400, 'temporarily_unavailable', 'ENTRA_UNAVAILABLE', true],
  [401, 'invalid_client', 'ENTRA_CREDENTIAL_REFUSED', false],
  [400, 'invalid_grant', 'ENTRA_REFUSED', false],
])('without a known number, status %i with %s is %s', (status, error, code, retry) => {
  expect(refusal([1], status, error)).toMatchObject({ retry, error: { code } });
});

test('trace id, correlation id and time are in the remedy of both languages', () => {
  for (const language of ['en', 'de'] as const)
    expect(refusal([7000215]).error.remedy(language)).toMatch(/: t, .*: c, .*: s\./);
});

test('the correlation id we sent stands in where the answer has none', () => {
  const bare = entraReplyOf({ error: 'x' });
  if (bare === undefined) throw new Error('no reply');
  expect(entraRefusal(bare, 400, 'own-id').error.details).toMatchObject({ correlationId: 'own-id' });
});

test('each language has its own remedy', () => {
  const { error } = refusal([65001]);
  expect(error.remedy('en')).toContain('Grant admin consent');
  expect(error.remedy('de')).toContain('Administratorzustimmung erteilen');
});

test('what is no OAuth error is told as none', () => {
  for (const body of [null, [], 'x', {}, { error: 5 }, { error: '' }]) expect(entraReplyOf(body)).toBeUndefined();
});

test('every code of the catalogue has a message and a remedy in both languages, without "please"', () => {
  for (const [code, { message, remedy }] of Object.entries(graphErrors.definitions)) {
    expect(code).toMatch(/^[A-Z0-9_]+$/);
    for (const text of [message.en, message.de, remedy.en, remedy.de]) {
      expect(text.length).toBeGreaterThan(5);
      expect(text).not.toMatch(/\b(please|bitte|simply|einfach)\b/i);
    }
  }
});

test.each([
  ['GERR-02', 'GRAPH_UNREACHABLE', 'Could not connect to GraphAPI server.'],
  ['GERR-03', 'GRAPH_REPLY_UNREADABLE', 'GraphAPI webcall returned success but information could not be deserialized.'],
  [
    'GERR-04',
    'GRAPH_ERROR_UNREADABLE',
    'GraphAPI webcall returned failure but error information could not be deserialized.',
  ],
  ['GERR-05', 'CERTIFICATE_THUMBPRINT_UNREADABLE', 'Thumbprint from public key could not be read.'],
  ['GERR-06', 'TOKEN_SIGNING_FAILED', 'JSON Web Token generation for authentication with GraphAPI failed.'],
] as const)('%s: %s says exactly "%s"', (_, code, sentence) => {
  expect(graphErrors.definitions[code].message.en).toBe(sentence);
});
