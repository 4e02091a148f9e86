import { imapScript, speakImap } from '../imap-script.ts';
import { popScript } from '../pop-script.ts';
import { scriptedServer } from '../scripted-server.ts';
import { smtpScript } from '../smtp-script.ts';
import { type Provocation, receivingAt, sendingAt } from './provocation.ts';

const starttls = { encryption: 'starttls' } as const;
const certified = (row: string, where: string, acts: Provocation['acts'], options: object): Provocation => ({
  row,
  where,
  provoke: async (world) => receivingAt('imap', world.keep(await imapScript({}, options))),
  stage: 'incoming-host',
  code: 'MAIL_TLS_CERTIFICATE',
  acts,
});

/** Table 7e, TLS and certificates. */
export const tlsProvocations: readonly Provocation[] = [
  {
    row: 'tls-mismatch',
    where: 'a service without TLS answers at the port for TLS',
    provoke: async (world) =>
      receivingAt('imap', world.keep(await scriptedServer((peer) => peer.send('* OK ready\r\n'), starttls))),
    stage: 'incoming-host',
    code: 'MAIL_TLS_MISMATCH',
    acts: 'operator',
  },
  {
    row: 'starttls-missing',
    where: 'IMAP offers no STARTTLS',
    provoke: async (world) => {
      const plain = speakImap({ CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n# OK\r\n' });
      return receivingAt('imap', world.keep(await scriptedServer(plain, starttls)), starttls);
    },
    stage: 'incoming',
    code: 'MAIL_TLS_MISMATCH',
    acts: 'operator',
  },
  {
    row: 'starttls-missing',
    where: 'POP refuses STLS',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await popScript({ STLS: '-ERR What?\r\n' }, starttls)), starttls),
    stage: 'incoming',
    code: 'MAIL_TLS_MISMATCH',
    acts: 'operator',
  },
  {
    row: 'starttls-missing',
    where: 'SMTP refuses STARTTLS',
    provoke: async (world) => sendingAt(world.keep(await smtpScript({ starttls: '454 4.7.0 TLS not available' }))),
    stage: 'outgoing',
    code: 'MAIL_TLS_MISMATCH',
    acts: 'operator',
  },
  {
    row: 'starttls-injection',
    where: 'somebody adds words after the answer to STLS',
    provoke: async (world) =>
      receivingAt('pop', world.keep(await popScript({ STLS: '+OK\r\n+OK signed in\r\n' }, starttls)), starttls),
    stage: 'incoming',
    code: 'MAIL_TLS_TAMPERED',
    acts: 'network',
  },
  {
    row: 'tls-old',
    where: 'IMAP speaks TLS 1.1 at most',
    provoke: async (world) => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      return receivingAt('imap', world.keep(await imapScript({}, { tls: old })));
    },
    stage: 'incoming-host',
    code: 'MAIL_TLS_OLD',
    acts: 'network',
  },
  certified('certificate-expired', 'the certificate has expired', 'network', { notAfter: new Date('2021-01-01') }),
  {
    ...certified('certificate-expired', 'the certificate behind STARTTLS has expired', 'network', {}),
    provoke: async (world) =>
      sendingAt(world.keep(await smtpScript({}, { ...starttls, notAfter: new Date('2021-01-01') }))),
    stage: 'outgoing',
  },
  certified('certificate-early', 'the certificate is not valid yet', 'operator', { notBefore: new Date('2044-01-01') }),
  certified('certificate-name', 'the certificate is for another name', 'operator', {
    certificateHost: 'other.example.test',
  }),
  certified('certificate-other', 'the certificate is one for clients', 'network', { purpose: 'client' }),
  {
    ...certified('certificate-untrusted', 'nobody vouches for the certificate', 'network', {}),
    provoke: async (world) => receivingAt('imap', world.keep(await imapScript()), { authority: '' }),
  },
];
