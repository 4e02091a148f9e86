import { defineErrors } from '@itsm-m365/plugin-api';

/** What is wrong with a mail that is to be queued, or with a decision about one. */
export const outboxErrors = defineErrors({
  OUTBOX_ADDRESS_INVALID: {
    kind: 'configuration',
    message: { en: 'This is no mail address: {address}', de: 'Das ist keine Mailadresse: {address}' },
    remedy: {
      en: 'Correct the address in the account or at the recipient.',
      de: 'Korrigieren Sie die Adresse im Konto oder beim Empfänger.',
    },
  },
  OUTBOX_RECIPIENTS_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The mail has {count} recipients; 1 to {most} are possible.',
      de: 'Die Mail hat {count} Empfänger; möglich sind 1 bis {most}.',
    },
    remedy: {
      en: 'Address at least one and at most {most} recipients, or a distribution list.',
      de: 'Richten Sie die Mail an mindestens einen und höchstens {most} Empfänger oder an eine Verteilerliste.',
    },
  },
  OUTBOX_MAIL_TOO_LARGE: {
    kind: 'configuration',
    message: {
      en: 'The mail has {bytes} bytes; at most {most} are possible.',
      de: 'Die Mail hat {bytes} Bytes; möglich sind höchstens {most}.',
    },
    remedy: {
      en: 'Shorten the text, or link to what is large.',
      de: 'Kürzen Sie den Text, oder verweisen Sie auf große Inhalte.',
    },
  },
  OUTBOX_KEY_INVALID: {
    kind: 'internal',
    message: {
      en: 'The key of the event, or the Message-ID, is empty, too long or has signs that may not stand there.',
      de: 'Der Schlüssel des Ereignisses oder die Message-ID ist leer, zu lang oder enthält unerlaubte Zeichen.',
    },
    remedy: {
      en: 'This is a defect of the program that hands over the mail; report it to support.',
      de: 'Dies ist ein Fehler des Programms, das die Mail übergibt; melden Sie ihn dem Support.',
    },
  },
  OUTBOX_MAIL_UNKNOWN: {
    kind: 'conflict',
    status: 404,
    message: { en: 'There is no such mail in the outbox.', de: 'Diese Mail gibt es im Postausgang nicht.' },
    remedy: { en: 'Load the list again.', de: 'Laden Sie die Liste neu.' },
  },
  OUTBOX_MAIL_NOT_DECIDABLE: {
    kind: 'conflict',
    message: {
      en: 'The mail cannot be sent again or cancelled in its present state ({state}).',
      de: 'Die Mail kann in ihrem jetzigen Zustand ({state}) nicht erneut gesendet oder abgebrochen werden.',
    },
    remedy: {
      en: 'Load the list again: somebody else has decided, or it is being sent now.',
      de: 'Laden Sie die Liste neu: Jemand anderes hat entschieden, oder sie wird gerade gesendet.',
    },
  },
  OUTBOX_OUTCOME_UNKNOWN: {
    kind: 'conflict',
    message: {
      en: 'The connection ended while the mail was handed over: nobody knows whether it went.',
      de: 'Die Verbindung endete, während die Mail übergeben wurde: Ob sie gesendet wurde, ist nicht bekannt.',
    },
    remedy: {
      en: 'Look into Sent Items or ask the recipient, then send the mail again or cancel it.',
      de: 'Sehen Sie in „Gesendete Elemente“ nach oder fragen Sie den Empfänger, und senden Sie die Mail dann erneut oder brechen Sie sie ab.',
    },
  },
  OUTBOX_GIVEN_UP: {
    kind: 'remote',
    message: {
      en: 'The mail could not be sent in {days} days and {attempts} attempts; the last reply is shown with it.',
      de: 'Die Mail konnte in {days} Tagen und {attempts} Versuchen nicht gesendet werden; die letzte Antwort steht dabei.',
    },
    remedy: {
      en: 'Test the account, then send the mail again.',
      de: 'Testen Sie das Konto, und senden Sie die Mail dann erneut.',
    },
  },
  OUTBOX_RATE_LIMITED: {
    kind: 'conflict',
    message: {
      en: 'A recipient of this automatic mail has got {most} of them in this hour; it waits for the next.',
      de: 'Ein Empfänger dieser automatischen Mail hat in dieser Stunde schon {most} erhalten; sie wartet auf die nächste.',
    },
    remedy: {
      en: 'Check whether two machines answer each other; else raise the limit of the account.',
      de: 'Prüfen Sie, ob zwei Automaten einander antworten; erhöhen Sie sonst die Grenze des Kontos.',
    },
  },
  OUTBOX_RECIPIENTS_REFUSED: {
    kind: 'remote',
    message: {
      en: 'The mail went, but not to {count} of its recipients.',
      de: 'Die Mail wurde gesendet, aber nicht an {count} ihrer Empfänger.',
    },
    remedy: {
      en: 'Correct the addresses that the reply names.',
      de: 'Korrigieren Sie die Adressen, die die Antwort nennt.',
    },
  },
  OUTBOX_SENDING_FAILED: {
    kind: 'internal',
    message: {
      en: 'Sending failed for a reason that no server gave.',
      de: 'Das Senden ist aus einem Grund gescheitert, den kein Server genannt hat.',
    },
    remedy: {
      en: 'Report it to support with the log.',
      de: 'Melden Sie es dem Support mit dem Protokoll.',
    },
  },
});
