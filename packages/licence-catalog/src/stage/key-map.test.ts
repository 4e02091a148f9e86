import { describe, expect, it } from 'vitest';
import { KeyMap } from './key-map.ts';

/** Uniform whole numbers below 2 ** 52, the same every time (Lehmer's generator of 31 bits, twice). */
const keys = function* (count: number): Generator<number> {
  let state = 42;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  for (let index = 0; index < count; index += 1) yield next() * 2 ** 21 + (next() % 2 ** 21);
};

describe('the rows of persons', () => {
  it('are found again, whatever was added, replaced or taken back in between', () => {
    const map = new KeyMap();
    const plain = new Map<number, number>();
    let row = 0;
    for (const key of [...keys(60_000), ...keys(20_000), ...Array.from({ length: 3_000 }, (_, index) => index + 1)]) {
      expect(map.get(key)).toBe(plain.get(key) ?? 0);
      row += 1;
      const value = row % 7 === 0 ? 0 : row;
      map.set(key, value);
      plain.set(key, value);
    }
    for (const [key, value] of plain) if (map.get(key) !== value) expect(map.get(key)).toBe(value);
    expect(plain.size).toBe(63_000);
  });
});
