import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type MailKills, openMailKills } from './mail-kills.ts';
import { openRefreshKills, type RefreshKills } from './refresh-kills.ts';

afterEach(endAll);

describe('kill -9 while mail is fetched and sent', () => {
  let kills: MailKills;
  beforeAll(async () => {
    kills = await openMailKills();
  }, 60_000);
  afterAll(() => kills?.close());

  it('loses nothing and doubles nothing unnoticed', async () => {
    await kills.settle();
    for (const share of [0.1, 0.35, 0.6, 0.85]) await kills.round(share);
    expect((await kills.settle()).tickets).toBeGreaterThanOrEqual(16);
  }, 120_000);
});

describe('kill -9 while sign-ins are renewed', () => {
  let kills: RefreshKills;
  beforeAll(async () => {
    kills = await openRefreshKills();
  }, 60_000);
  afterAll(() => kills?.close());

  it('loses no refresh token', async () => {
    await kills.settle();
    for (const share of [0, 0.5]) await kills.round(share);
    expect((await kills.settle()).killed).toBeGreaterThanOrEqual(1);
  }, 120_000);
});
