import { afterAll, beforeAll, it } from 'vitest';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type MailKills, openMailKills } from '../mail/kills.ts';
import { drawFrom } from './draw.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.SOAK_MAIL_ROUNDS ?? 15);

let kills: MailKills;
beforeAll(async () => {
  process.stdout.write(`SOAK_SEED=${seed} SOAK_MAIL_ROUNDS=${rounds}\n`);
  kills = await openMailKills();
}, 60_000);
afterAll(async () => {
  endAll();
  await kills?.close();
});

it(`kill -9 at any moment of ${rounds} fetches and sends loses no mail and doubles none unnoticed`, async () => {
  const draw = drawFrom(seed);
  await kills.settle();
  for (let round = 1; round <= rounds; round += 1) {
    await kills.round(draw.fraction());
    if (round % 5 !== 0 && round !== rounds) continue;
    process.stdout.write(`${round} rounds: ${JSON.stringify(await kills.settle())}\n`);
  }
}, 3_600_000);
