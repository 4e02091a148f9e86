import { eachDatabase } from '@itsm-m365/database/testing';
import { openEnd } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { StagedPerson } from '../model.ts';
import { createStage } from '../stage/stage.ts';
import {
  type AssignmentRow,
  assignments,
  type ContactRow,
  contacts,
  type PersonFactRow,
  personFacts,
} from '../tables.ts';
import { openCatalogue, seededRandom } from './catalogue.ts';
import { aPerson, holding } from './persons.ts';

/*
 * Not part of the suite: `LICENCE_SPEED=100000 vitest run src/testing/speed.test.ts` prints how long an import into
 * SQLite takes beside a floor that writes the same rows in one transaction.
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

interface Keyed {
  readonly person: StagedPerson;
  readonly key: number;
}

const print = 2 ** 52 + 1;

const contactOf = ({ person, key }: Keyed): ContactRow => ({
  person: key,
  tenant,
  object_id: person.objectId,
  source: 'm365',
  display_name: person.displayName,
  upn: person.userPrincipalName,
  upn_key: person.userPrincipalName.toLowerCase(),
  mail: person.mail,
  mail_key: person.mail.toLowerCase(),
  given_name: person.givenName,
  surname: person.surname,
  fingerprint: print,
  created_at: 1,
  changed_at: 1,
});

const factOf = ({ person: { facts }, key }: Keyed): PersonFactRow => ({
  person: key,
  valid_from: 1,
  valid_to: openEnd,
  enabled: true,
  person_type: facts.personType,
  department: facts.department,
  company: facts.company,
  cost_centre: facts.costCentre,
  country: facts.country,
  usage_location: facts.usageLocation,
  fingerprint: print,
});

const assignmentsOf = ({ person, key }: Keyed): AssignmentRow[] =>
  person.assignments.map(({ licence, path, state, error }) => ({
    licence,
    person: key,
    path,
    valid_from: 1,
    valid_to: openEnd,
    holds: true,
    state,
    error,
    observed_at: 1,
  }));

describe.skipIf(count === 0)('the speed of an import', () => {
  it('is near the floor', { timeout: 600_000 }, async () => {
    const [engine] = eachDatabase();
    if (engine === undefined) throw new Error('No engine');
    const random = seededRandom(1);
    const floor = await openCatalogue(engine);
    const [floorTime] = await timed('floor', () =>
      floor.db.write(async (trx) => {
        for (const page of pages()) {
          const keyed = page.map((person) => ({ person, key: random.key() }));
          await trx.insert(contacts, keyed.map(contactOf));
          await trx.insert(personFacts, keyed.map(factOf));
          await trx.insert(assignments, keyed.flatMap(assignmentsOf));
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
