import { defineErrors } from '@itsm-m365/plugin-api';

/** What keeps the set-up help from being made. */
export const guideErrors = defineErrors({
  GUIDE_VALUE_REFUSED: {
    kind: 'configuration',
    message: {
      en: 'A value of the account holds characters that no command may carry.',
      de: 'Ein Wert des Kontos enthält Zeichen, die kein Befehl enthalten darf.',
    },
    remedy: {
      en: 'Enter addresses and IDs of account and application again, without control characters.',
      de: 'Geben Sie Adressen und IDs von Konto und Anwendung neu ein, ohne Steuerzeichen.',
    },
  },
});
