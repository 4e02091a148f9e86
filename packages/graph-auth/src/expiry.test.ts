import fc from 'fast-check';
import { expect, test } from 'vitest';
import { credentialFacts, credentialState, expiryNotice, expiryThresholds } from './expiry.ts';
import { makePair } from './testing/pairs.ts';

const day = 86_400_000;
const end = Date.UTC(2027, 5, 1);
const facts = { key: 'tenant/app/secret', validUntil: end };
const keyAt = (left: number) =>
  expiryNotice(facts, end - left)
    ?.key.split('/')
    .at(-1);

test.each([
  [60 * day + 1, undefined],
  [60 * day, '60'],
  [30 * day + 1, '60'],
  [30 * day, '30'],
  [14 * day, '14'],
  [7 * day, '7'],
  [day + 1, '7'],
  [day, '1'],
  [1, '1'],
  [0, 'expired'],
  [-5 * day, 'expired'],
])('AUTH-13: with %i milliseconds left the notice due is %s', (left, wanted) => {
  expect(keyAt(left)).toBe(wanted);
});

test('AUTH-13: however often it is checked, each threshold has one key, and the keys come in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90 * day }), { minLength: 1, maxLength: 400 }), (checks) => {
      const told = new Set<string>();
      for (const left of [...checks].sort((a, b) => b - a)) {
        const due = expiryNotice(facts, end - left);
        if (due !== undefined) told.add(due.key);
      }
      expect(told.size).toBeLessThanOrEqual(expiryThresholds.length + 1);
      const order = ['60', '30', '14', '7', '1', 'expired'];
      const places = [...told].map((key) => order.indexOf(key.split('/').at(-1) ?? ''));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }),
  );
});

test('AUTH-13: an hourly check tells five times before the end and once after it', () => {
  const told = new Set<string>();
  for (let at = end - 100 * day; at < end + 10 * day; at += 3_600_000) {
    const due = expiryNotice(facts, at);
    if (due !== undefined) told.add(due.key);
  }
  expect(told.size).toBe(6);
});

test('AUTH-13: the notice names the last valid day in both languages and asks for a new secret to be stored', () => {
  const notice = expiryNotice(facts, end - 6.5 * day)?.notice;
  expect(notice?.message.en).toBe('The credential expires in 7 day(s), on 2027-05-31.');
  expect(notice?.message.de).toContain('7 Tag(en)');
  expect(notice?.remedy?.en).toContain('store it here');
});

test('a renewed credential is warned about anew', () => {
  const [first, second] = [makePair(), makePair()].map((pair) =>
    credentialFacts({ type: 'certificate', ...pair }, 'app'),
  );
  expect(first?.key).not.toBe(second?.key);
  const secret = (validUntil: number) =>
    credentialFacts({ type: 'secret', secretId: 'A', value: 'hidden', validUntil }, 'app');
  expect(secret(end)?.key).not.toBe(secret(end + day)?.key);
  expect(JSON.stringify(secret(end))).not.toContain('hidden');
});

test('a certificate from the future is told as not yet valid, a federated assertion has no end', () => {
  const pair = makePair({ from: Date.now() + 10 * day });
  const future = credentialFacts({ type: 'certificate', ...pair }, 'app');
  if (future === undefined) throw new Error('no facts');
  expect(credentialState(future, Date.now())).toBe('not-yet-valid');
  expect(expiryNotice(future, Date.now())?.notice.code).toBe('CREDENTIAL_NOT_YET_VALID');
  expect(credentialFacts({ type: 'federated', assertion: async () => '' }, 'app')).toBeUndefined();
});
