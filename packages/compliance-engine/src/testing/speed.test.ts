import { eachDatabase } from '@itsm-m365/database/testing';
import { type AssignmentRow, assignments } from '@itsm-m365/licence-catalog';
import { openEnd } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { countHolders } from '../count.ts';
import { openCompliance } from './store.ts';

/*
 * Not part of the suite: `COMPLIANCE_SPEED=2500000 vitest run src/testing/speed.test.ts` prints how long the counting of
 * a recalculation takes on SQLite beside a bare GROUP BY over the open assignments.
 */
const count = Number(process.env.COMPLIANCE_SPEED ?? 0);
const licences = Array.from({ length: 25 }, (_, index) => index + 1);

function* rows(): Generator<AssignmentRow> {
  for (const licence of licences)
    for (let person = 1; person <= count / licences.length; person++)
      yield {
        licence,
        person: person * 7919,
        path: '',
        valid_from: 1,
        valid_to: openEnd,
        holds: person % 1000 !== 0,
        state: 'Active',
        error: '',
        observed_at: 1,
      };
}

describe.skipIf(count === 0)('the speed of a recalculation', () => {
  it('is at most three times a bare GROUP BY', { timeout: 600_000 }, async () => {
    const [engine] = eachDatabase();
    if (engine === undefined) throw new Error('No engine');
    const test = await openCompliance(engine);
    await test.db.load(assignments, rows());
    const best = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const bare = await best(() =>
      test.db.read((trx) =>
        trx.query('select licence, count(*) as persons from lic_assignment where valid_to = ? group by licence', [
          openEnd,
        ]),
      ),
    );
    const { signal } = new AbortController();
    const ours = await best(() =>
      test.db.read((trx) => countHolders(trx, assignments, licences, { signal, counted: () => undefined })),
    );
    console.log(`bare GROUP BY ${Math.round(bare)} ms, counting ${Math.round(ours)} ms, ${(ours / bare).toFixed(2)} x`);
    await test.close();
    expect(ours / bare).toBeLessThan(3);
  });
});
