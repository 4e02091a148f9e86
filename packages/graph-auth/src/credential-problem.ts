import type { KnownError, Problem } from '@itsm-m365/plugin-api';

/** A known error as the problem of a field: what is wrong with it, and what to do. */
export const problemOf = (path: string, error: KnownError): Problem => ({
  path,
  code: error.code,
  message: {
    en: `${error.text('en')} ${error.remedy('en')}`,
    de: `${error.text('de')} ${error.remedy('de')}`,
  },
});
