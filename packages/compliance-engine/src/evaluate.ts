import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { evaluateProduct } from './engine/evaluate.ts';
import type { EntitlementRule, Instant } from './engine/facts.ts';
import type { Evaluated } from './engine/plan.ts';
import type { LoadedSubject } from './load.ts';

/** The print stands for the whole verdict, so that a difference anywhere in it shows. */
const evaluateOne = ({ subject, kind, facts }: LoadedSubject, rule: EntitlementRule, asOf: Instant): Evaluated => {
  const verdict = evaluateProduct(facts, rule, asOf);
  const print = createHash('sha256').update(JSON.stringify(verdict)).digest('hex');
  return { subject, kind, verdict, print };
};

/** Judges each product and licence by itself; between a thousand of them other work of the process gets its turn. */
export const evaluateAll = async (
  subjects: readonly LoadedSubject[],
  rule: EntitlementRule,
  { asOf, signal, evaluated }: { asOf: Instant; signal: AbortSignal; evaluated(done: number): void },
): Promise<readonly Evaluated[]> => {
  const all: Evaluated[] = [];
  for (const subject of subjects) {
    all.push(evaluateOne(subject, rule, asOf));
    if (all.length % 1000 > 0) continue;
    evaluated(all.length);
    await setImmediate();
    signal.throwIfAborted();
  }
  return all;
};
