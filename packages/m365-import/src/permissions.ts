import type { Permission } from '@itsm-m365/plugin-api';

/** Each is asked for one portal (scope `portal`), so that a provider can keep its customers apart. */
export const importPermissions = {
  readPortals: {
    id: 'm365-import.portals.read',
    title: { en: 'See Microsoft 365 portals', de: 'Microsoft-365-Portale sehen' },
    description: {
      en: 'See portals, their settings without secrets, the state of their imports and the stored answers.',
      de: 'Portale, ihre Einstellungen ohne Geheimnisse, den Stand ihrer Importe und die gespeicherten Antworten sehen.',
    },
  },
  editPortals: {
    id: 'm365-import.portals.edit',
    title: { en: 'Edit Microsoft 365 portals', de: 'Microsoft-365-Portale bearbeiten' },
    description: {
      en: 'Add, change and delete portals, store credentials, test connections.',
      de: 'Portale anlegen, ändern und löschen, Anmeldemerkmale hinterlegen, Verbindungen testen.',
    },
  },
  startImport: {
    id: 'm365-import.import.start',
    title: { en: 'Start the Microsoft 365 import', de: 'Microsoft-365-Import starten' },
    description: {
      en: 'Start, cancel and schedule the import of licence data.',
      de: 'Den Import der Lizenzdaten starten, abbrechen und planen.',
    },
  },
  confirmRemoval: {
    id: 'm365-import.removal.confirm',
    title: { en: 'Confirm held imports', de: 'Angehaltene Importe bestätigen' },
    description: {
      en: 'Confirm that an import may end many assignments at once.',
      de: 'Bestätigen, dass ein Import viele Zuweisungen auf einmal beenden darf.',
    },
  },
} as const satisfies Record<string, Permission>;

/** The scope of everything about one portal. */
export const portalScope = (portal: string) => ({ type: 'portal', id: portal });
