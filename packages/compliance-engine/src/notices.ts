import { defineNotices } from '@itsm-m365/plugin-api';

/** What a recalculation tells in its report. */
export const complianceNotices = defineNotices({
  COMPLIANCE_TURNED_WORSE: {
    severity: 'warning',
    message: {
      en: '{product}: the status changed from "{fromEn}" to "{toEn}".',
      de: '{product}: Der Status hat sich von „{fromDe}“ zu „{toDe}“ geändert.',
    },
    remedy: {
      en: 'Open the product in the compliance view; its explanation names the figures.',
      de: 'Das Produkt in der Compliance-Ansicht öffnen; die Erläuterung nennt die Zahlen.',
    },
  },
  COMPLIANCE_CALCULATION_ERROR: {
    severity: 'error',
    message: {
      en: '{product}: the use cannot be computed. {causeEn}',
      de: '{product}: Die Nutzung lässt sich nicht berechnen. {causeDe}',
    },
    remedy: {
      en: 'Run the import and the recalculation again. If it stays, compare the figure with the Microsoft 365 admin center.',
      de: 'Import und Neuberechnung erneut ausführen. Bleibt es dabei, die Zahl mit dem Microsoft 365 Admin Center vergleichen.',
    },
  },
  COMPLIANCE_DATA_OLD: {
    severity: 'warning',
    message: {
      en: 'The figures of portal {portal} are as of {asOf}: its last complete import is older than {hours} hours.',
      de: 'Die Zahlen des Portals {portal} sind vom {asOf}: Sein letzter vollständiger Import ist älter als {hours} Stunden.',
    },
    remedy: {
      en: 'Read the report of the last import of this portal and remove the cause named there.',
      de: 'Den Bericht des letzten Imports dieses Portals lesen und die dort genannte Ursache beheben.',
    },
  },
  COMPLIANCE_MORE_NOTICES: {
    severity: 'info',
    message: {
      en: '{count} more notices of the same kind were left out. The compliance view shows all of them.',
      de: '{count} weitere gleichartige Meldungen wurden weggelassen. Die Compliance-Ansicht zeigt sie alle.',
    },
  },
});
