import { type Actor, systemActor, type Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskNotices } from '../notices.ts';
import { announce } from '../runs/finish.ts';
import { activeRestored, latestRestored, restoredNamed } from '../store/restored.ts';
import { tryAgain } from '../store/runs.ts';
import { type Entered, enterRestored, type Order } from './enter.ts';

/** Told by whoever knows that the database was restored. */
export interface Told {
  readonly actor: Actor;
  /** Enters once for each name; without one, unless restored mode is on. */
  readonly name?: string;
}

type Reason = Omit<Order, 'after'>;

const toldOrder = async (core: Core, trx: Transaction, told: Told): Promise<Reason | undefined> => {
  const { actor, name } = told;
  if (name === undefined) {
    if ((await activeRestored(trx)) !== undefined) return undefined;
    return { actor, reason: 'manual', name: `manual ${core.services.random.uuid()}` };
  }
  const order = `told ${name}`;
  return (await restoredNamed(trx, order)) === undefined ? { actor, reason: 'told', name: order } : undefined;
};

const foundOrder = async (core: Core, trx: Transaction): Promise<Reason | undefined> => {
  const reason = await core.marks.judge(trx);
  if (reason === undefined) return undefined;
  const name = core.marks.finding();
  return (await restoredNamed(trx, name)) === undefined ? { actor: systemActor, reason, name } : undefined;
};

/**
 * Looks whether the database is the one that this node left, enters restored mode where it is an older one or where it is
 * told so, and moves the mark on: one transaction. Tells whether restored mode was entered since the last look, here or
 * by another node; then this node's work is no longer its own.
 */
export const look = async (
  core: Core,
  told?: Told,
): Promise<{ readonly lost: boolean; readonly entered?: Entered }> => {
  const { found, lost } = await core.marks.inTurn(async () => {
    const found = await move(core, told);
    return { found, lost: await core.marks.remember(found.mark) };
  });
  if (found.entered === undefined) return { lost };
  const { row, ended } = found.entered;
  const { logger } = core.services;
  logger.warn({ restored: row.id, reason: row.reason, forgotten: row.forgotten }, 'Restored mode was entered');
  for (const run of ended) announce(core, run);
  await core.tell({ key: `server-tasks.restored/${row.id}`, notice: taskNotices.RESTORED_MODE() });
  return { lost, entered: found.entered };
};

const move = (core: Core, told: Told | undefined) =>
  tryAgain(core.db, async (trx) => {
    const after = await latestRestored(trx);
    // What was told is the same restore as what is found, and says more.
    const said = told === undefined ? undefined : await toldOrder(core, trx, told);
    const reason = said ?? (await foundOrder(core, trx));
    const entered = reason === undefined ? undefined : await enterRestored(core, trx, { ...reason, after });
    return { entered, mark: await core.marks.move(trx) };
  });
