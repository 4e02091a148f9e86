import type { Text } from './facts.ts';

const define = <const T extends Record<string, Text>>(texts: T): T => texts;

/** Every sentence an explanation can hold. Ids are stored with the statuses: never rename one, never change its values. */
export const explanationTexts = define({
  'reason-portal-deleted': {
    en: 'The portal was deleted in the settings.',
    de: 'Das Portal wurde in den Einstellungen gelöscht.',
  },
  'reason-excluded': {
    en: 'The licence was excluded from the import afterwards.',
    de: 'Die Lizenz wurde nachträglich vom Import ausgeschlossen.',
  },
  'reason-missing-in-portal': {
    en: 'The licence no longer exists in the portal.',
    de: 'Die Lizenz existiert nicht mehr im Portal.',
  },
  'figures-kept': {
    en: 'The figures are the last ones imported.',
    de: 'Die Zahlen sind die zuletzt importierten.',
  },
  'cause-not-a-whole-number': {
    en: 'The figure "{figure}" is not a whole number.',
    de: 'Die Zahl „{figure}“ ist keine ganze Zahl.',
  },
  'cause-negative-number': {
    en: 'The figure "{figure}" is negative.',
    de: 'Die Zahl „{figure}“ ist negativ.',
  },
  'cause-overflow': {
    en: 'The figures are too large to be added exactly.',
    de: 'Die Zahlen sind zu groß, um genau addiert zu werden.',
  },
  'cause-inconsistent-units': {
    en: 'The subscriptions name more seats than the licence has units.',
    de: 'Die Abonnements nennen mehr Plätze, als die Lizenz Einheiten hat.',
  },
  'seats-enabled': { en: '{count} seats are enabled.', de: '{count} Plätze sind aktiviert.' },
  'seats-grace': {
    en: '{count} seats are in the grace period and count.',
    de: '{count} Plätze sind in der Nachfrist und zählen.',
  },
  'seats-grace-not-counted': {
    en: '{count} seats are in the grace period and do not count by the entitlement rule.',
    de: '{count} Plätze sind in der Nachfrist und zählen nach der Anspruchsregel nicht.',
  },
  'seats-suspended': {
    en: '{count} seats are suspended and count by the entitlement rule.',
    de: '{count} Plätze sind ausgesetzt und zählen nach der Anspruchsregel.',
  },
  'seats-suspended-not-counted': {
    en: '{count} seats are suspended and do not count.',
    de: '{count} Plätze sind ausgesetzt und zählen nicht.',
  },
  'seats-locked-out': {
    en: '{count} seats are locked out and do not count.',
    de: '{count} Plätze sind gesperrt und zählen nicht.',
  },
  'seats-trial-not-counted': {
    en: '{count} of them are trial seats and do not count by the entitlement rule.',
    de: '{count} davon sind Testplätze und zählen nach der Anspruchsregel nicht.',
  },
  available: { en: 'Available: {sum} = {count}.', de: 'Verfügbar: {sum} = {count}.' },
  consumers: {
    en: 'Required: {count} distinct persons hold the licence.',
    de: 'Benötigt: {count} verschiedene Personen haben die Lizenz.',
  },
  company: {
    en: 'Required: {count} units are consumed by the company as a whole, by Microsoft’s count.',
    de: 'Benötigt: {count} Einheiten verbraucht das Unternehmen als Ganzes, nach Zählung von Microsoft.',
  },
  balance: {
    en: 'Balance: {available} available − {required} required = {balance}.',
    de: 'Bilanz: {available} verfügbar − {required} benötigt = {balance}.',
  },
  waiting: {
    en: '{count} persons wait for a seat: a group could not give them the licence. They are not consumers.',
    de: '{count} Personen warten auf einen Platz: Eine Gruppe konnte ihnen die Lizenz nicht geben. Sie sind keine Verbraucher.',
  },
  'microsoft-differs': {
    en: 'Microsoft reports {reported} consumed units, we count {counted}: a difference of {difference}.',
    de: 'Microsoft meldet {reported} verbrauchte Einheiten, wir zählen {counted}: eine Differenz von {difference}.',
  },
  'rests-on-grace': {
    en: 'The status rests on seats in the grace period.',
    de: 'Der Status beruht auf Plätzen in der Nachfrist.',
  },
  'rests-on-trial': { en: 'The status rests on trial seats.', de: 'Der Status beruht auf Testplätzen.' },
  'rests-on-suspended': {
    en: 'The status rests on suspended seats.',
    de: 'Der Status beruht auf ausgesetzten Plätzen.',
  },
  'rests-until': { en: 'The first of them end on {day}.', de: 'Die ersten davon enden am {day}.' },
  'rests-ended': {
    en: 'The first of them ended on {day}; Microsoft still counts them.',
    de: 'Die ersten davon endeten am {day}; Microsoft zählt sie noch.',
  },
});

export type ExplanationId = keyof typeof explanationTexts;

export const isExplanationId = (value: string): value is ExplanationId => Object.hasOwn(explanationTexts, value);
