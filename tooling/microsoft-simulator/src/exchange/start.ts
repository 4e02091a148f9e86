import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureVersion } from 'node:tls';
import { type SelfSignedCertificate, selfSignedCertificate } from '../certificate.ts';
import type { Simulator } from '../simulator.ts';
import { worldOf } from '../world.ts';
import type { MailProtocol } from './access.ts';
import { runImap } from './imap/session.ts';
import { runPop } from './pop/session.ts';
import { runSmtp } from './smtp/session.ts';
import type { SessionContext } from './wire/context.ts';
import { lineConnection, TooLong } from './wire/line-connection.ts';

export interface ExchangePorts {
  /** Implicit TLS, 993 in reality. */
  readonly imaps: number;
  /** STARTTLS, 143 in reality. */
  readonly imap: number;
  /** Implicit TLS, 995 in reality. */
  readonly pop3s: number;
  /** STARTTLS, 587 in reality. */
  readonly submission: number;
  /** Implicit TLS; Exchange Online does not offer it. */
  readonly smtps: number;
}

export interface ExchangeOptions {
  /** Default 0 each: any free port. */
  readonly ports?: Partial<ExchangePorts>;
  /** Names in the certificate; default the Microsoft hosts and localhost. */
  readonly certificateNames?: readonly string[];
  readonly certificateNotAfter?: Date;
  /** Default TLS 1.2 and later. Older ones need `ciphers: 'DEFAULT@SECLEVEL=0'`. */
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly ciphers?: string;
}

export interface RunningExchange {
  readonly ports: ExchangePorts;
  /** PEM to trust; also the servers' own certificate. */
  readonly authority: string;
  /** Connections now, at most at one time, and ever. */
  connections(): { readonly open: number; readonly peak: number; readonly total: number };
  /** Stops listening and ends open sessions. */
  close(): Promise<void>;
}

const microsoftMailHosts = [
  'outlook.office365.com',
  'smtp.office365.com',
  'smtp-mail.outlook.com',
  'localhost',
] as const;

const sessions: Readonly<Record<MailProtocol, (context: SessionContext) => Promise<void>>> = {
  imap: runImap,
  pop: runPop,
  smtp: runSmtp,
};

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });

// One key per process: making an RSA key takes longer than most tests.
let sharedKey: string | undefined;

const certificateFor = ({ certificateNames, certificateNotAfter }: ExchangeOptions): SelfSignedCertificate => {
  const names = certificateNames ?? microsoftMailHosts;
  const made = selfSignedCertificate({
    commonName: names[0] ?? 'localhost',
    dnsNames: names,
    addresses: certificateNames === undefined ? ['127.0.0.1'] : [],
    ...(certificateNotAfter === undefined ? {} : { notAfter: certificateNotAfter }),
    ...(sharedKey === undefined ? {} : { privateKeyPem: sharedKey }),
  });
  sharedKey = made.privateKeyPem;
  return made;
};

/** Serves the mailboxes of a simulator on 127.0.0.1 by IMAP, POP3 and SMTP, as Exchange Online would. */
export const startExchange = async (simulator: Simulator, options: ExchangeOptions = {}): Promise<RunningExchange> => {
  const world = worldOf(simulator);
  const { certificatePem, privateKeyPem } = certificateFor(options);
  const { minVersion = 'TLSv1.2', maxVersion, ciphers } = options;
  const tlsOptions = {
    cert: certificatePem,
    key: privateKeyPem,
    minVersion,
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
  const tls = createSecureContext(tlsOptions);
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let peak = 0;
  let total = 0;

  const open = (protocol: MailProtocol, implicit: boolean, port = 0): Promise<number> => {
    const serve = (socket: Socket): void => {
      const connection = lineConnection(socket);
      const serverName = 'AM0PR04CA0001.eurprd04.prod.outlook.com';
      sessions[protocol]({ world, protocol, connection, tls, serverName })
        .catch((problem: unknown) => {
          // A defect of the simulator must not look like Exchange failing.
          if (!(problem instanceof TooLong)) process.emitWarning(`Simulator defect: ${String(problem)}`);
          connection.destroy();
        })
        .finally(() => connection.end());
    };
    const server = implicit ? createTlsServer(tlsOptions, serve) : createServer(serve);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      total += 1;
      peak = Math.max(peak, sockets.size);
      // An answer is several writes; each would wait for the client's acknowledgement.
      socket.setNoDelay(true);
      // Clients break off where tests want them to.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    servers.push(server);
    return listening(server, port);
  };

  const { ports } = options;
  const bound: ExchangePorts = {
    imaps: await open('imap', true, ports?.imaps),
    imap: await open('imap', false, ports?.imap),
    pop3s: await open('pop', true, ports?.pop3s),
    submission: await open('smtp', false, ports?.submission),
    smtps: await open('smtp', true, ports?.smtps),
  };
  const shown = { ports: bound, authority: certificatePem };
  world.mailServers.push(shown);
  return {
    ports: bound,
    authority: certificatePem,
    connections: () => ({ open: sockets.size, peak, total }),
    close: async () => {
      world.mailServers.splice(world.mailServers.indexOf(shown), 1);
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
};
