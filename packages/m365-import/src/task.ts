import { defineSettings, defineTask, isKnownError, type Services, type TaskContext } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { type Portal, subjectOf } from './connect.ts';
import { importPortal } from './import-portal.ts';
import { importNotices } from './notices.ts';
import { importPermissions, portalScope } from './permissions.ts';
import { portals } from './portals.ts';
import { writeState } from './state.ts';
import { portalStates } from './tables.ts';

export const importTaskId = 'm365-import.import-licences';

/** What holds for all portals. */
export const importOptions = defineSettings({
  id: 'm365-import.options',
  kind: 'value',
  title: { en: 'Import of Microsoft 365 licences', de: 'Import der Microsoft-365-Lizenzen' },
  description: {
    en: 'What holds for the import of all portals.',
    de: 'Was für den Import aller Portale gilt.',
  },
  schema: Type.Object(
    {
      staleAfterHours: Type.Integer({
        minimum: 1,
        maximum: 8760,
        ui: {
          title: {
            en: 'Report a portal without complete import after (hours)',
            de: 'Portal ohne vollständigen Import melden nach (Stunden)',
          },
          description: {
            en: 'Also reported when no import starts at all.',
            de: 'Wird auch gemeldet, wenn gar kein Import startet.',
          },
          widget: 'number',
        },
      }),
    },
    { additionalProperties: false },
  ),
  defaults: { staleAfterHours: 24 },
  permissions: { read: importPermissions.readPortals, edit: importPermissions.editPortals },
});

const itemOf = (portal: Portal) => ({ key: portal.id, subject: subjectOf(portal), scope: portalScope(portal.id) });

/** Portals with imported data that are gone from the settings although nobody deleted them there: said, never acted on. */
const lostPortals = async (services: Services, known: readonly Portal[]): Promise<{ id: string; name: string }[]> => {
  const ids = new Set(known.map(({ id }) => id));
  const states = await services.db.read((trx) => trx.rows(portalStates));
  return states
    .filter((state) => !ids.has(state.portal) && state.removed_at === null && state.last_complete_at !== null)
    .map(({ portal, name }) => ({ id: portal, name }));
};

/** Notes a failure for the overview; the data stays. A failure to note it is not worth hiding the first one. */
const noteFailure = async (context: TaskContext, portal: Portal, code: string): Promise<void> => {
  try {
    await context.db.write(async (trx) => {
      await context.fence(trx);
      const at = context.clock.now();
      const failed = { failed_code: code, failed_at: at, last_attempt_at: at, last_run: context.runId };
      await writeState(trx, portal.id, failed, at);
    });
  } catch (error) {
    context.logger.warn(
      { code: isKnownError(error) ? error.code : 'other' },
      'Could not note the failure of an import',
    );
  }
};

/**
 * *Import Microsoft 365 licence data*. One item per active portal. What fails one portal is thrown as a known error and
 * becomes the notice of its item; the other portals go on.
 */
export const importTask = defineTask({
  kind: 'work',
  id: importTaskId,
  title: { en: 'Import Microsoft 365 licence data', de: 'Microsoft 365 Lizenzdaten importieren' },
  description: {
    en: 'Reads licences, users and assignments of each active portal and creates the licences, products and contacts.',
    de: 'Liest Lizenzen, Benutzer und Zuweisungen jedes aktiven Portals und legt Lizenzen, Produkte und Kontakte an.',
  },
  schedule: { kind: 'interval', minutes: 300 },
  timeoutMinutes: 240,
  permission: importPermissions.startImport,
  concurrency: 4,
  settings: importOptions,
  async items(services) {
    const all = await services.settings.items(portals);
    return [
      ...all.filter((portal) => portal.value.active).map(itemOf),
      ...(await lostPortals(services, all)).map(({ id, name }) => ({
        key: id,
        subject: { type: 'portal', id, name },
        scope: portalScope(id),
      })),
    ];
  },
  async run(context) {
    const portal = await context.settings.item(portals, context.item.key);
    if (portal === undefined || !portal.value.active) {
      const name = portal?.value.name ?? context.item.subject?.name ?? context.item.key;
      const make = portal === undefined ? importNotices.PORTAL_NOT_CONFIGURED : importNotices.PORTAL_SKIPPED;
      return { counts: { skipped: 1 }, notices: [make({ portal: name }, context.item.subject)] };
    }
    try {
      return await importPortal(context, portal);
    } catch (error) {
      if (!context.signal.aborted && !isKnownError(error, 'LEASE_LOST')) {
        await noteFailure(context, portal, isKnownError(error) ? error.code : 'INTERNAL');
      }
      throw error;
    }
  },
});
