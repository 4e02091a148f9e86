import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls';
import { type CertificateOptions, selfSignedCertificate } from '@itsm-m365/microsoft-simulator';

/** The client's side of a conversation, as a script sees it. */
export interface Peer {
  readonly socket: Socket;
  send(text: string | Buffer): void;
  /** Sends, and begins TLS at once, as after STARTTLS. */
  upgrade(text: string): void;
  /** The client's next line without its end; undefined once the connection has ended. */
  line(): Promise<string | undefined>;
}

export interface ScriptedServer {
  readonly port: number;
  readonly host: string;
  /** PEM; the server's certificate is its own authority. */
  readonly authority: string;
  /** Every line that clients sent, over all connections. */
  readonly seen: readonly string[];
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
  close(): Promise<void>;
}

export interface ScriptedOptions extends Pick<CertificateOptions, 'notBefore' | 'notAfter' | 'purpose'> {
  /** Default: TLS from the first byte. */
  readonly encryption?: 'tls' | 'starttls';
  /** The name in the certificate; default `mail.example.test`. */
  readonly host?: string;
  readonly certificateHost?: string;
  readonly tls?: TlsOptions;
}

// One for all servers of a test file: making a key takes longer than most conversations.
const privateKeyPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const linesOf = () => {
  let rest = '';
  let ended = false;
  const lines: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  const settle = (): void => {
    while (waiting.length > 0 && (lines.length > 0 || ended)) waiting.shift()?.(lines.shift());
  };
  return {
    push: (chunk: Buffer): readonly string[] => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      settle();
      return parts;
    },
    end: (): void => {
      ended = true;
      settle();
    },
    next: () =>
      new Promise<string | undefined>((resolve) => {
        waiting.push(resolve);
        settle();
      }),
  };
};

/** A mail server for replies that no real one gives: each connection runs the script. Ends with `close`. */
export const scriptedServer = async (
  script: (peer: Peer, connection: number) => Promise<void> | void,
  options: ScriptedOptions = {},
): Promise<ScriptedServer> => {
  const host = options.host ?? 'mail.example.test';
  const { notBefore, notAfter, purpose } = options;
  const { certificatePem } = selfSignedCertificate({
    privateKeyPem,
    commonName: options.certificateHost ?? host,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
    ...(purpose === undefined ? {} : { purpose }),
  });
  const tls = { cert: certificatePem, key: privateKeyPem, ...options.tls };
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((plain) => {
    connections += 1;
    const number = connections;
    sockets.add(plain);
    plain.on('error', () => undefined);
    plain.on('close', () => sockets.delete(plain));
    const lines = linesOf();
    const attach = (socket: Socket): void => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        seen.push(...lines.push(chunk));
      });
      socket.on('close', lines.end);
    };
    const secured = (): TLSSocket => {
      const socket = new TLSSocket(plain, { isServer: true, ...tls, secureContext: createSecureContext(tls) });
      attach(socket);
      return socket;
    };
    let current: Socket = plain;
    const peer: Peer = {
      get socket() {
        return current;
      },
      send: (text) => {
        current.write(text);
      },
      upgrade: (text) => {
        plain.removeAllListeners('data');
        plain.write(text);
        current = secured();
      },
      line: lines.next,
    };
    const run = (): void => {
      void Promise.resolve(script(peer, number)).catch(() => plain.destroy());
    };
    if (options.encryption === 'starttls') {
      attach(plain);
      run();
      return;
    }
    const socket = secured();
    current = socket;
    socket.once('secure', run);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    host,
    authority: certificatePem,
    seen,
    connections: () => connections,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
