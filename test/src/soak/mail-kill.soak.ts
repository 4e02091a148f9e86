import { beforeAll, describe, it } from 'vitest';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type MailKills, openMailKills } from '../mail/mail-kills.ts';
import { openRefreshKills, type RefreshKills } from '../mail/refresh-kills.ts';
import { drawFrom } from './draw.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const wanted = Number(process.env.SOAK_MAIL_KILLS ?? 15);
const roundsBetweenLooks = 5;

beforeAll(() => {
  process.stdout.write(`SOAK_SEED=${seed} SOAK_MAIL_KILLS=${wanted}\n`);
});

/** Rounds until so many processes were killed: one that ends before its kill shows nothing, and does not count. */
const killAtRandom = async (kills: MailKills | RefreshKills): Promise<void> => {
  const draw = drawFrom(seed);
  let killed = 0;
  try {
    await kills.settle();
    for (let round = 1; killed < wanted; round += 1) {
      if (await kills.round(draw.fraction())) killed += 1;
      if (round % roundsBetweenLooks !== 0 && killed < wanted) continue;
      process.stdout.write(`${round} rounds: ${JSON.stringify(await kills.settle())}\n`);
    }
  } finally {
    endAll();
    await kills.close();
  }
};

describe('kill -9 at any moment', () => {
  it(`in ${wanted} fetches and sends loses no mail and doubles none unnoticed`, async () => {
    await killAtRandom(await openMailKills({ answerMs: 25 }));
  }, 3_600_000);

  it(`in ${wanted} renewals of sign-ins loses no refresh token`, async () => {
    await killAtRandom(await openRefreshKills());
  }, 3_600_000);
});
