import { isKnownError } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import { ChannelFault } from '../channels/fault.ts';
import type { Resource } from '../tokens/access.ts';
import { type ClaimProof, claimProof, cutShort, everyMailboxRoles } from './claim-findings.ts';
import type { DiagnosisDependencies } from './diagnose.ts';
import { diagnosisErrors } from './errors.ts';
import { adviceOf } from './fault-error.ts';
import { diagnosisNotices } from './notices.ts';
import { text } from './row.ts';
import { faultRow } from './rows.ts';
import { type DiagnosisStage, evidence, type Finding, noticeFinding } from './stage.ts';
import { isCutShort, type TokenFacts, tokenFacts } from './token-facts.ts';

interface Claimed {
  readonly account: AccountSettings;
  readonly application: ApplicationSettings;
  readonly resource: Resource;
  /** The account uses more than one resource: the rows are told apart. */
  readonly several: boolean;
}

const names = { exchange: 'Exchange Online', graph: 'Microsoft Graph' } as const;

const isoOf = (instant: number): string => {
  const within = Number.isFinite(instant) && Math.abs(instant) <= 8.64e15;
  return within ? new Date(instant).toISOString() : '';
};

const factsEvidence = (facts: TokenFacts | undefined): Readonly<Record<string, string>> =>
  facts === undefined
    ? {}
    : evidence({
        audience: facts.audience,
        roles: facts.roles.join(' '),
        scopes: facts.scopes.join(' '),
        tenant: facts.tenant,
        application: facts.application,
        user: facts.names[0],
        expires: isoOf(facts.expiresAt),
      });

const claimsFinding = (facts: TokenFacts | undefined, { proven }: ClaimProof): Finding => {
  const shownFacts = factsEvidence(facts);
  if (proven.length === 0) return { outcome: 'passed', evidence: shownFacts };
  const told = (part: 'cause' | 'remedy', language: 'en' | 'de') => proven.map((one) => one[part][language]).join(' ');
  const notice = diagnosisNotices.MAIL_CLAIMS_UNEXPECTED({
    causesEn: told('cause', 'en'),
    causesDe: told('cause', 'de'),
    remediesEn: told('remedy', 'en'),
    remediesDe: told('remedy', 'de'),
  });
  return { ...noticeFinding(notice), evidence: { ...shownFacts, acts: proven[0]?.acts ?? 'operator' } };
};

/**
 * The login host that cannot be reached, told by the row of what keeps it away: DNS, a firewall, a proxy, TLS inspection.
 * Anything else is handed on as it is.
 */
const asHostFault = (error: unknown): unknown => {
  if (!isKnownError(error, 'GRAPH_UNREACHABLE')) return error;
  const { host, cause } = error.details;
  const server = `${host}:443`;
  const code = String(cause);
  const row = faultRow(new ChannelFault({ stage: 'token', protocol: 'graph', server, code }).facts);
  return diagnosisErrors.MAIL_LOGIN_HOST_UNREACHABLE(
    {
      server,
      reply: code,
      remedyEn: adviceOf(row.causes, 'en'),
      remedyDe: adviceOf(row.causes, 'de'),
      row: row.id,
      acts: row.causes[0].acts,
      stage: 'token',
    },
    { cause: error },
  );
};

/**
 * Token, its claims, and whether it reads every mailbox. Claims warn and never fail: Microsoft promises nothing of them,
 * and the server decides. What they prove is handed on, for the causes of a later refusal.
 */
export const claimStages = (
  { account, application, resource, several }: Claimed,
  { token, clock }: DiagnosisDependencies,
  proved: (proof: ClaimProof) => void,
): readonly DiagnosisStage[] => {
  const id = (name: string): string => (several ? `${name}-${resource}` : name);
  let facts: TokenFacts | undefined;
  let cut = false;
  return [
    {
      id: id('token'),
      title: text(`Token for ${names[resource]}`, `Token für ${names[resource]}`),
      run: async () => {
        const given = await token(resource).catch((error: unknown) => {
          throw asHostFault(error);
        });
        facts = tokenFacts(given);
        cut = isCutShort(given);
        return { outcome: 'passed' };
      },
    },
    {
      id: id('claims'),
      title: text('Contents of the token', 'Inhalt des Tokens'),
      run: async () => {
        if (facts === undefined && !cut) {
          const { code, message } = diagnosisNotices.MAIL_CLAIMS_UNREADABLE();
          return { outcome: 'passed', code, message };
        }
        const expected = { account, application, resource, now: clock.now() };
        const told = facts === undefined ? { proven: [], ruledOut: ['password'] } : claimProof(facts, expected);
        const proof = cut ? { ...told, proven: [cutShort, ...told.proven] } : told;
        proved(proof);
        return claimsFinding(facts, proof);
      },
    },
    {
      id: id('every-mailbox'),
      title: text('Reach of the token', 'Reichweite des Tokens'),
      run: async () => {
        const roles = facts === undefined ? [] : everyMailboxRoles(facts);
        return roles.length === 0
          ? { outcome: 'passed' }
          : {
              ...noticeFinding(diagnosisNotices.MAIL_READS_EVERY_MAILBOX({ roles: roles.join(', ') })),
              evidence: { acts: 'entra' },
            };
      },
    },
  ];
};
