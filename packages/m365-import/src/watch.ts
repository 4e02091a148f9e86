import { storedExpiry } from '@itsm-m365/graph-auth';
import { type Notice, type Services, shownTime, type Watch } from '@itsm-m365/plugin-api';
import { type Portal, subjectOf } from './connect.ts';
import { isHeldKind } from './guard.ts';
import { heldNotice } from './held-notice.ts';
import { importNotices } from './notices.ts';
import { portals } from './portals.ts';
import { writeState } from './state.ts';
import { type PortalStateRow, portalStates } from './tables.ts';
import { importOptions } from './task.ts';

type Due = { readonly key: string; readonly notice: Notice };

const hour = 60 * 60_000;

const activePortals = async (services: Services): Promise<readonly Portal[]> =>
  (await services.settings.items(portals)).filter((portal) => portal.value.active);

const statesOf = async (services: Services): Promise<Map<string, PortalStateRow>> => {
  const rows = await services.db.read((trx) => trx.rows(portalStates));
  return new Map(rows.map((row) => [row.portal, row]));
};

/** Remembers when a portal was first seen, so that one whose import never starts is noticed as well. */
const remember = async (services: Services, portal: Portal): Promise<void> => {
  const now = services.clock.now();
  await services.db.write((trx) => writeState(trx, portal.id, { name: portal.value.name }, now));
};

const lateNotice = (portal: Portal, state: PortalStateRow, now: number, limit: number): Due | undefined => {
  const since = state.last_complete_at ?? state.first_seen_at;
  const hours = Math.floor((now - since) / hour);
  if (hours < limit) return undefined;
  const name = portal.value.name;
  const key = `m365-import.stale/${portal.id}/${since}`;
  const subject = subjectOf(portal);
  if (state.last_complete_at === null)
    return { key, notice: importNotices.IMPORT_NEVER({ portal: name, hours }, subject) };
  const date = shownTime(since);
  return { key, notice: importNotices.IMPORT_STALE({ portal: name, hours, date }, subject) };
};

/** Portals without a complete import for too long, even where no run starts at all. One key per such gap. */
export const staleImports: Watch = {
  id: 'm365-import.stale-imports',
  async check(services) {
    const { staleAfterHours } = await services.settings.value(importOptions);
    const states = await statesOf(services);
    const due: Due[] = [];
    for (const portal of await activePortals(services)) {
      const state = states.get(portal.id);
      if (state === undefined) await remember(services, portal);
      else
        due.push(
          ...[lateNotice(portal, state, services.clock.now(), staleAfterHours)].filter((one) => one !== undefined),
        );
    }
    return due;
  },
};

/** Imports that wait for a person: one key for each time it came to that. */
export const heldImports: Watch = {
  id: 'm365-import.held-imports',
  async check(services) {
    const states = await statesOf(services);
    return (await activePortals(services)).flatMap((portal) => {
      const state = states.get(portal.id);
      if (state === undefined || !isHeldKind(state.held_kind)) return [];
      const held = { kind: state.held_kind, count: state.held_count, of: state.held_of };
      return { key: `m365-import.held/${portal.id}/${state.held_at}`, notice: heldNotice(portal, held) };
    });
  },
};

/** Credentials that end in 60, 30, 14, 7 or 1 days, or have ended: one key for each threshold. */
export const expiringCredentials: Watch = {
  id: 'm365-import.expiring-credentials',
  async check(services) {
    const now = services.clock.now();
    return (await activePortals(services)).flatMap((portal) => {
      const { credential, tenantId, clientId } = portal.value;
      return storedExpiry(credential, `${tenantId}/${clientId}`, now, subjectOf(portal)) ?? [];
    });
  },
};
