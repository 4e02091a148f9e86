import type { Gauge } from '@itsm-m365/plugin-api';
import { portals } from './portals.ts';
import { portalStates } from './tables.ts';

/** Alert on it: a portal whose import stopped shows here even where nobody reads notices. */
export const importAge: Gauge = {
  name: 'itsm_m365_last_complete_import_age_seconds',
  help: 'Seconds since the last complete import of a portal; +Inf where there was none yet.',
  async read(services) {
    const now = services.clock.now();
    const rows = await services.db.read((trx) => trx.rows(portalStates));
    const states = new Map(rows.map((row) => [row.portal, row]));
    const active = (await services.settings.items(portals)).filter((portal) => portal.value.active);
    return active.map((portal) => {
      const last = states.get(portal.id)?.last_complete_at ?? null;
      const value = last === null ? Number.POSITIVE_INFINITY : Math.max(0, (now - last) / 1000);
      return { labels: { portal: portal.id, name: portal.value.name }, value };
    });
  },
};
