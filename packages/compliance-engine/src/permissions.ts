import type { Permission } from '@itsm-m365/plugin-api';

/** To see the compliance view: figures, statuses, history. Names of persons need a permission of the catalogue. */
export const readPermission: Permission = {
  id: 'compliance-engine.read',
  title: { en: 'See compliance', de: 'Compliance sehen' },
  description: {
    en: 'See the status, the figures and the history of products and licences. Names of persons are not included.',
    de: 'Status, Zahlen und Verlauf von Produkten und Lizenzen sehen. Namen von Personen gehören nicht dazu.',
  },
};

/** To start the recalculation and to change the rule it follows. */
export const recalculatePermission: Permission = {
  id: 'compliance-engine.recalculate',
  title: { en: 'Recalculate compliance', de: 'Compliance neu berechnen' },
  description: {
    en: 'Start the recalculation, with or without a fresh import, and change the entitlement rule.',
    de: 'Die Neuberechnung mit oder ohne frischen Import starten und die Anspruchsregel ändern.',
  },
};

export const compliancePermissions = [readPermission, recalculatePermission] as const;
