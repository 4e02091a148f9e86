import type { Permission } from '@itsm-m365/plugin-api';

/** Rights of the core itself. Starting, cancelling and scheduling a task ask for the task's own permission. */
export const taskPermissions = {
  read: {
    id: 'server-tasks.read',
    title: { en: 'See plugins and tasks', de: 'Plugins und Aufgaben sehen' },
    description: {
      en: 'See which plugins are there, their tasks and schedules, and the description of the API.',
      de: 'Sehen, welche Plugins vorhanden sind, ihre Aufgaben und Startbedingungen sowie die API-Beschreibung.',
    },
  },
  readRuns: {
    id: 'server-tasks.runs.read',
    title: { en: 'See runs', de: 'Läufe sehen' },
    description: {
      en: 'See runs with progress, notices and log; with a scope, the parts of a run that belong to it.',
      de: 'Läufe mit Fortschritt, Hinweisen und Protokoll sehen; mit einem Geltungsbereich nur die zugehörigen Teile.',
    },
  },
  readEvents: {
    id: 'server-tasks.events.read',
    title: { en: 'See events', de: 'Ereignisse sehen' },
    description: {
      en: 'See what people were told: stale imports, expiring credentials.',
      de: 'Sehen, worüber benachrichtigt wurde: veraltete Importe, ablaufende Anmeldedaten.',
    },
  },
  readAudit: {
    id: 'server-tasks.audit.read',
    title: { en: 'See the audit', de: 'Änderungsprotokoll sehen' },
    description: {
      en: 'See who changed settings and credentials, tested, confirmed, started and cancelled what, and when.',
      de: 'Sehen, wer wann Einstellungen und Anmeldedaten geändert, getestet, bestätigt, gestartet und abgebrochen hat.',
    },
  },
  restored: {
    id: 'server-tasks.restored',
    title: { en: 'Release after a restore', de: 'Nach einer Wiederherstellung freigeben' },
    description: {
      en: 'See what is held after the database was restored, release it, and say that the database was restored.',
      de: 'Sehen, was nach einer Wiederherstellung der Datenbank angehalten ist, es freigeben und eine Wiederherstellung angeben.',
    },
  },
  readMetrics: {
    id: 'server-tasks.metrics.read',
    title: { en: 'Read metrics', de: 'Messwerte lesen' },
    description: { en: 'Read the figures for Prometheus.', de: 'Die Messwerte für Prometheus lesen.' },
  },
} as const satisfies Record<string, Permission>;
