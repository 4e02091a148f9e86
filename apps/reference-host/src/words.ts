import { fillText, type Language, type Text } from '@itsm-m365/plugin-api';

/** What the host says on the terminal. */
const words = {
  importing: {
    en: 'Recalculate completely: import, then recalculation',
    de: 'Komplett neu berechnen: Import, dann Neuberechnung',
  },
  simulator: {
    en: 'The tenant is the Microsoft simulator: {users} users. For a real tenant see --help.',
    de: 'Der Mandant ist der Microsoft-Simulator: {users} Benutzer. Für einen echten Mandanten siehe --help.',
  },
  run: { en: 'Run {state} after {seconds} s', de: 'Lauf {state} nach {seconds} s' },
  portal: { en: 'Portal', de: 'Portal' },
  product: { en: 'Product', de: 'Produkt' },
  sku: { en: 'SKU', de: 'SKU' },
  enabled: { en: 'Enabled', de: 'Aktiv' },
  grace: { en: 'Grace', de: 'Schonfrist' },
  available: { en: 'Available', de: 'Verfügbar' },
  consumers: { en: 'Consumers', de: 'Verbraucher' },
  balance: { en: 'Balance', de: 'Saldo' },
  status: { en: 'Status', de: 'Status' },
  count: { en: 'Count', de: 'Anzahl' },
  item: { en: 'Of the run', de: 'Aus dem Lauf' },
  notices: { en: 'Notices', de: 'Hinweise' },
  more: { en: '… and {count} more', de: '… und {count} weitere' },
  products: { en: 'Products: {count}, portals: {portals}', de: 'Produkte: {count}, Portale: {portals}' },
  listening: {
    en: 'HTTP API: {url}/itsm   OpenAPI page: {url}/docs',
    de: 'HTTP-API: {url}/itsm   OpenAPI-Seite: {url}/docs',
  },
  firstPassword: {
    en: 'Nobody can sign in yet. Set the first password with the one-time token in {file}:',
    de: 'Noch kann sich niemand anmelden. Das erste Passwort mit dem Einmal-Token aus {file} setzen:',
  },
  stop: { en: 'Stop with Ctrl+C.', de: 'Beenden mit Strg+C.' },
  stopping: {
    en: 'Stopping: the run is cancelled, its leases are released.',
    de: 'Wird beendet: der Lauf wird abgebrochen, seine Belegungen werden freigegeben.',
  },
  restored: {
    en: 'RESTORED MODE since {since}. {why} Nothing is sent or fetched until it is released: GET and POST /itsm/restored.',
    de: 'WIEDERHERSTELLUNGSMODUS seit {since}. {why} Bis zur Freigabe wird nichts gesendet und nichts abgeholt: GET und POST /itsm/restored.',
  },
  backedUp: {
    en: 'Both databases are copied to {folder}.',
    de: 'Beide Datenbanken sind nach {folder} kopiert.',
  },
  keyApart: {
    en: 'The key for stored secrets is not among them: {key}. Back it up apart, and keep it for as long as this backup.',
    de: 'Der Schlüssel für gespeicherte Geheimnisse ist nicht dabei: {key}. Getrennt sichern und so lange aufbewahren wie diese Sicherung.',
  },
  putBack: {
    en: 'The databases of {made} are in place; the former ones are in {aside}. The next start is in restored mode.',
    de: 'Die Datenbanken vom {made} sind eingesetzt; die bisherigen liegen in {aside}. Der nächste Start ist im Wiederherstellungsmodus.',
  },
  keysMissing: {
    en: 'Secrets of this backup are sealed with keys that are not here: {keys}. Add their lines to {place}, or enter these credentials again.',
    de: 'Geheimnisse dieser Sicherung sind mit Schlüsseln verschlüsselt, die hier fehlen: {keys}. Deren Zeilen in {place} ergänzen oder diese Anmeldedaten erneut eingeben.',
  },
  resealed: {
    en: '{resealed} secrets sealed with a new key, {lost} could not be read.',
    de: '{resealed} Geheimnisse mit neuem Schlüssel verschlüsselt, {lost} waren nicht lesbar.',
  },
} as const satisfies Record<string, Text>;

const states: Readonly<Record<string, Text>> = {
  succeeded: { en: 'succeeded', de: 'erfolgreich' },
  partial: { en: 'partly succeeded', de: 'teilweise erfolgreich' },
  failed: { en: 'failed', de: 'fehlgeschlagen' },
  cancelled: { en: 'cancelled', de: 'abgebrochen' },
};

export const say = (
  language: Language,
  key: keyof typeof words,
  details: Record<string, string | number> = {},
): string => fillText(words[key], details)[language];

export const stateName = (language: Language, state: string): string => states[state]?.[language] ?? state;
