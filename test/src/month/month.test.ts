import { describe, expect, it } from 'vitest';
import { liveMonth } from './month.ts';

describe('a simulated month', () => {
  it('in ten days: every answer about every moment is as Microsoft had it at the last import', {
    timeout: 300_000,
  }, async () => {
    const figures = await liveMonth({ season: 'spring', days: 10, seed: 365, instants: 1 });
    // Nights without an event, and between two listings only what changed is read.
    expect(figures.unchanged).toBeGreaterThan(0);
    expect(figures.full).toBeLessThan(figures.imports / 2);
  });
});
