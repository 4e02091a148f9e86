import { fillText } from '@itsm-m365/plugin-api';
import type { MailboxFacts, Submission } from '../channels/channel.ts';
import { ChannelFault } from '../channels/fault.ts';
import { identityOf, receivingServer, sendingServer } from '../identity.ts';
import { judgeCursor, type MoveReason } from '../receive/cursor.ts';
import type { StoredPosition } from '../tables.ts';
import type { DiagnosedAccount, DiagnosisDependencies } from './diagnose.ts';
import { faultError } from './fault-error.ts';
import { text } from './row.ts';
import { shown } from './shown.ts';
import { type DiagnosisStage, errorFinding, evidence, type Finding } from './stage.ts';

/** MAIL-04 to MAIL-06: of what a fetch would find, what is wrong with the mailbox and not with the settings. */
const movedCodes: Partial<Record<MoveReason, string>> = {
  'uid-validity': 'UIDVALIDITY_CHANGED',
  'uid-next': 'UIDNEXT_BACK',
};

const movedCode = (facts: MailboxFacts, position: StoredPosition | undefined): string | undefined => {
  // Whether the account came to name another mailbox is not asked here.
  const verdict = judgeCursor(position ?? null, facts, position?.mailbox ?? '');
  return verdict.kind === 'moved' ? movedCodes[verdict.reason] : undefined;
};

const mailboxFinding = (facts: MailboxFacts, { account, position }: DiagnosedAccount): Finding => {
  const folder = shown(facts.folder, 200);
  const shownFacts = evidence({
    folder,
    uidValidity: facts.uidValidity,
    capabilities: facts.capabilities.join(' ').slice(0, 1000),
  });
  const code = movedCode(facts, position);
  if (code !== undefined) {
    const server = receivingServer(account);
    const fault = new ChannelFault({
      stage: 'folder',
      protocol: 'imap',
      server: server === undefined ? '' : `${server.host}:${server.port}`,
      code,
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

/** Exchange files the copy some seconds after it took the mail. Milliseconds before each look. */
const looks = [0, 5_000, 10_000] as const;

const messageIdOf = (mime: Buffer): string =>
  /^Message-ID:\s*(<[^<>\s]{1,900}>)/im.exec(mime.subarray(0, 64 * 1024).toString('latin1'))?.[1] ?? '';

/**
 * Whether the copy of the test mail came to the mailbox that it stands for: Exchange keeps it with whoever signed in
 * (Zammad #5567). Only where that is another one, which this account can look into.
 */
const sentCopyStages = (
  { account, application, testMail }: DiagnosedAccount,
  { clock, signal, openMailbox }: DiagnosisDependencies,
): readonly DiagnosisStage[] => {
  if (application === undefined || testMail === undefined) return [];
  const { smtpLogin, mailbox, from } = identityOf(account, application.flow);
  const looksInto = account.receiving.protocol === 'imap' || account.receiving.protocol === 'graph';
  if (!looksInto || smtpLogin === mailbox || from !== mailbox) return [];
  return [
    {
      id: 'sent-copy',
      title: text('Copy in "Sent Items" of the mailbox', 'Kopie in „Gesendete Elemente“ des Postfachs'),
      mayFail: true,
      run: async (): Promise<Finding> => {
        const open = await openMailbox();
        try {
          for (const wait of looks) {
            if (wait > 0) await clock.sleep(wait, signal);
            if ((await open.findSent?.(messageIdOf(testMail.mime))) === true) return { outcome: 'passed' };
          }
        } finally {
          await open.close().catch(() => undefined);
        }
        const server = sendingServer(account);
        throw new ChannelFault({
          stage: 'sent-items',
          protocol: 'smtp',
          server: server === undefined ? '-' : `${server.host}:${server.port}`,
          code: 'SENT_COPY_ELSEWHERE',
        });
      },
    },
  ];
};

/**
 * Sign-in for sending; MAIL FROM and RCPT TO, taken back by RSET (not by Graph, which knows no trial); a test mail, and the
 * place of its copy.
 */
export const outgoingStages = (
  given: DiagnosedAccount,
  deps: DiagnosisDependencies,
  uses: (protocol: string) => void,
  submission: { open?: Submission },
): readonly DiagnosisStage[] => {
  const { account, application, recipient, testMail } = given;
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
        submission.open = await deps.openSubmission();
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
    ...(protocol === 'smtp' ? sentCopyStages(given, deps) : []),
  ];
};
