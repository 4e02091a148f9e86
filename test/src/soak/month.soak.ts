import { describe, expect, it } from 'vitest';
import { liveMonth } from '../month/month.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);

describe('a simulated month', () => {
  it('of 31 days: every answer about every moment is as Microsoft had it at the last import', {
    timeout: 1_800_000,
  }, async () => {
    const season = seed % 2 === 0 ? 'spring' : 'autumn';
    process.stdout.write(`SOAK_SEED=${seed} ${season}\n`);
    const figures = await liveMonth({ season, days: 31, seed, instants: 3 });
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(figures.unchanged).toBeGreaterThan(0);
  });
});
