import { credentialFields, pfxFields } from '@itsm-m365/graph-auth';
import { type Static, Type } from 'typebox';

/** The wizard's pages, the editor's tabs (M365-12, M365-20), in their order. */
export const portalPages = [
  { id: 'general', title: { en: 'General', de: 'Allgemein' } },
  { id: 'connection', title: { en: 'Connection information', de: 'Verbindungsinformationen' } },
  { id: 'exclusions', title: { en: 'Exclusions for the import', de: 'Ausnahmen für den Import' } },
] as const;

const cloudLabels = {
  global: { en: 'Microsoft 365 (worldwide, GCC)', de: 'Microsoft 365 (weltweit, GCC)' },
  'usgov-l4': { en: 'US Government L4 (GCC High)', de: 'US-Behörden L4 (GCC High)' },
  'usgov-l5': { en: 'US Government L5 (DoD)', de: 'US-Behörden L5 (DoD)' },
  china: { en: 'China (21Vianet)', de: 'China (21Vianet)' },
} as const;

const general = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    ui: {
      title: { en: 'Name', de: 'Name' },
      description: {
        en: 'Unique. It stands in front of the names of the imported licences and products.',
        de: 'Eindeutig. Er steht vor den Namen der importierten Lizenzen und Produkte.',
      },
      group: 'general',
      order: 1,
    },
  }),
  description: Type.String({
    maxLength: 2000,
    ui: {
      title: { en: 'Description', de: 'Beschreibung' },
      group: 'general',
      order: 2,
      widget: 'multiline',
    },
  }),
  active: Type.Boolean({
    ui: {
      title: { en: 'Import this portal', de: 'Dieses Portal importieren' },
      description: {
        en: 'Switched off, the portal keeps its data and is left out of the import.',
        de: 'Ausgeschaltet behält das Portal seine Daten und wird beim Import ausgelassen.',
      },
      group: 'general',
      order: 3,
      widget: 'checkbox',
    },
  }),
  guardMaxSharePercent: Type.Number({
    minimum: 0,
    maximum: 100,
    ui: {
      title: {
        en: 'Hold an import that removes more than (percent)',
        de: 'Import anhalten, der mehr entfernt als (Prozent)',
      },
      description: {
        en: 'Share of the assignments of this portal. Such an import changes nothing until a person confirms it.',
        de: 'Anteil der Zuweisungen dieses Portals. Ein solcher Import ändert nichts, bis ihn jemand bestätigt.',
      },
      group: 'general',
      order: 4,
      widget: 'number',
    },
  }),
  guardMinCount: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    ui: {
      title: { en: 'but not below this number of assignments', de: 'aber nicht unter dieser Zahl von Zuweisungen' },
      group: 'general',
      order: 5,
      widget: 'number',
    },
  }),
  fullListingHours: Type.Integer({
    minimum: 1,
    // Delta tokens live seven days; a listing inside that window keeps the chain from breaking unnoticed.
    maximum: 144,
    ui: {
      title: { en: 'List all users at least every (hours)', de: 'Alle Benutzer mindestens lesen alle (Stunden)' },
      description: {
        en: 'In between only changes are read. Microsoft does not report every change of an assignment, a complete listing finds them all.',
        de: 'Dazwischen werden nur Änderungen gelesen. Microsoft meldet nicht jede Änderung einer Zuweisung, eine vollständige Liste findet alle.',
      },
      group: 'general',
      order: 6,
      widget: 'number',
    },
  }),
};

const connection = {
  cloud: Type.Union(
    [Type.Literal('global'), Type.Literal('usgov-l4'), Type.Literal('usgov-l5'), Type.Literal('china')],
    {
      ui: {
        title: { en: 'Microsoft cloud', de: 'Microsoft-Cloud' },
        group: 'connection',
        order: 1,
        widget: 'select',
        labels: cloudLabels,
      },
    },
  ),
  clientId: Type.String({
    minLength: 1,
    maxLength: 100,
    ui: {
      title: { en: 'Application (client) ID', de: 'Anwendungs-ID (Client)' },
      description: {
        en: 'The id of the application registered in Entra, from its overview page.',
        de: 'Die Kennung der in Entra registrierten Anwendung, von deren Übersichtsseite.',
      },
      group: 'connection',
      order: 2,
    },
  }),
  tenantId: Type.String({
    minLength: 1,
    maxLength: 100,
    ui: {
      title: { en: 'Directory (tenant) ID', de: 'Verzeichnis-ID (Mandant)' },
      description: {
        en: 'The tenant that the application runs in, from the same overview page. It cannot be changed once data was imported.',
        de: 'Der Mandant, in dem die Anwendung läuft, von derselben Übersichtsseite. Nach dem ersten Import ist sie nicht mehr änderbar.',
      },
      group: 'connection',
      order: 3,
    },
  }),
  // The fragment belongs to graph-auth; only its place in this wizard is ours.
  credential: Type.Union([...credentialFields.anyOf], {
    discriminator: { propertyName: 'type' },
    ui: {
      imports: [pfxFields],
      title: { en: 'Authentication', de: 'Authentifizierung' },
      description: {
        en: 'Exactly one of the types. Microsoft recommends the certificate.',
        de: 'Genau eine der Arten. Microsoft empfiehlt das Zertifikat.',
      },
      group: 'connection',
      order: 4,
    },
  }),
};

const exclusions = {
  exclusions: Type.Array(Type.String({ minLength: 1, maxLength: 36 }), {
    maxItems: 5000,
    uniqueItems: true,
    ui: {
      title: { en: 'Excluded licences', de: 'Ausgenommene Lizenzen' },
      description: {
        en: 'Left: all available licences, on request only those subscribed in this portal. Right: those that the coming imports leave out. What was imported before stays and is marked as excluded.',
        de: 'Links: alle verfügbaren Lizenzen, auf Wunsch nur die in diesem Portal abonnierten. Rechts: die, welche die kommenden Importe auslassen. Bereits Importiertes bleibt und wird als ausgenommen markiert.',
      },
      group: 'exclusions',
      order: 1,
      widget: 'transfer-list',
      choices: {
        route: '/skus',
        value: 'skuId',
        label: 'title',
        filter: {
          parameter: 'subscribed',
          title: {
            en: 'Show only licences subscribed in this portal',
            de: 'Nur in diesem Portal abonnierte Lizenzen anzeigen',
          },
        },
      },
    },
  }),
};

/** One portal: a tenant that licences are imported from. */
export const portalFields = Type.Object(
  { ...general, ...connection, ...exclusions },
  { additionalProperties: false, ui: { title: { en: 'Portal', de: 'Portal' }, pages: portalPages } },
);

export type PortalSettings = Static<typeof portalFields>;

export const portalDefaults = {
  description: '',
  active: true,
  guardMaxSharePercent: 10,
  guardMinCount: 20,
  fullListingHours: 24,
  cloud: 'global',
  exclusions: [],
} as const satisfies Partial<PortalSettings>;
