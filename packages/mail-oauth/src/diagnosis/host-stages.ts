import { clouds } from '@itsm-m365/graph-auth';
import type { Text } from '@itsm-m365/plugin-api';
import type { Server } from '../channels/channel.ts';
import { passwordWarning } from '../guide/basic-auth.ts';
import { receivingServer, sendingServer } from '../identity.ts';
import type { DiagnosedAccount, DiagnosisDependencies } from './diagnose.ts';
import { diagnosisErrors } from './errors.ts';
import type { ProbeTarget } from './probe.ts';
import { text } from './row.ts';
import { type DiagnosisStage, evidence, type Finding, noticeFinding } from './stage.ts';

/** What can be told without the network. MAIL-01: a password for a server of Microsoft's warns. */
export const settingsStage = (given: DiagnosedAccount, { clock }: DiagnosisDependencies): DiagnosisStage => ({
  id: 'settings',
  title: text('Settings', 'Einstellungen'),
  run: async (): Promise<Finding> => {
    const { problems, account } = given;
    if (problems.length > 0)
      throw diagnosisErrors.MAIL_SETTINGS_WRONG({
        fields: problems.map(({ path }) => path).join(', '),
        problemsEn: problems.map(({ message }) => message.en).join(' '),
        problemsDe: problems.map(({ message }) => message.de).join(' '),
        acts: 'operator',
      });
    const warning = passwordWarning(account, clock.now());
    return warning === undefined ? { outcome: 'passed' } : noticeFinding(warning);
  },
});

const https = (host: string): Server => ({ host, port: 443, encryption: 'tls', authority: '', acceptUntrusted: false });

/**
 * DNS, TCP and, where it begins at once, TLS of every host. Microsoft's web hosts may be reached by a proxy only, which
 * the way out for HTTP knows and this look does not: there a failure warns, and the token's stage decides.
 */
export const hostStages = (
  { account, application }: DiagnosedAccount,
  { probe }: DiagnosisDependencies,
): readonly DiagnosisStage[] => {
  const stage = (id: string, name: Text, target: ProbeTarget, mayFail: boolean): DiagnosisStage => ({
    id,
    title: text(
      `${name.en}: ${target.server.host}:${target.server.port}`,
      `${name.de}: ${target.server.host}:${target.server.port}`,
    ),
    mayFail,
    run: async () => {
      const { address, tls } = await probe(target);
      return { outcome: 'passed', evidence: evidence({ address, ...tls }) };
    },
  });
  const { loginHost, graphHost } = clouds.global;
  const usesGraph = account.receiving.protocol === 'graph' || account.sending.protocol === 'graph';
  const receiving = receivingServer(account);
  const sending = sendingServer(account);
  return [
    ...(application === undefined
      ? []
      : [
          stage(
            'login-host',
            text('Login host', 'Anmeldeserver'),
            { protocol: 'graph', server: https(loginHost) },
            true,
          ),
        ]),
    ...(usesGraph
      ? [
          stage(
            'graph-host',
            text('Microsoft Graph', 'Microsoft Graph'),
            { protocol: 'graph', server: https(graphHost) },
            true,
          ),
        ]
      : []),
    ...(receiving === undefined
      ? []
      : [
          stage(
            'incoming-host',
            text('Incoming server', 'Posteingangsserver'),
            { protocol: account.receiving.protocol === 'pop' ? 'pop' : 'imap', server: receiving },
            receiving.acceptUntrusted,
          ),
        ]),
    ...(sending === undefined
      ? []
      : [
          stage(
            'outgoing-host',
            text('Outgoing server', 'Postausgangsserver'),
            { protocol: 'smtp', server: sending },
            sending.acceptUntrusted,
          ),
        ]),
  ];
};
