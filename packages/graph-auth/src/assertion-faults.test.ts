import { afterEach, expect, test } from 'vitest';
import { makePair } from './testing/pairs.ts';
import { rejection } from './testing/surroundings.ts';
import { type TestTenant, testTenant } from './testing/tenant.ts';

const pair = makePair();
let world: TestTenant | undefined;
afterEach(() => world?.close());

const start = async () => {
  world = await testTenant();
  const { simulator } = world.running;
  simulator.tenant.apps[0]?.addCertificate(pair.certificatePem);
  const { certificatePem, privateKeyPem } = pair;
  return { simulator, source: world.token({ type: 'certificate', certificatePem, privateKeyPem }) };
};

test('every token request makes an assertion of its own, so that one seen before is never sent', async () => {
  const { simulator, source } = await start();
  simulator.faults.enable('assertion-replay-refused');
  const first = await source.get();
  expect(await source.renew(first)).toMatch(/^eyJ/);
});

test('a clock that is wrong by an hour is told as such, whichever number Entra gives it', async () => {
  for (const fault of [undefined, 'assertion-expired-as-500133'] as const) {
    const { simulator, source } = await start();
    simulator.faults.enable('clock-skew', { seconds: 3600 });
    if (fault !== undefined) simulator.faults.enable(fault);
    const error = await rejection(source.get());
    expect(error).toMatchObject({ name: 'KnownError', details: { aadsts: fault === undefined ? 700024 : 500133 } });
    expect(JSON.stringify([error])).not.toContain(pair.privateKeyPem.slice(40, 80));
    expect((error as { remedy(language: 'en'): string }).remedy('en')).toMatch(/clock/i);
    await world?.close();
    world = undefined;
  }
});
