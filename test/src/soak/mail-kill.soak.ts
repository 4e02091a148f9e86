import { beforeAll, describe, it } from 'vitest';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type MailKills, openMailKills } from '../mail/mail-kills.ts';
import { openRefreshKills, type RefreshKills } from '../mail/refresh-kills.ts';
import { drawFrom } from './draw.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.SOAK_MAIL_ROUNDS ?? 15);
const roundsBetweenLooks = 5;

beforeAll(() => {
  process.stdout.write(`SOAK_SEED=${seed} SOAK_MAIL_ROUNDS=${rounds}\n`);
});

const killAtRandom = async (kills: MailKills | RefreshKills): Promise<void> => {
  const draw = drawFrom(seed);
  try {
    await kills.settle();
    for (let round = 1; round <= rounds; round += 1) {
      await kills.round(draw.fraction());
      if (round % roundsBetweenLooks !== 0 && round !== rounds) continue;
      process.stdout.write(`${round} rounds: ${JSON.stringify(await kills.settle())}\n`);
    }
  } finally {
    endAll();
    await kills.close();
  }
};

describe('kill -9 at any moment', () => {
  it(`of ${rounds} fetches and sends loses no mail and doubles none unnoticed`, async () => {
    await killAtRandom(await openMailKills({ answerMs: 25 }));
  }, 3_600_000);

  it(`of ${rounds} renewals of sign-ins loses no refresh token`, async () => {
    await killAtRandom(await openRefreshKills());
  }, 3_600_000);
});
