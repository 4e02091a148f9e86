import type { DiagnosisWorld } from '../diagnosis-world.ts';
import { answerImap, contentImap, imapScript } from '../imap-script.ts';
import { popScript } from '../pop-script.ts';
import { scriptedServer } from '../scripted-server.ts';
import { asDelegate, during, fetchingBy, type Provocation, receivingAt } from './provocation.ts';

/** The position behind all that is in the mailbox now, stored as a fetch stores it. */
const read = async (world: DiagnosisWorld, mailbox: string): Promise<void> => {
  const connected = await world.connect(fetchingBy('imap', mailbox));
  const open = await connected.openMailbox(new AbortController().signal);
  await world.storePosition(await open.now());
  await open.close();
};

/** What an application's token does not rule out. */
const ofApplication = ['protocol', 'service-principal', 'mailbox-right', 'user-name', 'replication'];

/** Table 7b: IMAP and POP, the token being there. */
export const receivingProvocations: readonly Provocation[] = [
  {
    row: 'login-refused',
    where: 'Exchange knows no right of the application on the mailbox (IMAP)',
    provoke({ mailbox, simulator, app }) {
      const address = mailbox();
      simulator.exchange.revokeFullAccess(address, app('app-only').objectId);
      return fetchingBy('imap', address);
    },
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'exchange',
    causes: ofApplication,
  },
  {
    row: 'login-refused',
    where: 'POP is switched off for the mailbox',
    provoke({ mailbox, simulator }) {
      const address = mailbox();
      simulator.exchange.set(address, { pop: false });
      return fetchingBy('pop', address);
    },
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'exchange',
    causes: ofApplication,
  },
  {
    row: 'login-refused',
    where: 'the mailbox is named by its mail address, which is not its sign-in name',
    provoke({ mailbox }) {
      mailbox({ kind: 'user', address: 'b.upn@contoso.example', aliases: ['b@contoso.example'] });
      return fetchingBy('imap', 'b@contoso.example');
    },
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'exchange',
    causes: ofApplication,
  },
  {
    row: 'login-refused',
    where: 'the permission for IMAP was never granted in Entra',
    provoke: () => ({ ...fetchingBy('imap'), application: 'bare' }),
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'entra',
    // The first one tells what the token lacks, in words of its own.
    causes: ofApplication,
  },
  {
    row: 'login-refused',
    where: 'Exchange takes no password',
    provoke: () => ({ ...fetchingBy('imap'), application: { password: 'kept from others' } }),
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'exchange',
    causes: ['protocol', 'user-name', 'password'],
  },
  {
    row: 'login-other',
    where: 'IMAP refuses the sign-in in words that no table has',
    provoke: async (world) => receivingAt('imap', world.keep(await imapScript({ AUTHENTICATE: '# NO sorry\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'exchange',
    causes: ['protocol', 'replication'],
  },
  {
    row: 'not-connected',
    where: 'the person has no full access to the shared mailbox (IMAP)',
    provoke({ mailbox, simulator }) {
      const address = mailbox();
      simulator.exchange.revokeFullAccess(address, 'ann@contoso.example');
      return asDelegate(fetchingBy('imap', address));
    },
    stage: 'incoming',
    code: 'MAIL_NOT_CONNECTED',
    acts: 'exchange',
    causes: ['mailbox-right', 'other-account', 'passing'],
  },
  {
    row: 'not-connected',
    where: 'Exchange is in trouble after the sign-in',
    provoke: during('imap-not-connected', asDelegate(fetchingBy('imap'))),
    stage: 'incoming',
    code: 'MAIL_NOT_CONNECTED',
    acts: 'exchange',
    causes: ['mailbox-right', 'other-account', 'passing'],
  },
  {
    row: 'throttled',
    where: 'Exchange throttles IMAP',
    provoke: during('imap-throttled', fetchingBy('imap'), { milliseconds: 92_415 }),
    stage: 'incoming',
    code: 'MAIL_THROTTLED',
    acts: 'nobody',
  },
  {
    row: 'throttled',
    where: 'POP counts too many connections',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await popScript({ '<token>': '-ERR Too many concurrent connections.\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_THROTTLED',
    acts: 'nobody',
  },
  {
    row: 'receiving-trouble',
    where: 'IMAP is not available at the sign-in',
    provoke: async (world) =>
      receivingAt('imap', world.keep(await imapScript({ AUTHENTICATE: '# NO [UNAVAILABLE] Try later\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_TRY_LATER',
    acts: 'nobody',
  },
  {
    row: 'receiving-trouble',
    where: 'POP refuses instead of greeting',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await scriptedServer((peer) => peer.send('-ERR [SYS/TEMP] busy\r\n')))),
    stage: 'incoming',
    code: 'MAIL_TRY_LATER',
    acts: 'nobody',
  },
  {
    row: 'mailbox-moved',
    where: 'the mailbox was moved since mail was fetched',
    async provoke(world) {
      const address = world.mailbox();
      await read(world, address);
      world.simulator.exchange.moveMailbox(address);
      return fetchingBy('imap', address);
    },
    stage: 'incoming',
    outcome: 'warning',
    code: 'MAIL_POSITION_LOST',
    acts: 'operator',
  },
  {
    row: 'mailbox-moved',
    where: 'the mailbox was restored from before mail was fetched',
    async provoke(world) {
      await world.storePosition({ kind: 'imap', folder: 'INBOX', uidValidity: '14', uid: 9 });
      return receivingAt('imap', world.keep(await imapScript()));
    },
    stage: 'incoming',
    outcome: 'warning',
    code: 'MAIL_POSITION_LOST',
    acts: 'operator',
  },
  {
    row: 'folder-missing',
    where: 'the mailbox has no such folder (IMAP)',
    provoke: () => fetchingBy('imap', undefined, { folder: 'Nowhere' }),
    stage: 'incoming',
    code: 'MAIL_FOLDER_MISSING',
    acts: 'operator',
  },
  {
    row: 'folder-missing',
    where: 'the mailbox has no such folder (Graph)',
    provoke: () => fetchingBy('graph', undefined, { folder: 'Nowhere' }),
    stage: 'incoming',
    code: 'MAIL_FOLDER_MISSING',
    acts: 'operator',
  },
  {
    row: 'too-many-messages',
    where: 'POP counts more messages than anybody can list',
    provoke: async (world) => receivingAt('pop', world.keep(await popScript({ STAT: '+OK 999999999 1\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_FOLDER_TOO_LARGE',
    acts: 'operator',
  },
  {
    row: 'mechanism-missing',
    where: 'IMAP offers passwords only',
    provoke: async (world) =>
      receivingAt(
        'imap',
        world.keep(await imapScript({ CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n# OK\r\n' })),
      ),
    stage: 'incoming',
    code: 'MAIL_MECHANISM_MISSING',
    acts: 'operator',
  },
  {
    row: 'mechanism-missing',
    where: 'POP offers passwords only, whatever the token lacks',
    provoke: async (world) => ({
      ...receivingAt('pop', world.keep(await popScript({ CAPA: '+OK\r\nSASL PLAIN\r\n.\r\n' }))),
      application: 'bare',
    }),
    stage: 'incoming',
    code: 'MAIL_MECHANISM_MISSING',
    acts: 'operator',
  },
  {
    row: 'garbled',
    where: 'a web server answers at the port of POP',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await scriptedServer((peer) => peer.send('HTTP/1.1 400 Bad Request\r\n')))),
    stage: 'incoming',
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'operator',
  },
  {
    row: 'garbled',
    where: 'POP greets without an end',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await scriptedServer((peer) => peer.send('+OK '.padEnd(10_000, 'x'))))),
    stage: 'incoming',
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'operator',
  },
  {
    row: 'garbled',
    where: 'IMAP takes the connection for signed in before anybody was asked',
    provoke: async (world) =>
      receivingAt(
        'imap',
        world.keep(
          await scriptedServer((peer) => {
            peer.send('* PREAUTH welcome\r\n');
            return answerImap(peer, contentImap);
          }),
        ),
      ),
    stage: 'incoming',
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'operator',
  },
  {
    row: 'unexpected',
    where: 'IMAP refuses the folder in words that no table has',
    provoke: async (world) => receivingAt('imap', world.keep(await imapScript({ SELECT: '# NO sorry\r\n' }))),
    stage: 'incoming',
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'operator',
  },
  {
    row: 'authority-invalid',
    where: 'the private authority of the account has a second certificate that is broken',
    provoke: ({ exchange }) => {
      const broken = exchange.authority.replace(/\nM/, '\nX');
      return { ...fetchingBy('imap', undefined, { authority: `${exchange.authority}${broken}` }) };
    },
    stage: 'incoming-host',
    code: 'MAIL_AUTHORITY_INVALID',
    acts: 'operator',
  },
  {
    row: 'login-invalid',
    where: 'the password has a line break, which no protocol carries',
    provoke: () => ({ ...fetchingBy('pop'), application: { password: 'two\r\nlines' } }),
    stage: 'incoming',
    code: 'MAIL_LOGIN_INVALID',
    acts: 'operator',
  },
];
