import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from '../reliability/bench.ts';
import { documentOf } from '../reliability/document.ts';
import { allEntries, type Entry } from '../reliability/matrix.ts';
import { problemsOf } from '../reliability/promises.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reliability.md');

describe('every fault at every place', () => {
  let bench: Bench;
  let entries: readonly Entry[];
  beforeAll(async () => {
    bench = await openBench();
    entries = await allEntries(bench);
  }, 600_000);
  afterAll(() => bench?.close());

  it('leaves all or nothing, and says why', () => {
    expect(entries.flatMap(problemsOf)).toEqual([]);
  });

  it('strikes only in the imports that come by a place', () => {
    expect(entries.filter(({ cell, place, start }) => cell !== undefined && !place.starts.includes(start))).toEqual([]);
  });

  it('docs/reliability.md equals what happened', async () => {
    await expect(documentOf(entries)).toMatchFileSnapshot(page);
  });
});
