import { collect, readAll } from '../channel-context.ts';
import type { DiagnosisWorld, Tried } from '../diagnosis-world.ts';
import { imapScript } from '../imap-script.ts';
import { type Elsewhere, fetchingBy, receivingAt, sendingBy } from './provocation.ts';

const { signal } = new AbortController();
const mime = 'From: Ann <ann@example.com>\r\nSubject: One\r\nMessage-ID: <one@example.com>\r\n\r\nText\r\n';

const open = async (world: DiagnosisWorld, tried: Tried) => (await world.connect(tried)).openMailbox(signal);

/** Rows that a test of the connection never meets, since it reads no message, changes none and sends to whom may be sent. */
export const channelProvocations: readonly Elsewhere[] = [
  {
    row: 'message-gone',
    where: 'another program deletes a message between its listing and its reading',
    async fail(world) {
      const address = world.mailbox();
      const { uid } = world.simulator.exchange.deliver(address, mime);
      const mailbox = await open(world, fetchingBy('imap', address));
      const [page] = await collect(mailbox.list(undefined));
      const key = page?.messages[0]?.key ?? '';
      const other = await open(world, fetchingBy('imap', address));
      await other.acknowledge([key], { kind: 'delete' });
      await other.close();
      if (!key.endsWith(`;${uid}`)) throw new Error(`another message was listed: ${key}`);
      return mailbox.read(key).then(readAll);
    },
    code: 'MAIL_MESSAGE_VANISHED',
  },
  {
    row: 'dynamic-delivery',
    where: 'Exchange gives a notice in the place of a message',
    async fail(world) {
      const address = world.mailbox();
      world.simulator.exchange.deliver(address, mime);
      const mailbox = await open(world, fetchingBy('imap', address));
      const [page] = await collect(mailbox.list(undefined));
      const key = page?.messages[0]?.key ?? '';
      world.simulator.faults.enable('imap-dynamic-delivery', { times: 1 });
      const held = await mailbox
        .read(key)
        .then(readAll)
        .catch((error: unknown) => error);
      // The connection goes on, and gives the message out once it may.
      const later = await mailbox.read(key).then(readAll);
      if (!later.toString().includes('Subject: One')) throw new Error('the message itself was not given');
      throw held;
    },
    code: 'MAIL_MESSAGE_UNAVAILABLE',
  },
  {
    row: 'dynamic-delivery',
    where: 'IMAP does not hand a message out yet',
    async fail(world) {
      const words = 'Retrieval using the IMAP4 protocol failed for the following message: 5';
      const server = world.keep(await imapScript({ 'UID FETCH': `# NO ${words}\r\n` }));
      const mailbox = await open(world, receivingAt('imap', server));
      return mailbox.read('INBOX;14;5').then(readAll);
    },
    code: 'MAIL_MESSAGE_UNAVAILABLE',
  },
  {
    row: 'mailbox-moved',
    where: 'Graph has forgotten how far the mailbox was read',
    async fail(world) {
      const mailbox = await open(world, fetchingBy('graph', world.mailbox()));
      const position = await mailbox.now();
      world.simulator.faults.enable('sync-state-not-found', { status: 410, code: 'SyncStateNotFound' });
      return collect(mailbox.list(position));
    },
    code: 'MAIL_POSITION_LOST',
  },
  {
    row: 'move-unsupported',
    where: 'a message is to be moved by POP',
    async fail(world) {
      const address = world.mailbox();
      world.simulator.exchange.deliver(address, mime);
      const mailbox = await open(world, fetchingBy('pop', address));
      const [page] = await collect(mailbox.list(undefined));
      const keys = page?.messages.map(({ key }) => key) ?? [];
      return mailbox.acknowledge(keys, { kind: 'move', folder: 'Done' });
    },
    code: 'MAIL_MOVE_UNSUPPORTED',
  },
  {
    row: 'uidplus-missing',
    where: 'IMAP cannot delete single messages',
    async fail(world) {
      const without = '* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n# OK\r\n';
      const server = world.keep(await imapScript({ CAPABILITY: without, AUTHENTICATE: without }));
      const mailbox = await open(world, receivingAt('imap', server));
      return mailbox.acknowledge(['INBOX;14;5'], { kind: 'delete' });
    },
    code: 'MAIL_MOVE_UNSUPPORTED',
  },
  {
    row: 'folder-missing',
    where: 'the folder for messages that were taken is not there',
    async fail(world) {
      const address = world.mailbox();
      world.simulator.exchange.deliver(address, mime);
      const mailbox = await open(world, fetchingBy('imap', address));
      const [page] = await collect(mailbox.list(undefined));
      const keys = page?.messages.map(({ key }) => key) ?? [];
      return mailbox.acknowledge(keys, { kind: 'move', folder: 'Nowhere' });
    },
    code: 'MAIL_FOLDER_MISSING',
  },
  {
    row: 'envelope-recipient',
    where: 'a recipient of a mail is no address',
    async fail(world) {
      const submission = await (await world.connect(sendingBy('smtp'))).openSubmission(signal);
      const envelope = { from: 'works@contoso.example', to: ['the customer'] };
      return submission.send(envelope, Buffer.from(mime)).finally(() => submission.close());
    },
    code: 'MAIL_RECIPIENT_REFUSED',
  },
];
