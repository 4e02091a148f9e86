import { defineSettings, type UiHints } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';
import { defaultEntitlementRule } from './engine/facts.ts';
import { readPermission, recalculatePermission } from './permissions.ts';

const ui = (hints: UiHints): { readonly ui: UiHints } => ({ ui: hints });

const schema = Type.Object(
  {
    units: Type.Enum(['enabled', 'enabled-and-warning', 'enabled-warning-and-suspended'], {
      default: defaultEntitlementRule.units,
      ...ui({
        title: { en: 'Units that count', de: 'Einheiten, die zählen' },
        description: {
          en: 'Which of Microsoft’s units entitle to use. Units in the grace period can still be assigned; suspended units cannot.',
          de: 'Welche Einheiten von Microsoft zur Nutzung berechtigen. Einheiten in der Nachfrist lassen sich noch zuweisen, ausgesetzte nicht.',
        },
        order: 1,
        widget: 'select',
        labels: {
          enabled: { en: 'Enabled only', de: 'Nur aktivierte' },
          'enabled-and-warning': { en: 'Enabled and in grace period', de: 'Aktivierte und in der Nachfrist' },
          'enabled-warning-and-suspended': {
            en: 'Enabled, in grace period and suspended',
            de: 'Aktivierte, in der Nachfrist und ausgesetzte',
          },
        },
      }),
    }),
    trialSeats: Type.Boolean({
      default: defaultEntitlementRule.trialSeats,
      ...ui({
        title: { en: 'Trial seats count', de: 'Testplätze zählen' },
        description: {
          en: 'Whether seats of trial subscriptions cover consumers. If they do, a status that rests on them says so.',
          de: 'Ob Plätze aus Testabonnements Verbraucher abdecken. Wenn ja, steht es beim Status, der auf ihnen beruht.',
        },
        order: 2,
        widget: 'checkbox',
      }),
    }),
    staleAfterHours: Type.Integer({
      minimum: 1,
      maximum: 8760,
      default: 24,
      ...ui({
        title: { en: 'Data is old after (hours)', de: 'Daten sind veraltet nach (Stunden)' },
        description: {
          en: 'A recalculation on older imported data says so in its report.',
          de: 'Eine Neuberechnung auf älteren Importdaten vermerkt das in ihrem Bericht.',
        },
        order: 3,
        widget: 'number',
      }),
    }),
  },
  { additionalProperties: false },
);

export type EntitlementSettings = Static<typeof schema>;

/** The entitlement rule: which seats count. Takes effect with the next recalculation. */
export const entitlementSection = defineSettings({
  id: 'compliance-engine.entitlement',
  kind: 'value',
  title: { en: 'Entitlement rule', de: 'Anspruchsregel' },
  description: {
    en: 'Which seats count as available. A change takes effect with the next recalculation.',
    de: 'Welche Plätze als verfügbar zählen. Eine Änderung wirkt ab der nächsten Neuberechnung.',
  },
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'Licence Management', de: 'Lizenzmanagement' },
    { en: 'Compliance', de: 'Compliance' },
  ],
  schema,
  defaults: { ...defaultEntitlementRule, staleAfterHours: 24 },
  permissions: { read: readPermission, edit: recalculatePermission },
});
