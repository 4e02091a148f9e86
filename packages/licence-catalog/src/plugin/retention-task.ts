import { defineSettings, defineTask } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { removeEvidence } from '../evidence.ts';
import { editCataloguePermission, readCataloguePermission } from './permissions.ts';

const dayMs = 86_400_000;

/** How long raw answers are kept. History is no raw answer: only its own retention rewrites it. */
export const retentionSettings = defineSettings({
  id: 'licence-catalog.retention',
  kind: 'value',
  title: { en: 'Retention of raw answers', de: 'Aufbewahrung von Rohantworten' },
  description: {
    en: 'The answers of Microsoft that figures rest on are kept for an auditor, and removed after this time.',
    de: 'Die Antworten von Microsoft, auf denen Zahlen beruhen, bleiben für die Revision erhalten und werden nach dieser Zeit entfernt.',
  },
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'Licence Management', de: 'Lizenzmanagement' },
  ],
  schema: Type.Object(
    {
      evidenceDays: Type.Integer({
        minimum: 30,
        maximum: 3650,
        ui: { title: { en: 'Days to keep raw answers', de: 'Tage, die Rohantworten aufbewahrt werden' } },
      }),
    },
    { additionalProperties: false },
  ),
  // A financial year, and the weeks in which it is audited.
  defaults: { evidenceDays: 400 },
  permissions: { read: readCataloguePermission, edit: editCataloguePermission },
});

export const forgetEvidenceTask = defineTask({
  kind: 'work',
  id: 'licence-catalog.forget-evidence',
  title: { en: 'Remove old raw answers', de: 'Alte Rohantworten entfernen' },
  description: {
    en: 'Removes raw answers of Microsoft after the time set for them. Figures and history stay.',
    de: 'Entfernt Rohantworten von Microsoft nach der dafür eingestellten Zeit. Zahlen und Historie bleiben.',
  },
  schedule: { kind: 'daily', time: '03:30', zone: 'UTC' },
  timeoutMinutes: 30,
  permission: editCataloguePermission,
  settings: retentionSettings,
  async run({ options, db, clock, signal, fence }) {
    const before = clock.now() - options.evidenceDays * dayMs;
    const removed = await db.write(
      async (trx) => {
        await fence(trx);
        return removeEvidence(trx, before);
      },
      { signal },
    );
    return { counts: { removed }, notices: [] };
  },
});
