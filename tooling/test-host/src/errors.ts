import { defineErrors } from '@itsm-m365/plugin-api';

/** What this host says; the plugins match errors by code, so a host may word them as it likes. */
export const foreignErrors = defineErrors({
  SETTINGS_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'Revision {revision} of {path} is not the one stored.',
      de: 'Revision {revision} von {path} ist nicht die gespeicherte.',
    },
    remedy: { en: 'Read it again, then change it.', de: 'Neu lesen, dann ändern.' },
  },
  SECRET_UNREADABLE: {
    kind: 'credentials',
    message: { en: 'The vault does not give out this secret.', de: 'Der Tresor gibt dieses Geheimnis nicht heraus.' },
    remedy: { en: 'Enter the credential again.', de: 'Die Anmeldedaten neu eingeben.' },
  },
});
