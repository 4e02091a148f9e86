import { migrate } from '@itsm-m365/database';
import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import type { Randomness } from '@itsm-m365/plugin-api';
import { catalogueMigrations } from '../migrations.ts';

/** A database with the catalogue's tables. */
export const openCatalogue = async (engine: TestEngine): Promise<TestDatabase> => {
  const test = await engine.open();
  await migrate(test.db, [{ plugin: 'licence-catalog', migrations: catalogueMigrations }], {
    mode: 'apply',
    clock: test.clock,
  });
  return test;
};

/** Randomness that repeats itself (splitmix32). */
export const seededRandom = (seed: number): Randomness => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  };
  const hex = (digits: number): string => next().toString(16).padStart(8, '0').slice(0, digits);
  return {
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`,
    key: () => 1 + (next() & 0x1fffff) * 4294967296 + next(),
    fraction: () => next() / 4294967296,
  };
};
