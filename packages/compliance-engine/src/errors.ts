import { defineErrors } from '@itsm-m365/plugin-api';

/** The errors of the compliance view. */
export const complianceErrors = defineErrors({
  COMPLIANCE_SUBJECT_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: {
      en: 'There is no product or licence {id} in the compliance view.',
      de: 'Es gibt kein Produkt und keine Lizenz {id} in der Compliance-Ansicht.',
    },
    remedy: {
      en: 'Reload the list. A newly imported product appears after the next recalculation.',
      de: 'Die Liste neu laden. Ein eben importiertes Produkt erscheint nach der nächsten Neuberechnung.',
    },
  },
  COMPLIANCE_CURSOR_INVALID: {
    kind: 'configuration',
    status: 400,
    message: {
      en: 'The mark of the next page does not belong to this list.',
      de: 'Die Marke der nächsten Seite gehört nicht zu dieser Liste.',
    },
    remedy: {
      en: 'Start again at the first page, and keep the sort order while paging.',
      de: 'Auf der ersten Seite neu beginnen und die Sortierung beim Blättern beibehalten.',
    },
  },
});
