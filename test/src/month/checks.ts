import { products } from '@itsm-m365/licence-catalog';
import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { expect } from 'vitest';
import type { Draw } from '../soak/draw.ts';
import { historyProblems } from '../stored/history.ts';
import type { MonthPortal } from './portals.ts';
import { answersAsOf, licencesOf, objectIds, verdictAsOf } from './questions.ts';
import type { Answers, Verdict } from './record.ts';

const whenText = (at: Instant): string => new Date(at).toISOString();

/** Now: every answer without an instant, and the names. */
export const checkPresent = async (db: Database, portal: MonthPortal): Promise<void> => {
  const rows = await licencesOf(db, portal.id);
  const skus = portal.record.skus();
  expect(
    rows.map(({ sku }) => sku),
    portal.name,
  ).toEqual(skus);
  await db.read(async (trx) => {
    const ids = await objectIds(trx);
    for (const { sku, number, name } of rows) {
      const where = `${portal.name} ${sku}`;
      expect(name, where).toBe(portal.record.nameOf(sku));
      expect(await answersAsOf(trx, number, {}, ids), where).toEqual(portal.record.answers(sku));
    }
  });
};

/** The instants of a stretch of time that are worth a question: its very beginning, its last moment, one between. */
const instantsOf = (from: Instant, to: Instant, draw: Draw, most: number): readonly Instant[] => {
  const all = [from, to - 1, from + draw.whole(Math.max(1, to - from - 1))];
  return most >= all.length ? all : [draw.one(all)];
};

const none: Answers = { holding: [], waiting: [], counts: '0/0/0', position: 'none' };

/** Every stretch between two imports of a portal, and the time before the first; answers the number of questions. */
export const checkPast = async (
  db: Database,
  portal: MonthPortal,
  { draw, instants, now }: { readonly draw: Draw; readonly instants: number; readonly now: Instant },
): Promise<number> => {
  const numbers = new Map((await licencesOf(db, portal.id)).map(({ sku, number }) => [sku, number]));
  let questions = 0;
  await db.read(async (trx) => {
    const ids = await objectIds(trx);
    const [first] = portal.timeline;
    const stretches = [
      { at: (first?.at ?? now) - 1, answers: new Map<string, Answers>(), to: first?.at ?? now },
      ...portal.timeline.map((entry, index) => ({ ...entry, to: portal.timeline[index + 1]?.at ?? now + 1 })),
    ];
    for (const { at, to, answers } of stretches)
      for (const instant of instantsOf(at, to, draw, instants))
        for (const [sku, number] of numbers) {
          const answer = await answersAsOf(trx, number, { at: instant }, ids);
          expect(answer, `${portal.name} ${sku} as of ${whenText(instant)}`).toEqual(answers.get(sku) ?? none);
          questions += 1;
        }
  });
  return questions;
};

/** What has to be published from an instant on, by the id of a product or licence. */
export interface StatusMoment {
  readonly at: Instant;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

const verdictIs = async (trx: Transaction, subject: string, at: Instant, verdict: Verdict): Promise<void> => {
  expect(await verdictAsOf(trx, subject, at), `status of ${subject} as of ${whenText(at)}`).toEqual({
    ...verdict,
    balance: verdict.available - verdict.required,
  });
};

const subjectsOf = async (db: Database, portal: MonthPortal): Promise<readonly [string, string][]> =>
  (await licencesOf(db, portal.id)).flatMap(({ id, product, sku }): [string, string][] => [
    [id, sku],
    [product, sku],
  ]);

/** The statuses as they have to be now. */
export const checkStatuses = async (
  db: Database,
  portals: readonly MonthPortal[],
  now: Instant,
): Promise<StatusMoment> => {
  const verdicts = new Map<string, Verdict>();
  for (const portal of portals)
    for (const [subject, sku] of await subjectsOf(db, portal)) verdicts.set(subject, portal.record.verdict(sku));
  await db.read(async (trx) => {
    for (const [subject, verdict] of verdicts) await verdictIs(trx, subject, now, verdict);
  });
  return { at: now, verdicts };
};

/** Between a recalculation and the next hour nothing is published, whatever Microsoft does. */
export const checkPastStatuses = async (
  db: Database,
  moments: readonly StatusMoment[],
  draw: Draw,
): Promise<number> => {
  let questions = 0;
  await db.read(async (trx) => {
    for (const { at, verdicts } of moments)
      for (const [subject, verdict] of verdicts) {
        if (draw.fraction() < 0.5) continue;
        await verdictIs(trx, subject, at + draw.whole(1_800_000), verdict);
        questions += 1;
      }
  });
  return questions;
};

/** The history is whole, and every product has a name. */
export const checkHistory = async (db: Database): Promise<void> => {
  expect(await historyProblems(db)).toEqual([]);
  expect(await db.read((trx) => trx.rows(products, (query) => query.where('name', '')))).toEqual([]);
};
