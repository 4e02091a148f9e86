import { fillText, type Instant } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import { identityOf } from '../identity.ts';
import type { Resource } from '../tokens/access.ts';
import { noConsent, wrongAudience, wrongUserName } from './causes-login.ts';
import { type Cause, text } from './row.ts';
import { audienceOf, type TokenFacts } from './token-facts.ts';

export interface ClaimExpectation {
  readonly account: AccountSettings;
  readonly application: ApplicationSettings;
  readonly resource: Resource;
  readonly now: Instant;
}

/** What the claims say about causes: which one holds for sure, and which cannot. */
export interface ClaimProof {
  readonly proven: readonly Cause[];
  /** Ids of causes. */
  readonly ruledOut: readonly string[];
}

const audienceCause = (facts: TokenFacts): Cause => ({
  ...wrongAudience,
  cause: fillText(
    text(
      'The token is for {audience}, which is the wrong service for this protocol.',
      'Das Token gilt für {audience}; das ist für dieses Protokoll der falsche Dienst.',
    ),
    { audience: facts.audience },
  ),
});

/**
 * Permissions that have to stand in the token, alternatives within one entry. Roles that RBAC for Applications gives never
 * stand in it, so that SMTP and Graph of an application prove nothing.
 */
const expectedPermissions = ({ account, application, resource }: ClaimExpectation): readonly (readonly string[])[] => {
  const { receiving, sending } = account;
  const appOnly = application.flow === 'app-only';
  if (resource === 'graph')
    return appOnly
      ? []
      : [
          ...(receiving.protocol === 'graph' ? [['Mail.ReadWrite', 'Mail.ReadWrite.Shared']] : []),
          ...(sending.protocol === 'graph' ? [['Mail.Send', 'Mail.Send.Shared']] : []),
        ];
  const suffix = appOnly ? 'AccessAsApp' : 'AccessAsUser.All';
  return [
    ...(receiving.protocol === 'imap' ? [[`IMAP.${suffix}`]] : []),
    ...(receiving.protocol === 'pop' ? [[`POP.${suffix}`]] : []),
    ...(sending.protocol === 'smtp' && !appOnly ? [['SMTP.Send']] : []),
  ];
};

const missingPermissions = (facts: TokenFacts, expected: ClaimExpectation): readonly string[] => {
  const held = [...facts.roles, ...facts.scopes].map((name) => name.toLowerCase());
  return expectedPermissions(expected)
    .filter((names) => !names.some((name) => held.includes(name.toLowerCase())))
    .map(([first = '']) => first);
};

const permissionCause = (missing: readonly string[]): Cause => ({
  ...noConsent,
  cause: fillText(
    text(
      'The token lacks {missing}: the permission is not added in Entra, or no administrator has consented to it.',
      'Im Token fehlt {missing}: Die Berechtigung ist in Entra nicht hinzugefügt, oder kein Administrator hat ihr zugestimmt.',
    ),
    { missing: missing.join(', ') },
  ),
});

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const differs = (claimed: string, configured: string): boolean => {
  const own = configured.trim().toLowerCase();
  return guid.test(own) && claimed !== '' && claimed !== own;
};

const registrationCauses = (facts: TokenFacts, { application }: ClaimExpectation): readonly Cause[] => [
  ...(application.accountType === 'directory' && differs(facts.tenant, application.tenantId)
    ? [
        {
          id: 'tenant',
          acts: 'operator',
          cause: fillText(
            text(
              'The token is of another directory: {tenant}.',
              'Das Token stammt aus einem anderen Verzeichnis: {tenant}.',
            ),
            { tenant: facts.tenant },
          ),
          remedy: text(
            'Correct the directory (tenant) ID, or sign in again.',
            'Korrigieren Sie die Verzeichnis-ID (Mandant) oder melden Sie sich erneut an.',
          ),
        } as const,
      ]
    : []),
  ...(differs(facts.application, application.clientId)
    ? [
        {
          id: 'application',
          acts: 'operator',
          cause: fillText(
            text(
              'The token is of another application: {application}.',
              'Das Token stammt von einer anderen Anwendung: {application}.',
            ),
            { application: facts.application },
          ),
          remedy: text(
            'Correct the application (client) ID, or sign in again.',
            'Korrigieren Sie die Anwendungs-ID (Client) oder melden Sie sich erneut an.',
          ),
        } as const,
      ]
    : []),
];

