import { isFaultName } from '@itsm-m365/microsoft-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './bench.ts';
import { strike } from './cell.ts';
import { importFaults } from './faults.ts';
import type { Entry } from './matrix.ts';
import { codesIn, rowsUnder } from './page.ts';
import { places, starts } from './places.ts';
import { problemsOf } from './promises.ts';
import { wordsOf } from './rows.ts';

/** Rows of the page: fault, places, kinds of import, and what happens. */
const outcomes = rowsUnder('reliability.md', 'Outcomes').map(([fault = '', where = '', imports = '', ...words]) => ({
  fault: fault.replaceAll('`', ''),
  places: where.split(', '),
  starts: starts.filter(({ title }) => imports === 'all' || imports.split(', ').includes(title)).map(({ id }) => id),
  words,
}));

/** One cell of each fault, each time another place: all of them are the soak suite's. */
const sample = importFaults.flatMap((fault, index) => {
  const cells = outcomes
    .filter((row) => row.fault === fault)
    .flatMap((row) =>
      places
        .filter(({ title }) => row.places.includes(title))
        .flatMap((place) =>
          row.starts
            .filter((start) => place.starts.includes(start))
            .map((start) => ({ fault, place, start, words: row.words })),
        ),
    );
  const cell = cells[index % Math.max(1, cells.length)];
  return cell === undefined ? [] : [cell];
});

describe('docs/reliability.md', () => {
  it('tells of every fault of the simulator that an import can meet, and of no other', () => {
    const told = rowsUnder('reliability.md', 'The faults').map(([name = '']) => name.replaceAll('`', ''));
    expect(told).toEqual(importFaults);
    expect(outcomes.filter(({ fault }) => !isFaultName(fault))).toEqual([]);
    const absent = rowsUnder('reliability.md', 'The faults').filter(([, , where = '']) => where.startsWith('anywhere'));
    expect(new Set(outcomes.map(({ fault }) => fault)).size).toBe(importFaults.length - absent.length);
  });

  it('names only codes that docs/errors.md explains in English and German', () => {
    const explained = new Map(
      ['Errors', 'Notices'].flatMap((heading) =>
        rowsUnder('errors.md', heading).map(([code = '', , ...texts]) => [code.replaceAll('`', ''), texts] as const),
      ),
    );
    const codes = new Set(
      ['Outcomes', 'What the administrator reads'].flatMap((heading) =>
        rowsUnder('reliability.md', heading).flatMap((cells) => cells.flatMap(codesIn)),
      ),
    );
    expect(codes.size).toBeGreaterThan(15);
    for (const code of codes) {
      const [message = '', , german = ''] = explained.get(code) ?? [];
      expect([code, message.length > 8, german.length > 8]).toEqual([code, true, true]);
    }
  });
});

describe('a fault', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it.each(sample)('$fault at $place.title ($start) does what the page says', async ({ fault, place, start, words }) => {
    const entry: Entry = { fault, place, start, cell: await strike(bench, fault, place, start) };
    expect(problemsOf(entry)).toEqual([]);
    expect(entry.cell === undefined ? 'does not occur' : wordsOf(entry.cell)).toEqual(words);
  });

  it('of one portal does not stop another', async () => {
    await bench.recover();
    await bench.addNeighbour();
    const { faults, tenant, tenants } = bench.simulator;
    faults.enable('internal-server-error', { tenantId: tenant.tenantId });
    const [own, neighbour] = await bench.harness.run();
    expect([own?.state, own?.error?.code, neighbour?.state]).toEqual(['failed', 'GRAPH_UNAVAILABLE', 'succeeded']);
    expect(neighbour?.counts.users).toBe(tenants[1]?.truth.userCount());
  });
});
