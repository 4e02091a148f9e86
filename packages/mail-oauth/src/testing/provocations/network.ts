import { createServer } from 'node:net';
import { defineErrors } from '@itsm-m365/plugin-api';
import { answerImap, contentImap } from '../imap-script.ts';
import { popScript } from '../pop-script.ts';
import { scriptedServer } from '../scripted-server.ts';
import { drop, smtpScript } from '../smtp-script.ts';
import { atConnection, during, fetchingBy, type Provocation, receivingAt, sendingAt } from './provocation.ts';

/** A port at which nothing listens: it was free a moment ago. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const wayOut = defineErrors({
  ADDRESS_REFUSED: {
    kind: 'configuration',
    message: { en: 'Refused', de: 'Abgelehnt' },
    remedy: { en: 'Allow it', de: 'Lassen Sie es zu' },
  },
});

const host = 'mail.example.test';
const nowhere = { host, port: 0, authority: '' };

/** Table 7e without TLS. */
export const networkProvocations: readonly Provocation[] = [
  {
    row: 'name-unknown',
    where: 'no name server knows the server',
    provoke: () => fetchingBy('imap', undefined, { host: 'outlok.office365.com' }),
    stage: 'incoming-host',
    code: 'MAIL_SERVER_UNKNOWN',
    acts: 'operator',
  },
  {
    row: 'address-not-allowed',
    where: 'the way out of the host refuses the address',
    provoke: () => ({
      ...receivingAt('imap', nowhere),
      // As the contract has it of every host; that of `server-tasks` is shown by its own tests.
      tcp: { route: () => Promise.reject(wayOut.ADDRESS_REFUSED()) },
    }),
    stage: 'incoming-host',
    code: 'MAIL_ADDRESS_NOT_ALLOWED',
    acts: 'operator',
  },
  {
    row: 'connection-refused',
    where: 'nothing listens at the port',
    provoke: async () => receivingAt('pop', { ...nowhere, port: await closedPort() }),
    stage: 'incoming-host',
    code: 'MAIL_CONNECTION_REFUSED',
    acts: 'network',
  },
  {
    row: 'unreachable',
    where: 'the machine has no way to the address',
    // A group of receivers: no system connects to one by TCP, with or without a network.
    provoke: () => ({
      ...receivingAt('imap', nowhere),
      tcp: { route: async () => [{ address: '224.0.0.1', port: 993 }] },
    }),
    stage: 'incoming-host',
    code: 'MAIL_UNREACHABLE',
    acts: 'network',
  },
  {
    row: 'timeout',
    where: 'a port takes the connection and says nothing, not even in TLS',
    async provoke(world) {
      const { stuck, script } = atConnection(1);
      return { ...receivingAt('imap', world.keep(await scriptedServer(script, { encryption: 'starttls' }))), stuck };
    },
    stage: 'incoming-host',
    code: 'MAIL_TIMEOUT',
    acts: 'operator',
  },
  {
    row: 'greeting-missing',
    where: 'IMAP speaks TLS and does not greet',
    async provoke(world) {
      const { stuck, script } = atConnection(2);
      return { ...receivingAt('imap', world.keep(await scriptedServer(script))), stuck };
    },
    stage: 'incoming',
    code: 'MAIL_GREETING_MISSING',
    acts: 'operator',
  },
  {
    row: 'greeting-missing',
    where: 'SMTP takes the connection and does not greet',
    async provoke(world) {
      const { stuck, script } = atConnection(2);
      return { ...sendingAt(world.keep(await scriptedServer(script, { encryption: 'starttls' }))), stuck };
    },
    stage: 'outgoing',
    code: 'MAIL_GREETING_MISSING',
    acts: 'operator',
  },
  {
    row: 'answer-missing',
    where: 'IMAP does not answer the sign-in, be the token good or not',
    async provoke(world) {
      const { stuck, reached } = atConnection(2);
      const server = await scriptedServer(async (peer) => {
        peer.send('* OK ready\r\n');
        await answerImap(peer, {
          ...contentImap,
          get AUTHENTICATE() {
            reached();
            return '';
          },
        });
      });
      // The token lacks the permission for IMAP: no cause of a silence.
      return { ...receivingAt('imap', world.keep(server)), application: 'bare', stuck };
    },
    stage: 'incoming',
    code: 'MAIL_TIMEOUT',
    acts: 'nobody',
  },
  {
    row: 'answer-missing',
    where: 'SMTP does not answer MAIL FROM',
    async provoke(world) {
      const { stuck, reached } = atConnection(2);
      const mail = (): string => {
        reached();
        return '250-and so on';
      };
      return { ...sendingAt(world.keep(await smtpScript({ mail }))), stuck };
    },
    stage: 'envelope',
    code: 'MAIL_TIMEOUT',
    acts: 'nobody',
  },
  {
    row: 'connection-closed',
    where: 'a port ends the connection at once',
    async provoke(world) {
      const closing = await scriptedServer(({ socket }) => void socket.destroy(), { encryption: 'starttls' });
      return receivingAt('imap', world.keep(closing));
    },
    stage: 'incoming-host',
    code: 'MAIL_CONNECTION_CLOSED',
    acts: 'nobody',
  },
  {
    row: 'connection-closed',
    where: 'IMAP says BYE instead of greeting',
    async provoke(world) {
      const busy = await scriptedServer(({ socket }) => {
        socket.end('* BYE Too many connections\r\n');
      });
      return receivingAt('imap', world.keep(busy));
    },
    stage: 'incoming',
    code: 'MAIL_CONNECTION_CLOSED',
    acts: 'nobody',
  },
  {
    row: 'connection-closed',
    where: 'Exchange answers a command of IMAP with BYE',
    provoke: during('imap-bye', fetchingBy('imap')),
    stage: 'incoming',
    code: 'MAIL_CONNECTION_CLOSED',
    acts: 'nobody',
  },
  {
    row: 'connection-closed',
    where: 'POP tells that the session timed out',
    provoke: async (world) => receivingAt('pop', world.keep(await popScript({ STAT: '-ERR Session timed out.\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_CONNECTION_CLOSED',
    acts: 'nobody',
  },
  {
    row: 'connection-closed',
    where: 'SMTP ends the connection at the sign-in',
    provoke: async (world) => sendingAt(world.keep(await smtpScript({ auth: () => drop }))),
    stage: 'outgoing',
    code: 'MAIL_CONNECTION_CLOSED',
    acts: 'nobody',
  },
];
