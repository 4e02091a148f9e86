import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepEvidence, readEvidence, removeEvidence } from './evidence.ts';
import { forgetEvidenceTask } from './plugin/retention-task.ts';
import { evidenceContents } from './tables.ts';
import { openCatalogue } from './testing/catalogue.ts';

describe.each(eachDatabase())('evidence on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  const bytes = Buffer.from(JSON.stringify({ value: Array.from({ length: 500 }, () => 'SPE_E3') }));
  const keep = (run: string, observedAt: number, content = bytes) =>
    test.db.write((trx) => keepEvidence(trx, { run, portal: 'P', kind: 'skus', bytes: content, observedAt }));
  const read = (run: string) => test.db.read((trx) => readEvidence(trx, { run, portal: 'p', kind: 'skus' }));
  const contents = () => test.db.read((trx) => trx.rows(evidenceContents));

  it.skipIf(engine.skipped)('is kept once, read back verified, and removed after its time', async () => {
    const { sha256 } = await keep('r1', 1_000);
    await keep('r1', 1_000);
    await keep('r2', 2_000);
    const [content, ...more] = await contents();
    expect(more).toEqual([]);
    expect(content?.gzip.length).toBeLessThan(bytes.length / 10);
    expect(await read('r2')).toEqual({ bytes, sha256, observedAt: 2_000 });
    expect(await test.db.write((trx) => removeEvidence(trx, 2_000))).toBe(1);
    await expect(read('r1')).rejects.toMatchObject({ code: 'EVIDENCE_NOT_FOUND' });
    expect((await read('r2')).bytes).toEqual(bytes);
    expect(await test.db.write((trx) => removeEvidence(trx, 3_000))).toBe(1);
    expect(await contents()).toEqual([]);
  });

  it.skipIf(engine.skipped)('is removed by the task after the days that are set, behind the fence', async () => {
    const day = 86_400_000;
    await keep('old', test.clock.now() - 31 * day);
    await keep('new', test.clock.now() - 29 * day);
    const run = (fence: () => Promise<void>) =>
      forgetEvidenceTask.run({
        options: { evidenceDays: 30 },
        db: test.db,
        clock: test.clock,
        signal: new AbortController().signal,
        fence,
      } as unknown as Parameters<typeof forgetEvidenceTask.run>[0]);
    await expect(run(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect((await read('old')).bytes).toEqual(bytes);
    expect(await run(async () => undefined)).toEqual({ counts: { removed: 1 }, notices: [] });
    await expect(read('old')).rejects.toMatchObject({ code: 'EVIDENCE_NOT_FOUND' });
    expect((await read('new')).bytes).toEqual(bytes);
    await test.db.write((trx) => removeEvidence(trx, test.clock.now()));
  });

  it.skipIf(engine.skipped)('is refused where it was tampered with', async () => {
    const { sha256 } = await keep('r3', 1_000);
    const tamper = (gzip: Buffer) =>
      test.db.write((trx) => trx.update(evidenceContents, { gzip }, (query) => query.where({ sha256 })));
    const other = await keep('r4', 1_000, Buffer.from('other'));
    const foreign = (await contents()).find((row) => row.sha256 === other.sha256)?.gzip ?? Buffer.alloc(0);
    for (const gzip of [foreign, Buffer.from('no gzip')]) {
      await tamper(gzip);
      await expect(read('r3')).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
    }
  });
});
