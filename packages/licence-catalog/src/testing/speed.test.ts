import { eachDatabase } from '@itsm-m365/database/testing';
import { openEnd, type Table } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { StagedPerson } from '../model.ts';
import { createStage } from '../stage/stage.ts';
import { assignments, contacts, personFacts } from '../tables.ts';
import { openCatalogue, seededRandom } from './catalogue.ts';
import { aPerson, holding } from './persons.ts';

/*
 * Not part of the suite: `LICENCE_SPEED=100000 vitest run src/testing/speed.test.ts` prints how long an import into
 * SQLite takes beside a floor that writes the same rows by prepared statements in one transaction.
 */
const count = Number(process.env.LICENCE_SPEED ?? 0);
const pageSize = 999;
const tenant = '11111111-0000-4000-8000-000000000001';
const licenceNumbers = Array.from({ length: 20 }, (_, index) => index + 1);
const group = (index: number): string => `22222222-0000-4000-8000-00000000000${index % 10}`;

const personAt = (index: number): StagedPerson =>
  aPerson(index, [
    holding(1 + (index % 20)),
    holding(1 + ((index + 7) % 20), group(index)),
    ...(index % 2 === 0 ? [holding(1 + ((index + 14) % 20), group(index + 1))] : []),
  ]);

function* pages(): Generator<StagedPerson[]> {
  for (let from = 0; from < count; from += pageSize)
    yield Array.from({ length: Math.min(pageSize, count - from) }, (_, index) => personAt(from + index));
}

/** Processor time, so that a busy machine does not change the ratio. */
const timed = async <T>(label: string, work: () => Promise<T>): Promise<[number, T]> => {
  const start = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  console.log(`${label}: ${Math.round(milliseconds)} ms of processor, ${Math.round(performance.now() - start)} ms`);
  return [milliseconds, result];
};

const names = (table: Table<never>): string => Object.keys(table.columns).join(', ');

describe.skipIf(count === 0)('the speed of an import', () => {
  it('is near the floor', { timeout: 600_000 }, async () => {
    const [engine] = eachDatabase();
    if (engine === undefined) throw new Error('No engine');
    const random = seededRandom(1);
    const floor = await openCatalogue(engine);
    const [floorTime] = await timed('floor', () =>
      floor.db.write(async (trx) => {
        const raw = await trx.sql.client.acquireConnection();
        const into = (table: Table<never>) =>
          raw.prepare(
            `insert into ${table.name} (${names(table)}) values (${Object.keys(table.columns)
              .map(() => '?')
              .join(', ')})`,
          );
        const contact = into(contacts as never);
        const fact = into(personFacts as never);
        const assignment = into(assignments as never);
        for (const page of pages())
          for (const person of page) {
            const key = random.key();
            const { facts } = person;
            const upn = person.userPrincipalName;
            contact.run(
              key,
              tenant,
              person.objectId,
              'm365',
              person.displayName,
              upn,
              upn.toLowerCase(),
              person.mail,
              person.mail.toLowerCase(),
              person.givenName,
              person.surname,
              2 ** 52 + 1,
              1,
              1,
            );
            fact.run(
              key,
              1,
              openEnd,
              1,
              facts.personType,
              facts.department,
              facts.company,
              facts.costCentre,
              facts.country,
              facts.usageLocation,
              2 ** 52 + 1,
            );
            for (const entry of person.assignments)
              assignment.run(entry.licence, key, entry.path, 1, openEnd, 1, entry.state, entry.error, 1);
          }
      }),
    );
    await floor.close();
    const test = await openCatalogue(engine);
    let peak = 0;
    const run = async (ticket: string, at: number) => {
      const stage = createStage(test.db, {
        portal: 'p',
        tenant,
        ticket,
        mode: 'full',
        licences: licenceNumbers,
        random,
      });
      const [staging] = await timed('  stage', async () => {
        for (const page of pages()) {
          await stage.add(page);
          peak = Math.max(peak, process.memoryUsage().heapUsed);
        }
      });
      const [comparing, comparison] = await timed('  compare', () => stage.compare());
      let longest = 0;
      let last = performance.now();
      const watch = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      const [publishing, counts] = await timed('  publish', () => test.db.write((trx) => stage.publish(trx, at)));
      clearInterval(watch);
      const [clearing] = await timed('  clear', () => stage.clear());
      console.log(comparison, counts, `longest pause ${Math.round(longest)} ms`);
      return staging + comparing + publishing + clearing;
    };
    const first = await run('1', 1_000);
    const again = await run('2', 2_000);
    console.log(
      `first ${Math.round(first)} ms = ${(first / floorTime).toFixed(2)} x floor, ${Math.round((count * 4.5) / (first / 1000))} rows/s; ` +
        `unchanged full ${Math.round(again)} ms; peak heap ${Math.round(peak / 2 ** 20)} MB`,
    );
    await test.close();
    expect(first / floorTime).toBeLessThan(2.5);
  });
});
