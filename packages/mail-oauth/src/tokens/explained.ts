import { graphErrors } from '@itsm-m365/graph-auth';
import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { tokenErrors } from './errors.ts';

/**
 * Refusals that a change in Entra ends by itself once it is known everywhere: application, consent, permission, credential,
 * assignment, platform, redirect address. 50105 and 7000218 included.
 */
const settling: ReadonlySet<unknown> = new Set([
  700016, 700011, 70001, 65001, 650056, 650057, 650052, 500011, 90094, 90095, 7000218, 7000215, 7000216, 700027, 700030,
  700213, 700211, 70021, 50105, 50011, 900971, 7000112,
]);

/** MAIL-24 speaks of minutes, ADV-02 of rarely hours. */
const patience = {
  en: 'If this was set up or changed in Entra or Exchange shortly before, wait some minutes (rarely hours) and try again: changes take that long.',
  de: 'Wurde das kurz zuvor in Entra oder Exchange eingerichtet oder geändert, warten Sie einige Minuten (selten Stunden) und versuchen Sie es erneut: So lange brauchen Änderungen.',
} as const;

const hasCode = (code: string): code is Exclude<keyof typeof graphErrors, 'definitions'> =>
  code !== 'definitions' && Object.hasOwn(graphErrors, code);

const withPatience = (error: KnownError): KnownError => {
  const { remedyEn, remedyDe } = error.details;
  if (!settling.has(error.details.aadsts) || !hasCode(error.code) || typeof remedyEn !== 'string') return error;
  const details = { ...error.details, remedyEn: `${remedyEn} ${patience.en}`, remedyDe: `${remedyDe} ${patience.de}` };
  // The catalogue's own type asks for each code's placeholders; these are the error's, which had them all.
  const make: (details: KnownError['details']) => KnownError = graphErrors[error.code] as never;
  return make(details);
};

/**
 * A refusal of Entra in the words of mail: an application registered as *Web* is named (MAIL-11, number 7000218), and what
 * may only be too new says so (MAIL-24, ADV-02). Code, number and Entra's own words stay; anything else passes unchanged.
 */
export const explained = (error: KnownError, client: { readonly isPublic: boolean }): KnownError => {
  const told = withPatience(error);
  if (!client.isPublic || error.details.aadsts !== 7000218 || !isKnownError(error, 'ENTRA_CREDENTIAL_REFUSED'))
    return told;
  return tokenErrors.MAIL_REGISTERED_AS_WEB({
    ...told.details,
    entraMessage: String(error.details.entraMessage ?? ''),
  });
};