const userCause = (facts: TokenFacts, { account, application }: ClaimExpectation): Cause | undefined => {
  const { tokenUser } = identityOf(account, application.flow);
  if (application.flow !== 'delegated' || facts.names.length === 0 || facts.names.includes(tokenUser)) return undefined;
  return {
    ...wrongUserName,
    cause: fillText(
      text(
        'The token is of {user}, but the account names {expected}.',
        'Das Token gehört zu {user}, das Konto nennt aber {expected}.',
      ),
      { user: facts.names[0] ?? '', expected: tokenUser },
    ),
    remedy: text(
      'Sign in again and pick the right account, or enter its user principal name as "Signed-in user".',
      'Melden Sie sich erneut an und wählen Sie das richtige Konto, oder tragen Sie dessen Benutzerprinzipalnamen als „Angemeldeter Benutzer“ ein.',
    ),
  };
};

const expired: Cause = {
  id: 'expired',
  acts: 'operator',
  cause: text('The token has expired.', 'Das Token ist abgelaufen.'),
  remedy: text(
    'Set the clock of this machine by a time server, and test again.',
    'Stellen Sie die Uhr dieses Rechners über einen Zeitserver und testen Sie erneut.',
  ),
};

/** A token that ends too early: no server takes it, whatever is set up. */
export const cutShort: Cause = {
  id: 'cut',
  acts: 'network',
  cause: text(
    'The token is cut short: it did not arrive here whole.',
    'Das Token ist abgeschnitten: Es kam hier nicht vollständig an.',
  ),
  remedy: text(
    'Test again with a new token; where it stays, have the login host let through without inspection or cache in between.',
    'Testen Sie erneut mit einem neuen Token; bleibt es dabei, lassen Sie den Anmeldeserver ohne Prüfung oder Zwischenspeicher durch.',
  ),
};

/** What the claims of a token prove about a refusal, before or after it happens. Pure. */
export const claimProof = (facts: TokenFacts, expected: ClaimExpectation): ClaimProof => {
  const service = audienceOf(facts);
  const otherService = service !== undefined && service !== expected.resource;
  // The permissions of another service say nothing about this one's.
  const missing = otherService ? [] : missingPermissions(facts, expected);
  const user = userCause(facts, expected);
  const proven = [
    ...(otherService ? [audienceCause(facts)] : []),
    ...(facts.expiresAt <= expected.now ? [expired] : []),
    ...registrationCauses(facts, expected),
    ...(missing.length === 0 ? [] : [permissionCause(missing)]),
    ...(user === undefined ? [] : [user]),
  ];
  const consented = !otherService && missing.length === 0 && expectedPermissions(expected).length > 0;
  return {
    proven,
    ruledOut: [
      ...(service === expected.resource ? ['audience'] : []),
      ...(consented ? ['consent'] : []),
      ...(expected.application.flow === 'app-only' ? ['shared-login'] : ['service-principal']),
      'password',
    ],
  };
};

/** Tenant-wide: a role of Entra in the token holds for every mailbox. IMAP, POP and SMTP are limited by Exchange's rights. */
const wideRoles = ['mail.read', 'mail.readwrite', 'mail.readbasic', 'mail.readbasic.all', 'full_access_as_app'];

/** Roles by which a token reads every mailbox of the directory. */
export const everyMailboxRoles = ({ roles }: Pick<TokenFacts, 'roles'>): readonly string[] =>
  roles.filter((role) => wideRoles.includes(role.toLowerCase()));
