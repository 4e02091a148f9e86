import { type Static, Type } from 'typebox';
import { taskPermissions } from '../../permissions.ts';
import type { Release, RestoredView } from '../../restored/restored.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { defineEndpoint, type Endpoint } from '../endpoint.ts';
import { ActorShape, Bilingual, Counts, Id, Instant, Nullable, SubjectShape } from '../schemas.ts';

const CursorShape = Type.Object({
  plugin: Type.String(),
  item: Type.String(),
  subject: SubjectShape,
  position: Bilingual,
  observedAt: Nullable(Instant),
  held: Type.Boolean(),
});
const RestoredShape = Type.Object({
  on: Type.Boolean(),
  mode: Nullable(
    Type.Object({
      id: Type.String(),
      reason: Type.Enum(['older', 'unknown', 'moved', 'told', 'manual']),
      why: Bilingual,
      enteredAt: Instant,
      enteredBy: ActorShape,
      releasedAt: Nullable(Instant),
      releasedBy: Nullable(ActorShape),
      forgotten: Counts,
    }),
  ),
  tasks: Type.Array(Type.String(), { description: 'Tasks that do not start' }),
  cursors: Type.Array(CursorShape),
  unreadable: Type.Array(Type.String(), { description: 'Plugins whose cursors could not be read' }),
  notifications: Type.Integer({ description: 'Kept back, and sent after the release' }),
  seen: Type.String({ description: 'Names what is held as shown here; a release repeats it' }),
});
const ReleaseShape = Type.Object(
  { restored: Id, seen: Id, plugin: Type.Optional(Id), item: Type.Optional(Id) },
  { additionalProperties: false },
);

const shown = (view: RestoredView): Static<typeof RestoredShape> =>
  structuredClone(view) as Static<typeof RestoredShape>;

/** Restored mode: what is held after a restore of the database, and its release. */
export const restoredRoutes = ({ restored }: ServerTasks): readonly Endpoint[] => {
  const tag = 'restored';
  const access = taskPermissions.restored;
  return [
    defineEndpoint({
      method: 'GET',
      path: '/restored',
      summary: 'Whether the database was restored, and what is held since',
      tag,
      access,
      response: RestoredShape,
      handle: async () => shown(await restored.view()),
    }),
    defineEndpoint({
      method: 'POST',
      path: '/restored',
      summary: 'Says that the database was restored: ends runs, drops delta links, holds sending and fetching',
      tag,
      access,
      body: Type.Object({ restored: Type.Literal(true) }, { additionalProperties: false }),
      response: RestoredShape,
      handle: async (call) => shown(await restored.enter(call.actor)),
    }),
    defineEndpoint({
      method: 'POST',
      path: '/restored/release',
      summary: 'Releases what was seen: everything, a plugin, or one item of it',
      tag,
      access,
      body: ReleaseShape,
      response: RestoredShape,
      handle: async (call) => shown(await restored.release(call.body satisfies Release, call.actor)),
    }),
  ];
};
