import type { ErrorDefinition } from '@itsm-m365/plugin-api';

const said = { en: '{entraError}: {entraMessage}', de: '{entraError}: {entraMessage}' } as const;

/** The remedy of the table's row (`remedies.ts`); each language has a placeholder of its own. */
const advised = {
  en: '{remedyEn} Trace id: {traceId}, correlation id: {correlationId}, time: {timestamp}.',
  de: '{remedyDe} Ablaufverfolgungs-ID: {traceId}, Korrelations-ID: {correlationId}, Zeit: {timestamp}.',
} as const;

/** What Entra's token endpoint refuses. Few codes; the row of the AADSTS number carries cause and remedy. */
export const entraDefinitions = {
  /** What is entered here is wrong: application, tenant, cloud, scope. */
  ENTRA_CONFIGURATION: { kind: 'configuration', message: said, remedy: advised },
  /** Secret, certificate or assertion is not accepted. */
  ENTRA_CREDENTIAL_REFUSED: { kind: 'credentials', message: said, remedy: advised },
  /** M365-07: permissions are listed, but nobody has consented. */
  ENTRA_CONSENT_MISSING: { kind: 'credentials', message: said, remedy: advised },
  /** Conditional Access, a disabled application or account, tenant restrictions. */
  ENTRA_POLICY_BLOCKED: { kind: 'credentials', message: said, remedy: advised },
  /** Throttled or out of order: never shown as bad credentials. */
  ENTRA_UNAVAILABLE: { kind: 'remote', message: said, remedy: advised },
  /** Any other refusal. */
  ENTRA_REFUSED: { kind: 'credentials', message: said, remedy: advised },
} as const satisfies Record<string, ErrorDefinition>;
