import { afterAll, beforeAll, expect, it } from 'vitest';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type MailKills, openMailKills } from './kills.ts';

let kills: MailKills;
beforeAll(async () => {
  kills = await openMailKills();
}, 60_000);
afterAll(async () => {
  endAll();
  await kills?.close();
});

it('kill -9 while mail is fetched and sent loses nothing and doubles nothing unnoticed', async () => {
  await kills.settle();
  for (const share of [0.1, 0.35, 0.6, 0.85]) await kills.round(share);
  expect((await kills.settle()).tickets).toBeGreaterThanOrEqual(16);
}, 120_000);
