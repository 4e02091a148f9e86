import { defineNotices } from '@itsm-m365/plugin-api';

/** What an administrator should read about sending that is less than the failure of the run. No address, no subject. */
export const outboxNotices = defineNotices({
  MAIL_RATE_LIMITED: {
    severity: 'warning',
    message: {
      en: 'Account {account} reached {most} automatic mails to one recipient in an hour. What is above it waits for the next hour.',
      de: 'Konto {account} hat {most} automatische Mails an einen Empfänger in einer Stunde erreicht. Was darüber liegt, wartet auf die nächste Stunde.',
    },
    remedy: {
      en: 'Look at the outbox: two machines may be answering each other. Else raise the limit of the account.',
      de: 'Sehen Sie im Postausgang nach: Möglicherweise antworten zwei Automaten einander. Erhöhen Sie sonst die Grenze des Kontos.',
    },
  },
  MAIL_HELD: {
    severity: 'warning',
    message: {
      en: 'Account {account}: of {count} mails nobody knows whether they went, and Sent Items do not tell. They wait for a person.',
      de: 'Konto {account}: Bei {count} Mails ist nicht bekannt, ob sie gesendet wurden, und „Gesendete Elemente“ verrät es nicht. Sie warten auf eine Person.',
    },
    remedy: {
      en: 'Decide in the outbox: send again, or cancel.',
      de: 'Entscheiden Sie im Postausgang: erneut senden oder abbrechen.',
    },
  },
  MAIL_SENT_AGAIN: {
    severity: 'info',
    message: {
      en: 'Account {account}: {count} mails with an unknown outcome are sent again, as the account says. A recipient may get one twice.',
      de: 'Konto {account}: {count} Mails mit unbekanntem Ausgang werden erneut gesendet, wie im Konto festgelegt. Ein Empfänger kann eine doppelt erhalten.',
    },
  },
  MAIL_REFUSED: {
    severity: 'error',
    message: {
      en: 'Account {account}: {count} mails were refused for good.',
      de: 'Konto {account}: {count} Mails wurden endgültig abgelehnt.',
    },
    remedy: {
      en: 'The outbox shows reply and remedy of each. Send them again once the cause is gone.',
      de: 'Der Postausgang zeigt Antwort und Abhilfe zu jeder. Senden Sie sie erneut, sobald die Ursache behoben ist.',
    },
  },
  MAIL_RECIPIENTS_REFUSED: {
    severity: 'warning',
    message: {
      en: 'Account {account}: {count} mails went to some of their recipients only.',
      de: 'Konto {account}: {count} Mails gingen nur an einen Teil ihrer Empfänger.',
    },
    remedy: {
      en: 'The outbox shows which addresses were refused, with the reply.',
      de: 'Der Postausgang zeigt die abgelehnten Adressen mit der Antwort.',
    },
  },
});
