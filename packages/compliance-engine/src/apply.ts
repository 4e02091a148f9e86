import { type Database, type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import type { EntitlementRule } from './engine/facts.ts';
import { type Evaluated, type PublicationPlan, type Published, planPublication } from './engine/plan.ts';
import { isStatusId } from './engine/statuses.ts';
import { type PortalInput, type RecalculationRow, recalculations, type StatusRow, statusIntervals } from './tables.ts';

/** A recalculation that is about to be published. */
export interface Recalculation {
  readonly run: string;
  readonly actor: string;
  readonly trigger: string;
  readonly startedAt: Instant;
  readonly now: Instant;
  readonly rule: EntitlementRule;
  readonly inputs: readonly PortalInput[];
  readonly evaluated: readonly Evaluated[];
  /** Portal of each subject. */
  readonly portals: ReadonlyMap<string, string>;
  countsOf(plan: PublicationPlan): Readonly<Record<string, number>>;
}

export interface Publication {
  readonly plan: PublicationPlan;
  readonly counts: Readonly<Record<string, number>>;
  readonly at: Instant;
}

const rowOf = (
  { subject, kind, verdict, print }: Evaluated,
  { at, run, dataAsOf }: { readonly at: Instant; readonly run: string; readonly dataAsOf: Instant | undefined },
): StatusRow => {
  const { figures, cause } = verdict;
  return {
    subject,
    kind,
    valid_from: at,
    valid_to: openEnd,
    status: verdict.status,
    reason: verdict.reason ?? '',
    cause: cause === undefined ? '' : `${cause.id}:${cause.figure}`,
    required: figures?.required ?? null,
    available: figures?.available ?? null,
    balance: figures?.balance ?? null,
    consumers: figures?.consumers ?? null,
    waiting: figures?.waiting ?? null,
    consumed_reported: figures?.consumedReported ?? null,
    enabled: figures === undefined ? null : figures.shares.paid + figures.shares.trial,
    warning: figures === undefined ? null : figures.shares.grace + figures.shares.trialInGrace,
    suspended: figures?.shares.suspended ?? null,
    trial: figures === undefined ? null : figures.shares.trial + figures.shares.trialInGrace,
    rests_on: verdict.restsOn.join(','),
    rests_until: verdict.restsUntil ?? null,
    explanation: verdict.explanation,
    print,
    data_as_of: dataAsOf ?? null,
    run,
  };
};

const readPublished = async (trx: Transaction): Promise<Published[]> => {
  const rows: { subject: string; status: string; print: string }[] = await trx
    .from(statusIntervals)
    .select('subject', 'status', 'print')
    .where('valid_to', trx.encode('time', openEnd));
  // A status of a newer version that this one does not know counts as none, so that the row is replaced.
  return rows.map(({ subject, status, print }) =>
    isStatusId(status) ? { subject, status, print } : { subject, status: 'clear', print: '' },
  );
};

/** The last recalculation, as the store has it. */
export const lastRecalculation = async (trx: Transaction): Promise<RecalculationRow | undefined> => {
  const [row] = await trx.rows(recalculations, (query) => query.orderBy('number', 'desc').limit(1));
  return row;
};

const closeAll = async (trx: Transaction, subjects: readonly string[], at: Instant): Promise<void> => {
  const size = Math.min(500, trx.capabilities.maxParameters - 10);
  for (let from = 0; from < subjects.length; from += size) {
    await trx.update(statusIntervals, { valid_to: at }, (query) =>
      query.whereIn('subject', subjects.slice(from, from + size)).where('valid_to', trx.encode('time', openEnd)),
    );
    await trx.breathe();
  }
};

/**
 * Publishes verdicts in one transaction whose first statement is the fence. What is published is read again in it, so
 * that the plan cannot be older than the store; where nothing changed, only the recalculation itself is recorded.
 */
export const publish = (
  db: Database,
  recalculation: Recalculation,
  options: { readonly fence: (trx: Transaction) => Promise<void>; readonly signal: AbortSignal },
): Promise<Publication> =>
  db.write(
    async (trx) => {
      await options.fence(trx);
      const last = await lastRecalculation(trx);
      const plan = planPublication(await readPublished(trx), recalculation.evaluated);
      // A clock that was set back must not make an interval that ends before it begins.
      const at = Math.max(recalculation.now, (last?.finished_at ?? 0) + 1);
      const asOf = new Map(recalculation.inputs.map(({ portal, dataAsOf }) => [portal, dataAsOf]));
      await closeAll(trx, plan.close, at);
      for (let from = 0; from < plan.open.length; from += 500) {
        const rows = plan.open.slice(from, from + 500).map((one) => {
          const portal = recalculation.portals.get(one.subject) ?? '';
          return rowOf(one, { at, run: recalculation.run, dataAsOf: asOf.get(portal) });
        });
        await trx.insert(statusIntervals, rows);
        await trx.breathe();
      }
      const counts = recalculation.countsOf(plan);
      await trx.insert(recalculations, [
        {
          number: (last?.number ?? 0) + 1,
          run: recalculation.run,
          started_at: recalculation.startedAt,
          finished_at: at,
          actor: recalculation.actor,
          trigger: recalculation.trigger,
          rule: recalculation.rule,
          inputs: recalculation.inputs,
          counts,
        },
      ]);
      return { plan, counts, at };
    },
    { signal: options.signal },
  );
