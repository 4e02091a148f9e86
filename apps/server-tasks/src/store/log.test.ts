import { migrate } from '@itsm-m365/database';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLog, readLog } from './log.ts';
import { migrations } from './migrations.ts';

describe.each(eachDatabase())('the log of a run on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    if (engine.skipped) return;
    test = await engine.open();
    await migrate(test.db, [{ plugin: 'server-tasks', migrations }], { mode: 'apply', clock: test.clock });
  });
  afterAll(() => test?.close());

  it.skipIf(engine.skipped)('is numbered without gap or collision, however many nodes write it at once', async () => {
    const run = '9a3bb5d0-8f5e-4f0e-9a57-0c1f6f0f3c11';
    const append = (message: string) =>
      test.db.write((trx) => appendLog(trx, run, [{ at: 1, level: 'info', item: null, message, fields: {} }]));
    await append('first');
    await Promise.all(Array.from({ length: 12 }, (_, index) => append(`line ${index}`)));
    const lines = await test.db.read((trx) => readLog(trx, run, 0, 100));
    expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });
});
