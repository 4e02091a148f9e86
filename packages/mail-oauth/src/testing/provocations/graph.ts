import { scriptedServer } from '../scripted-server.ts';
import { scriptedWeb, type WebHost, webHosts } from '../web-hosts.ts';
import { asDelegate, atConnection, during, fetchingBy, type Provocation } from './provocation.ts';

const graphHost = 'graph.microsoft.com';

/** Graph as another server on this machine, the login host as it is. */
const graphAt =
  (place: (world: Parameters<Provocation['provoke']>[0]) => WebHost | Promise<WebHost>): Provocation['provoke'] =>
  async (world) => {
    const http = webHosts({ [graphHost]: await place(world) }, world.web);
    world.keep({ close: () => http.destroy() });
    return { ...fetchingBy('graph'), http };
  };

/** Graph that answers everything so. */
const answering = (status: number, code: string, message: string): Provocation['provoke'] =>
  graphAt(async (world) => ({ plain: world.keep(await scriptedWeb(status, { error: { code, message } })).port }));

const incoming = { stage: 'incoming' } as const;

/** Table 7d, and 7e for hosts that are reached by HTTPS. */
export const graphProvocations: readonly Provocation[] = [
  {
    row: 'graph-permission',
    where: 'the application has no permission for mail at all',
    provoke: () => ({ ...fetchingBy('graph'), application: 'bare' }),
    ...incoming,
    code: 'MAIL_GRAPH_PERMISSION',
    acts: 'entra',
  },
  {
    row: 'graph-token',
    where: 'Graph refuses the token and the one after it',
    provoke: during('token-refused', fetchingBy('graph')),
    ...incoming,
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'operator',
  },
  {
    row: 'mailbox-not-enabled',
    where: 'the mailbox is on a server of the organisation',
    provoke({ mailbox, simulator }) {
      const address = mailbox();
      simulator.exchange.set(address, { inCloud: false });
      return fetchingBy('graph', address);
    },
    ...incoming,
    code: 'MAIL_MAILBOX_UNKNOWN',
    acts: 'exchange',
  },
  {
    row: 'item-not-found',
    where: 'the person has no access to the mailbox',
    provoke({ mailbox, simulator }) {
      const address = mailbox();
      simulator.exchange.revokeFullAccess(address, 'ann@contoso.example');
      return asDelegate(fetchingBy('graph', address));
    },
    ...incoming,
    code: 'MAIL_MAILBOX_UNKNOWN',
    acts: 'exchange',
  },
  {
    row: 'invalid-user',
    where: 'nobody has the address',
    provoke: () => fetchingBy('graph', 'nobody@contoso.example'),
    ...incoming,
    code: 'MAIL_MAILBOX_UNKNOWN',
    acts: 'operator',
  },
  {
    row: 'graph-access-denied',
    where: 'the role of the application is for another mailbox',
    provoke({ simulator, app, mailbox, tenant }) {
      const { clientId } = app('scoped');
      simulator.exchange.assignApplicationRole(clientId, 'Application Mail.ReadWrite', [mailbox()], tenant);
      return { ...fetchingBy('graph', mailbox()), application: 'scoped' };
    },
    ...incoming,
    code: 'MAIL_GRAPH_ACCESS_DENIED',
    acts: 'exchange',
  },
  {
    row: 'graph-throttled',
    where: 'Graph asks to wait for longer than a test lasts',
    provoke: during('too-many-requests', fetchingBy('graph'), { retryAfterSeconds: 600, endpoint: 'mail-folders' }),
    ...incoming,
    code: 'MAIL_THROTTLED',
    acts: 'nobody',
  },
  {
    row: 'graph-trouble',
    where: 'Graph is out of order',
    provoke: during('service-unavailable', fetchingBy('graph')),
    ...incoming,
    code: 'MAIL_TRY_LATER',
    acts: 'nobody',
  },
  {
    row: 'ews-blocked',
    where: 'Microsoft answers in the words of Exchange Web Services',
    provoke: answering(403, 'ErrorAccessDenied', 'EWS is disabled for this organization (EWSEnabled).'),
    ...incoming,
    code: 'MAIL_EWS_RETIRED',
    acts: 'operator',
  },
  {
    row: 'ews-impersonation',
    where: 'Microsoft asks for the impersonation of Exchange Web Services',
    provoke: answering(
      500,
      'ErrorInvalidRequest',
      'ExchangeImpersonation SOAP header must be present for this type of OAuth token.',
    ),
    ...incoming,
    code: 'MAIL_EWS_RETIRED',
    acts: 'operator',
  },
  {
    row: 'web-name-unknown',
    where: 'no name server knows Graph',
    provoke: graphAt(() => 'unknown'),
    ...incoming,
    code: 'MAIL_SERVER_UNKNOWN',
    acts: 'network',
  },
  {
    row: 'web-refused',
    where: 'a firewall rejects connections to Graph',
    provoke: graphAt(async () => {
      const closed = await scriptedWeb(200, {});
      await closed.close();
      return { plain: closed.port };
    }),
    ...incoming,
    code: 'MAIL_CONNECTION_REFUSED',
    acts: 'network',
  },
  {
    row: 'web-tls',
    where: 'a proxy without TLS answers in place of Graph',
    provoke: graphAt(async (world) => ({ tls: world.keep(await scriptedWeb(200, {})).port })),
    ...incoming,
    code: 'MAIL_TLS_MISMATCH',
    acts: 'network',
  },
  {
    row: 'web-certificate',
    where: 'a device of the network inspects TLS to Graph',
    provoke: graphAt(async (world) => ({
      tls: world.keep(await scriptedServer(() => undefined, { host: graphHost })).port,
    })),
    ...incoming,
    code: 'MAIL_TLS_CERTIFICATE',
    acts: 'network',
  },
  {
    row: 'web-altered',
    where: 'a proxy answers with its sign-in page in place of Graph',
    provoke: during('proxy-page-ok', fetchingBy('graph')),
    ...incoming,
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'network',
  },
  {
    row: 'web-timeout',
    where: 'a firewall takes the connection to Graph and says nothing',
    async provoke(world) {
      const { stuck, script } = atConnection(1);
      const silent = world.keep(await scriptedServer(script, { encryption: 'starttls' }));
      return { ...fetchingBy('graph'), routes: { [`${graphHost}:443`]: silent.port }, stuck };
    },
    stage: 'graph-host',
    outcome: 'warning',
    code: 'MAIL_TIMEOUT',
    acts: 'network',
  },
];
