import { type AfterRestore, type Cursor, type Services, shownTime } from '@itsm-m365/plugin-api';
import { portals } from './portals.ts';
import { confirmations, type PortalStateRow, portalStates } from './tables.ts';

const positionOf = (state: PortalStateRow): Cursor['position'] => {
  const at = state.last_complete_at;
  if (at === null) return { en: 'never imported completely', de: 'noch nie vollständig importiert' };
  return state.delta_link === ''
    ? {
        en: `data as of ${shownTime(at)}; the next import lists all users`,
        de: `Daten vom ${shownTime(at)}; der nächste Import liest alle Benutzer`,
      }
    : { en: `data and changes read up to ${shownTime(at)}`, de: `Daten und Änderungen gelesen bis ${shownTime(at)}` };
};

/**
 * An import reads only, so nothing of it is held after a restore: it goes on, from the beginning. A delta link tells what
 * changed since it was given, and Microsoft does not say whether the data that came back is the data it was given with;
 * a listing of everything needs no such word, and the guard looks at what it would remove. A person's confirmation was
 * given for a state that is gone.
 */
export const afterRestore: AfterRestore = {
  async forget(trx) {
    const deltaLinks = await trx.update(portalStates, { delta_link: '' }, (query) => query.whereNot('delta_link', ''));
    const words = await trx.update(confirmations, { used_run: 'restored' }, (query) => query.where({ used_run: '' }));
    return { deltaLinks, confirmations: words };
  },
  async cursors(services: Services) {
    const known = new Map((await services.settings.items(portals)).map(({ id, value }) => [id, value.name]));
    const states = await services.db.read((trx) => trx.rows(portalStates));
    return states
      .filter(({ portal, removed_at }) => known.has(portal) && removed_at === null)
      .map((state) => ({
        item: state.portal,
        subject: { type: 'portal', id: state.portal, name: known.get(state.portal) ?? state.name },
        position: positionOf(state),
        observedAt: state.last_complete_at,
      }));
  },
};
