import { fillText } from '@itsm-m365/plugin-api';
import type { MailboxFacts, Position, Submission } from '../channels/channel.ts';
import { ChannelFault } from '../channels/fault.ts';
import { identityOf, receivingServer } from '../identity.ts';
import type { DiagnosedAccount, DiagnosisDependencies } from './diagnose.ts';
import { faultError } from './fault-error.ts';
import { text } from './row.ts';
import { shown } from './shown.ts';
import { type DiagnosisStage, errorFinding, evidence, type Finding } from './stage.ts';

/** MAIL-04 to MAIL-06: the position belongs to another mailbox than this one. */
const isMoved = (facts: MailboxFacts, position: Position | undefined): boolean => {
  if (position?.kind !== 'imap' || facts.protocol !== 'imap' || facts.folder !== position.folder) return false;
  if (facts.uidValidity !== undefined && facts.uidValidity !== position.uidValidity) return true;
  return facts.uidNext !== undefined && facts.uidNext <= position.uid;
};

const mailboxFinding = (facts: MailboxFacts, { account, position }: DiagnosedAccount): Finding => {
  const folder = shown(facts.folder, 200);
  const shownFacts = evidence({
    folder,
    uidValidity: facts.uidValidity,
    capabilities: facts.capabilities.join(' ').slice(0, 1000),
  });
  if (isMoved(facts, position)) {
    const server = receivingServer(account);
    const fault = new ChannelFault({
      stage: 'folder',
      protocol: 'imap',
      server: server === undefined ? '' : `${server.host}:${server.port}`,
      code: 'UIDVALIDITY_CHANGED',
    });
    const finding = errorFinding(faultError(fault));
    return { ...finding, outcome: 'warning', evidence: { ...finding.evidence, ...shownFacts } };
  }
  const message = fillText(text('{messages} messages in "{folder}".', '{messages} Nachrichten in „{folder}“.'), {
    messages: facts.messages,
    folder: folder || '-',
  });
  return { outcome: 'passed', message, evidence: shownFacts };
};

/** Sign-in and folder (IMAP, Graph) or STAT (POP). */
export const incomingStages = (
  given: DiagnosedAccount,
  { openMailbox }: DiagnosisDependencies,
  uses: (protocol: string) => void,
): readonly DiagnosisStage[] => {
  const { protocol } = given.account.receiving;
  if (protocol === 'none') return [];
  return [
    {
      id: 'incoming',
      title: text(`Open the mailbox (${protocol.toUpperCase()})`, `Postfach öffnen (${protocol.toUpperCase()})`),
      unlocks: text('Fetching mail.', 'Mail abholen.'),
      run: async () => {
        uses(protocol);
        const mailbox = await openMailbox();
        const finding = mailboxFinding(mailbox.facts, given);
        // The mailbox was opened, whatever its end looks like.
        await mailbox.close().catch(() => undefined);
        return finding;
      },
    },
  ];
};

const opened = (submission: { open?: Submission }): Submission => {
  if (submission.open === undefined) throw new Error('the submission is not open');
  return submission.open;
};

/** Sign-in for sending; MAIL FROM and RCPT TO, taken back by RSET (not by Graph, which knows no trial); a test mail. */
export const outgoingStages = (
  { account, application, recipient, testMail }: DiagnosedAccount,
  { openSubmission }: DiagnosisDependencies,
  uses: (protocol: string) => void,
  submission: { open?: Submission },
): readonly DiagnosisStage[] => {
  const { protocol } = account.sending;
  if (protocol === 'none') return [];
  const { from } = identityOf(account, application?.flow ?? 'password');
  return [
    {
      id: 'outgoing',
      title: text(`Sign in for sending (${protocol.toUpperCase()})`, `Zum Senden anmelden (${protocol.toUpperCase()})`),
      unlocks: text('Sending mail.', 'Mail senden.'),
      run: async () => {
        uses(protocol);
        submission.open = await openSubmission();
        const { maxBytes, capabilities } = submission.open.facts;
        return {
          outcome: 'passed',
          evidence: evidence({ maxBytes, capabilities: capabilities.join(' ').slice(0, 1000) }),
        };
      },
    },
    ...(protocol === 'smtp'
      ? [
          {
            id: 'envelope',
            title: text('Sender and recipient (nothing is sent)', 'Absender und Empfänger (nichts wird gesendet)'),
            run: async (): Promise<Finding> => {
              await opened(submission).verify({ from, to: [recipient ?? from] });
              return { outcome: 'passed' };
            },
          },
        ]
      : []),
    ...(testMail === undefined
      ? []
      : [
          {
            id: 'test-mail',
            title: text('Send a test mail', 'Testmail senden'),
            run: async (): Promise<Finding> => {
              const { reply, refused } = await opened(submission).send({ from, to: [testMail.to] }, testMail.mime);
              const [first] = refused;
              if (first === undefined) return { outcome: 'passed', evidence: evidence({ reply }) };
              throw new ChannelFault({ stage: 'recipient', protocol, server: '-', status: 550, reply: first.reply });
            },
          },
        ]),
  ];
};
