import type { Text } from '@itsm-m365/plugin-api';

/** What an import is doing, for its progress. */
export const phases = {
  licences: { en: 'Reading licences', de: 'Lizenzen werden gelesen' },
  users: { en: 'Reading users', de: 'Benutzer werden gelesen' },
  changes: { en: 'Reading changed users', de: 'Geänderte Benutzer werden gelesen' },
  comparing: { en: 'Comparing', de: 'Vergleich läuft' },
  publishing: { en: 'Publishing', de: 'Veröffentlichung läuft' },
  groups: { en: 'Reading names of groups', de: 'Gruppennamen werden gelesen' },
} as const satisfies Record<string, Text>;
