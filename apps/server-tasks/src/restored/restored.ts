import { createHash } from 'node:crypto';
import { type Actor, type Cursor, systemActor, type Text, type Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { tellHeld } from '../runs/events.ts';
import { writeAudit } from '../store/audit.ts';
import { countUntold } from '../store/events.ts';
import { activeRestored, latestRestored, releaseKey, releasesOf } from '../store/restored.ts';
import { tryAgain } from '../store/runs.ts';
import { type RestoredReason, type RestoredRow, releaseTable, restoredTable } from '../store/tables.ts';
import { heldWhole, pluginOf } from './hold.ts';
import { look } from './look.ts';
import { reasonText } from './words.ts';

/** A cursor as it is shown. `held`: tasks of its plugin wait for its release. */
export interface ShownCursor extends Cursor {
  readonly plugin: string;
  readonly held: boolean;
}

/** Restored mode: whether it is on, since when and why, and what waits for a person. */
export interface RestoredView {
  readonly on: boolean;
  /** Of the mode that is on, or was on last; null: the database was never restored. */
  readonly mode: {
    readonly id: string;
    readonly reason: RestoredReason;
    readonly why: Text;
    readonly enteredAt: number;
    readonly enteredBy: Actor;
    readonly releasedAt: number | null;
    readonly releasedBy: Actor | null;
    /** What plugins forgot, by plugin and name, and `runsEnded`. */
    readonly forgotten: Readonly<Record<string, number>>;
  } | null;
  /** Tasks that do not start: nothing of them was released. */
  readonly tasks: readonly string[];
  readonly cursors: readonly ShownCursor[];
  /** Plugins whose cursors could not be read; they cannot be released. */
  readonly unreadable: readonly string[];
  /** Notifications that were kept back, and are sent after the release. */
  readonly notifications: number;
  /** Stands for what is held as it is shown here; a release names it. */
  readonly seen: string;
}

/** What a person releases: everything, a plugin, or one item of it. */
export interface Release {
  /** `mode.id` and `seen` as they were shown: what has changed since is not released. */
  readonly restored: string;
  readonly seen: string;
  readonly plugin?: string;
  readonly item?: string;
}

/** Restored mode, to read and to steer. */
export interface Restored {
  isOn(): Promise<boolean>;
  view(): Promise<RestoredView>;
  /** Enters it by hand; does nothing where it is on. */
  enter(actor?: Actor): Promise<RestoredView>;
  /**
   * Releases what was shown. Released as a whole, the mode ends on all nodes: missed starts give one start, and
   * notifications that were kept back are sent. A part that was released before is released again without harm.
   *
   * @throws NOT_RESTORED, RESTORED_CHANGED, RESTORED_NOT_HELD, RESTORED_UNREADABLE
   */
  release(what: Release, actor?: Actor): Promise<RestoredView>;
}

interface Read {
  readonly row: RestoredRow | undefined;
  readonly on: boolean;
  readonly released: ReadonlySet<string>;
  readonly notifications: number;
}

const modeOf = (row: RestoredRow): RestoredView['mode'] => ({
  id: row.id,
  reason: row.reason,
  why: reasonText(row.reason),
  enteredAt: row.entered_at,
  enteredBy: { id: row.actor_id, name: row.actor_name },
  releasedAt: row.released_at,
  releasedBy: row.released_by === null ? null : { id: row.released_by, name: row.released_name ?? '' },
  forgotten: row.forgotten,
});

const byPlace = (a: ShownCursor, b: ShownCursor): number =>
  a.plugin === b.plugin ? (a.item < b.item ? -1 : 1) : a.plugin < b.plugin ? -1 : 1;

const digest = (cursors: readonly ShownCursor[]): string =>
  createHash('sha256')
    .update(JSON.stringify(cursors.filter(({ held }) => held).map((one) => [one.plugin, one.item, one.position.en])))
    .digest('hex')
    .slice(0, 32);

export const createRestored = (core: Core, lost: () => void, wake: () => void): Restored => {
  const { db, registry, services } = core;
  const heldTasks = [...registry.tasks.values()].filter((task) => task.kind === 'work' && task.heldAfterRestore);
  const holding = new Set(heldTasks.map(pluginOf));

  const read = (): Promise<Read> =>
    db.read(async (trx) => {
      const active = await activeRestored(trx);
      const row = active ?? (await latestRestored(trx));
      return {
        row,
        on: active !== undefined,
        released: row === undefined ? new Set<string>() : await releasesOf(trx, row.id),
        notifications: await countUntold(trx),
      };
    });

  const cursorsOf = async ({ on, released }: Read) => {
    const cursors: ShownCursor[] = [];
    const unreadable: string[] = [];
    for (const { id, afterRestore } of registry.plugins) {
      try {
        for (const cursor of (await afterRestore?.cursors?.(services)) ?? []) {
          const free = !holding.has(id) || released.has(id) || released.has(releaseKey(id, cursor.item));
          cursors.push({ ...cursor, plugin: id, held: on && !free });
        }
      } catch (error) {
        services.logger.error({ plugin: id, err: error }, 'The cursors of a plugin could not be read');
        unreadable.push(id);
      }
    }
    return { cursors: cursors.sort(byPlace), unreadable };
  };

  const view = async (): Promise<RestoredView> => {
    const found = await read();
    const { on, released, row, notifications } = found;
    const { cursors, unreadable } = on ? await cursorsOf(found) : { cursors: [], unreadable: [] };
    const tasks = on ? heldTasks.filter((task) => heldWhole(pluginOf(task), released)).map(({ id }) => id) : [];
    const mode = row === undefined ? null : modeOf(row);
    return { on, mode, tasks, cursors, unreadable, notifications, seen: digest(cursors) };
  };

  const check = (shown: RestoredView, { restored, seen, plugin, item }: Release): void => {
    if (!shown.on) throw taskErrors.NOT_RESTORED();
    if (shown.mode?.id !== restored || shown.seen !== seen) throw taskErrors.RESTORED_CHANGED();
    const concerned = plugin === undefined ? shown.unreadable : shown.unreadable.filter((id) => id === plugin);
    if (concerned.some((id) => holding.has(id)))
      throw taskErrors.RESTORED_UNREADABLE({ plugins: concerned.join(', ') });
    const known =
      plugin === undefined
        ? item === undefined
        : holding.has(plugin) &&
          (item === undefined || shown.cursors.some((one) => one.plugin === plugin && one.item === item));
    if (!known) throw taskErrors.RESTORED_NOT_HELD({ plugin: plugin ?? '', item: item ?? '' });
  };

  const note = async (trx: Transaction, { restored, plugin, item = '' }: Release, actor: Actor, now: number) => {
    const by = { actor_id: actor.id.slice(0, 200), actor_name: actor.name.slice(0, 200) };
    if (plugin !== undefined) {
      if ((await releasesOf(trx, restored)).has(releaseKey(plugin, item))) return;
      await trx.insert(releaseTable, [{ restored_id: restored, plugin, item, at: now, ...by }]);
      return;
    }
    const end = { active_key: restored, released_at: now, released_by: by.actor_id, released_name: by.actor_name };
    await trx.update(restoredTable, end, (query) => query.where({ id: restored }));
  };

  return {
    isOn: () => db.read(async (trx) => (await activeRestored(trx)) !== undefined),
    view,
    async enter(actor = systemActor) {
      const found = await look(core, { actor });
      if (found.lost) lost();
      return view();
    },
    async release(what, actor = systemActor) {
      check(await view(), what);
      await tryAgain(db, async (trx) => {
        // Somebody may have been faster, or the database was restored once more.
        if ((await activeRestored(trx))?.id !== what.restored) throw taskErrors.RESTORED_CHANGED();
        const now = services.clock.now();
        await note(trx, what, actor, now);
        const object = what.plugin === undefined ? 'server-tasks' : releaseKey(what.plugin, what.item);
        const entry = { actor, action: 'restored.released', object, details: { id: what.restored, seen: what.seen } };
        await writeAudit(trx, entry, { id: services.random.uuid(), at: now });
      });
      // In the background: a host that is slow to tell people must not keep the answer back.
      if (what.plugin === undefined)
        tellHeld(db, core.tellers, services.logger, () => services.clock.now()).catch((error: unknown) =>
          services.logger.error({ err: error }, 'Notifications kept back could not be sent'),
        );
      wake();
      return view();
    },
  };
};
