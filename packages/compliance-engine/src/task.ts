import { defineTask, type SequenceTask, type TaskContext } from '@itsm-m365/plugin-api';
import { publish } from './apply.ts';
import { evaluateAll } from './evaluate.ts';
import { load } from './load.ts';
import { recalculatePermission } from './permissions.ts';
import { bounded, calculationErrors, countsOf, oldData, type Turn, toldOf, turnsOf } from './report.ts';
import { type EntitlementSettings, entitlementSection } from './settings.ts';

const phases = {
  load: { en: 'Counting consumers', de: 'Verbraucher zählen' },
  evaluate: { en: 'Computing statuses', de: 'Status berechnen' },
  apply: { en: 'Publishing statuses', de: 'Status veröffentlichen' },
} as const;

/** Tells people after the commit. A host that cannot tell them does not undo what was published. */
const tell = async ({ notify, logger, signal }: TaskContext, turns: readonly Turn[]): Promise<void> => {
  for (const turn of turns) {
    if (signal.aborted) return;
    try {
      await notify.send(turn);
    } catch (error) {
      logger.warn({ key: turn.key, code: error instanceof Error ? error.name : 'unknown' }, 'Could not notify');
      return;
    }
  }
};

/** Load, evaluate, apply: the only place where a compliance status is published (requirements D2, rule 3). */
export const recalculateTask = defineTask({
  kind: 'work',
  id: 'compliance-engine.recalculate',
  title: {
    en: 'Recalculation of the data for the compliance view',
    de: 'Neuberechnung der Daten für die Compliance Ansicht',
  },
  description: {
    en: 'Counts the consumers of each imported product and licence, computes their status and publishes it.',
    de: 'Zählt die Verbraucher jedes importierten Produkts und jeder Lizenz, berechnet ihren Status und veröffentlicht ihn.',
  },
  schedule: { kind: 'interval', minutes: 300 },
  follows: 'm365-import.import-licences',
  timeoutMinutes: 120,
  permission: recalculatePermission,
  settings: entitlementSection,
  run: async (context: TaskContext<EntitlementSettings>) => {
    const { db, clock, logger, progress, signal, fence, runId, trigger, actor, options } = context;
    const startedAt = clock.now();
    const { staleAfterHours, ...rule } = options;
    progress.report({ phase: phases.load, done: 0 });
    const { subjects, inputs, portalNames } = await load(db, {
      signal,
      counted: (done, total) => progress.report({ phase: phases.load, done, total }),
    });
    progress.report({ phase: phases.evaluate, done: 0, total: subjects.length });
    const evaluated = await evaluateAll(subjects, rule, {
      asOf: startedAt,
      signal,
      evaluated: (done) => progress.report({ phase: phases.evaluate, done, total: subjects.length }),
    });
    progress.report({ phase: phases.apply, done: 0, total: evaluated.length });
    const { plan, counts, at } = await publish(
      db,
      {
        run: runId,
        actor: actor.id,
        trigger,
        startedAt,
        now: clock.now(),
        rule,
        inputs,
        evaluated,
        portals: new Map(subjects.map(({ subject, portal }) => [subject, portal])),
        countsOf: (planned) => countsOf(evaluated, planned),
      },
      { fence, signal },
    );
    progress.report({ phase: phases.apply, done: evaluated.length, total: evaluated.length });
    logger.info({ evaluated: evaluated.length, changed: plan.open.length }, 'Recalculated compliance');
    const names = new Map(subjects.map(({ subject, name }) => [subject, name]));
    const turns = turnsOf(plan, names, at);
    await tell(context, toldOf(turns, at));
    return {
      counts,
      notices: [
        ...bounded(turns.map(({ notice }) => notice)),
        ...bounded(calculationErrors(evaluated, names)),
        ...bounded(oldData(subjects, inputs, { now: startedAt, hours: staleAfterHours, portalNames })),
      ],
    };
  },
});

/** *License Management > Compliance > Recalculate > Recalculate Completely*: a fresh import first (COMP-03, -04). */
export const recalculateCompletelyTask: SequenceTask = {
  kind: 'sequence',
  id: 'compliance-engine.recalculate-completely',
  title: { en: 'Recalculate completely', de: 'Komplett neu berechnen' },
  description: {
    en: 'Imports the current Microsoft 365 data, then recalculates. It may take some time.',
    de: 'Importiert die aktuellen Microsoft-365-Daten und berechnet dann neu. Das kann einige Zeit dauern.',
  },
  schedule: { kind: 'manual' },
  permission: recalculatePermission,
  steps: ['m365-import.import-licences', 'compliance-engine.recalculate'],
};
