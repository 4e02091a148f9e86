import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { signToken } from '../entra/signing.ts';
import type { RunningExchange, Simulator, SimulatorTenant } from '../index.ts';

export const exchangeScopes = 'IMAP.AccessAsUser.All POP.AccessAsUser.All SMTP.Send';

const times = (simulator: Simulator) => {
  const now = Math.floor(simulator.now() / 1000);
  return { iat: now, nbf: now, exp: now + 3600 };
};

/** A delegated token, made here so that mail servers can be tested with claims that Entra would not issue. */
export const userToken = (
  simulator: Simulator,
  principal: string,
  claims: Readonly<Record<string, unknown>> = {},
  tenant: SimulatorTenant = simulator.tenant,
): string => {
  const place = tenant.directory.place(principal);
  return signToken({
    aud: 'https://outlook.office.com',
    tid: tenant.tenantId,
    appid: tenant.clientId,
    oid: place === undefined ? '' : tenant.directory.recordAt(place).facts.id,
    upn: principal,
    scp: exchangeScopes,
    ver: '1.0',
    ...times(simulator),
    ...claims,
  });
};

export const appToken = (
  simulator: Simulator,
  roles: readonly string[],
  claims: Readonly<Record<string, unknown>> = {},
  tenant: SimulatorTenant = simulator.tenant,
): string =>
  signToken({
    aud: 'https://outlook.office365.com',
    tid: tenant.tenantId,
    appid: tenant.clientId,
    oid: tenant.apps[0]?.objectId,
    idtyp: 'app',
    roles,
    ver: '1.0',
    ...times(simulator),
    ...claims,
  });

export const xoauth2 = (user: string, token: string): string =>
  Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');

export const mime = (subject: string, more: Readonly<Record<string, string>> = {}, body = 'Hello'): string =>
  [
    ...Object.entries({
      From: 'Customer <customer@example.net>',
      To: 'help@contoso.example',
      Subject: subject,
      'Message-ID': `<${subject.replaceAll(/\W/g, '')}@example.net>`,
      Date: 'Sat, 21 Nov 2026 08:00:00 +0000',
      'Content-Type': 'text/plain; charset=utf-8',
      ...more,
    }).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
    '',
  ].join('\r\n');

/** A raw conversation, as a person with openssl s_client would have it. */
export interface Talk {
  send(text: string): void;
  /** Everything up to and with the first line that fits. Rejects when the connection ends before. */
  until(pattern: RegExp): Promise<string>;
  /** Sends a line and reads to the line that fits. */
  ask(line: string, pattern: RegExp): Promise<string>;
  /** Everything until the server ends the connection. */
  rest(): Promise<string>;
  startTls(): Promise<Talk>;
  close(): void;
}

const talkOver = (socket: Socket, authority: string): Talk => {
  let text = '';
  let gone = false;
  let check: () => void = () => undefined;
  const received = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    check();
  };
  const left = (): void => {
    gone = true;
    check();
  };
  socket.on('data', received);
  socket.on('close', left);
  socket.on('end', left);
  socket.on('error', left);
  const waitFor = <T>(ready: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      check = () => {
        const value = ready();
        if (value !== undefined) resolve(value);
        else if (gone) reject(new Error(`The connection ended; so far: ${text}`));
      };
      check();
    });
  const until: Talk['until'] = (pattern) =>
    waitFor(() => {
      let at = 0;
      for (const line of text.split(/(?<=\r\n)/)) {
        at += line.length;
        if (!line.endsWith('\r\n') || !pattern.test(line)) continue;
        const taken = text.slice(0, at);
        text = text.slice(at);
        return taken;
      }
      return undefined;
    });
  const send = (line: string): void => {
    socket.write(Buffer.from(line, 'latin1'));
  };
  return {
    send,
    until,
    ask: (line, pattern) => {
      send(`${line}\r\n`);
      return until(pattern);
    },
    rest: () => waitFor(() => (gone ? text : undefined)),
    startTls: async () => {
      socket.off('data', received);
      const secured = connectTls({ socket, ca: authority, servername: 'outlook.office365.com' });
      await new Promise((resolve, reject) => {
        secured.once('secureConnect', resolve);
        secured.once('error', reject);
      });
      return talkOver(secured, authority);
    },
    close: () => socket.destroy(),
  };
};

/** Connects to one of the servers, by TLS where that is how it begins. */
export const talkTo = async (running: RunningExchange, server: keyof RunningExchange['ports']): Promise<Talk> => {
  const port = running.ports[server];
  const { authority } = running;
  const implicit = server === 'imaps' || server === 'pop3s' || server === 'smtps';
  const socket: Socket | TLSSocket = implicit
    ? connectTls({ port, host: '127.0.0.1', ca: authority, servername: 'outlook.office365.com' })
    : connectTcp({ port, host: '127.0.0.1' });
  const talk = talkOver(socket, authority);
  await new Promise((resolve, reject) => {
    socket.once(implicit ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  return talk;
};
