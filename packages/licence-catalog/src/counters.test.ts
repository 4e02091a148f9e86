import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeNumbers } from './counters.ts';
import { counters } from './tables.ts';
import { openCatalogue } from './testing/catalogue.ts';

describe.each(eachDatabase())('numbers on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  it.skipIf(engine.skipped)('are given out once each, also to those who ask first and at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      await test.db.write((trx) => trx.remove(counters, (query) => query));
      const first = await Promise.all(Array.from({ length: 8 }, () => takeNumbers(test.db, 'licence', 3)));
      expect([...first].sort((one, other) => one - other)).toEqual([1, 4, 7, 10, 13, 16, 19, 22]);
    }
  });
});
