import { type SmtpReplies, smtpScript } from '../smtp-script.ts';
import { asDelegate, during, type Provocation, sendingAt, sendingBy } from './provocation.ts';

const scripted =
  (replies: SmtpReplies): Provocation['provoke'] =>
  async (world) =>
    sendingAt(world.keep(await smtpScript(replies)));

/** A sign-in that Exchange refuses in these words. */
const refusing = (words: string): Provocation['provoke'] => scripted({ auth: () => words });

const mailing =
  (provoke: Provocation['provoke']): Provocation['provoke'] =>
  async (world) => ({ ...(await provoke(world)), testMailTo: 'customer@example.org' });

const login = { stage: 'outgoing' } as const;

/** Table 7c: SMTP. */
export const sendingProvocations: readonly Provocation[] = [
  {
    row: 'smtp-auth-disabled',
    where: 'authenticated SMTP is off for the mailbox',
    provoke({ mailbox, simulator }) {
      const address = mailbox();
      simulator.exchange.set(address, { smtpAuth: false });
      return sendingBy('smtp', address);
    },
    ...login,
    code: 'MAIL_SMTP_AUTH_DISABLED',
    acts: 'exchange',
  },
  {
    row: 'smtp-auth-disabled',
    where: 'authenticated SMTP is off for the tenant',
    provoke: refusing(
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
    ),
    ...login,
    code: 'MAIL_SMTP_AUTH_DISABLED',
    acts: 'exchange',
  },
  {
    row: 'basic-disabled',
    where: 'Exchange refuses a password',
    provoke: () => ({ ...sendingBy('smtp'), application: { password: 'kept from others' } }),
    ...login,
    code: 'MAIL_BASIC_AUTH_RETIRED',
    acts: 'operator',
  },
  {
    row: 'basic-retired',
    where: 'Exchange has retired passwords for sending',
    provoke: during('smtp-basic-retired', { ...sendingBy('smtp'), application: { password: 'kept from others' } }),
    ...login,
    code: 'MAIL_BASIC_AUTH_RETIRED',
    acts: 'operator',
  },
  {
    row: 'policy',
    where: 'security defaults block the sign-in',
    provoke: refusing(
      "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
    ),
    ...login,
    code: 'MAIL_POLICY_BLOCKED',
    acts: 'entra',
  },
  {
    row: 'policy',
    where: 'Conditional Access blocks the sign-in',
    provoke: refusing(
      '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.',
    ),
    ...login,
    code: 'MAIL_POLICY_BLOCKED',
    acts: 'entra',
  },
  {
    row: 'smtp-login-refused',
    where: 'a shared mailbox is the login of a delegate',
    provoke({ mailbox }) {
      const address = mailbox();
      const { account } = sendingBy('smtp', address);
      return asDelegate({ account: { ...account, sending: { protocol: 'smtp', login: address } } });
    },
    ...login,
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'operator',
    causes: ['shared-login', 'protocol', 'user-name', 'replication'],
  },
  {
    row: 'smtp-login-refused',
    where: 'Exchange was told the wrong object id of the application',
    provoke: () => ({ ...sendingBy('smtp'), application: 'misnamed' }),
    ...login,
    code: 'MAIL_LOGIN_REFUSED',
    acts: 'entra',
    causes: ['consent', 'service-principal', 'protocol', 'user-name', 'replication'],
  },
  {
    row: 'not-authenticated',
    where: 'SMTP does not remember the sign-in at MAIL FROM',
    provoke: scripted({ mail: () => '530 5.7.57 Client not authenticated to send mail. [FR0P281CA0001]' }),
    stage: 'envelope',
    code: 'MAIL_NOT_AUTHENTICATED',
    acts: 'operator',
  },
  {
    row: 'send-as-denied',
    where: 'SMTP refuses the sender at MAIL FROM',
    provoke: scripted({ mail: () => '550 5.7.60 SMTP; Client does not have permissions to send as this sender' }),
    stage: 'envelope',
    code: 'MAIL_SEND_AS_DENIED',
    acts: 'exchange',
  },
  {
    row: 'send-as-denied',
    where: 'Exchange lets a test mail not pass as another mailbox (SMTP)',
    provoke: mailing(({ mailbox, simulator, app }) => {
      const [login, from] = [mailbox(), mailbox()];
      simulator.exchange.revokeSendAs(from, app('app-only').objectId);
      const { account } = sendingBy('smtp', login);
      return { account: { ...account, from } };
    }),
    stage: 'test-mail',
    code: 'MAIL_SEND_AS_DENIED',
    acts: 'exchange',
  },
  {
    row: 'send-as-denied',
    where: 'Exchange lets a test mail not pass as another mailbox (Graph)',
    provoke: mailing(({ mailbox, simulator }) => {
      const address = mailbox();
      simulator.exchange.revokeSendAs(address, 'ann@contoso.example');
      return asDelegate(sendingBy('graph', address));
    }),
    stage: 'test-mail',
    code: 'MAIL_SEND_AS_DENIED',
    acts: 'exchange',
  },
  {
    row: 'sent-copy-elsewhere',
    where: 'Exchange keeps the copy of a test mail with the delegate who signed in',
    provoke: mailing(({ mailbox }) => {
      const address = mailbox();
      return asDelegate({ account: { mailbox: address } });
    }),
    stage: 'sent-copy',
    outcome: 'warning',
    code: 'MAIL_SENT_COPY_ELSEWHERE',
    acts: 'exchange',
  },
  {
    row: 'too-large',
    where: 'SMTP finds a test mail larger than allowed',
    provoke: mailing(scripted({ end: '552 5.3.4 Message size exceeds fixed maximum message size' })),
    stage: 'test-mail',
    code: 'MAIL_SIZE_REFUSED',
    acts: 'operator',
  },
  {
    row: 'too-large',
    where: 'SMTP announces a limit below the size of a test mail',
    provoke: mailing(scripted({ ehlo: ['smtp.example.test Hello', 'SIZE 50'] })),
    stage: 'test-mail',
    code: 'MAIL_SIZE_REFUSED',
    acts: 'operator',
  },
  {
    row: 'sending-trouble',
    where: 'Exchange puts off the sender',
    provoke: during('smtp-throttled', sendingBy('smtp'), { status: 452 }),
    stage: 'envelope',
    code: 'MAIL_TRY_LATER',
    acts: 'nobody',
  },
  {
    row: 'sending-trouble',
    where: 'a server greylists the recipient',
    provoke: during('smtp-greylisted', sendingBy('smtp')),
    stage: 'envelope',
    code: 'MAIL_TRY_LATER',
    acts: 'nobody',
  },
  {
    row: 'throttled',
    where: 'Exchange is too busy for the sender (SMTP)',
    provoke: during('smtp-throttled', sendingBy('smtp'), { status: 451 }),
    stage: 'envelope',
    code: 'MAIL_THROTTLED',
    acts: 'nobody',
  },
  {
    row: 'sender-refused',
    where: 'SMTP takes no such sender',
    provoke: scripted({ mail: () => '501 5.1.7 Invalid address' }),
    stage: 'envelope',
    code: 'MAIL_SENDER_REFUSED',
    acts: 'operator',
  },
  {
    row: 'recipient-refused',
    where: 'Exchange knows no such recipient',
    provoke: during('smtp-recipient-refused', sendingBy('smtp')),
    stage: 'envelope',
    code: 'MAIL_RECIPIENT_REFUSED',
    acts: 'user',
  },
  {
    row: 'message-refused',
    where: 'a rule of Exchange holds a test mail back',
    provoke: mailing(({ simulator }) => {
      simulator.faults.enable('smtp-data-refused', { status: 554, code: '5.6.0' });
      return sendingBy('smtp');
    }),
    stage: 'test-mail',
    code: 'MAIL_MESSAGE_REFUSED',
    acts: 'operator',
  },
  {
    row: 'mechanism-missing',
    where: 'SMTP offers no XOAUTH2',
    provoke: scripted({ mechanisms: 'LOGIN' }),
    ...login,
    code: 'MAIL_MECHANISM_MISSING',
    acts: 'operator',
  },
  {
    row: 'envelope-sender',
    where: 'the sender of a stored account is no address',
    provoke: () => {
      const { account } = sendingBy('smtp');
      return { account: { ...account, from: 'help desk@contoso.example' }, unchecked: true };
    },
    stage: 'envelope',
    code: 'MAIL_SENDER_REFUSED',
    acts: 'operator',
  },
  {
    row: 'garbled',
    where: 'a web server answers at the port of SMTP',
    provoke: scripted({ greeting: 'HTTP/1.1 400 Bad Request' }),
    ...login,
    code: 'MAIL_UNEXPECTED_REPLY',
    acts: 'operator',
  },
];
