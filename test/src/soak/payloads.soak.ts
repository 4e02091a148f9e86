import { expect, it } from 'vitest';
import { openPayloadWorld, type PayloadWorld, type Round } from './payloads.ts';

/*
 * SOAK_SEED repeats a run, SOAK_MUTATIONS says how many answers are changed (default 2,000; 10,000 takes about five times
 * as long), SOAK_ONLY=n repeats the change number n with those of its world before it, and prints each of them.
 */
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const mutations = Number(process.env.SOAK_MUTATIONS ?? 2000);
const only = process.env.SOAK_ONLY === undefined ? undefined : Number(process.env.SOAK_ONLY);
/** A new tenant and database after so many, so that history stays short; a failure is repeated from there. */
const roundsOfWorld = 100;

const told = ({ number, what, outcome, problems }: Round): string =>
  [`SOAK_SEED=${seed} SOAK_ONLY=${number} ended ${outcome}`, `  ${what}`, ...problems.map((one) => `  ✗ ${one}`)].join(
    '\n',
  );

it(`${mutations} changed answers of Microsoft end in a typed error or a notice, never in a crash or half a change`, async () => {
  process.stdout.write(`SOAK_SEED=${seed} SOAK_MUTATIONS=${mutations}\n`);
  const failures: string[] = [];
  const outcomes = new Map<string, number>();
  let changed = 0;
  let world: PayloadWorld | undefined;
  const over = (number: number): boolean => (only === undefined ? changed === mutations : number > only);
  for (let number = only === undefined ? 0 : only - (only % roundsOfWorld); !over(number); number += 1) {
    if (number % roundsOfWorld === 0 || world === undefined) {
      await world?.close();
      world = await openPayloadWorld(seed + Math.floor(number / roundsOfWorld));
    }
    const round = await world.round(number);
    if (round.changed) {
      changed += 1;
      outcomes.set(round.outcome, (outcomes.get(round.outcome) ?? 0) + 1);
      if (changed % 1000 === 0) process.stdout.write(`${changed} answers changed\n`);
    }
    if (only !== undefined) process.stdout.write(`${told(round)}\n`);
    if (round.problems.length === 0) continue;
    failures.push(told(round));
    if (only === undefined) process.stdout.write(`${told(round)}\n`);
    // What a failure leaves behind would fail the rounds after it.
    await world.close();
    world = undefined;
    if (failures.length >= 20) break;
  }
  await world?.close();
  process.stdout.write(`${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}\n`);
  expect(failures).toEqual([]);
}, 7_200_000);
