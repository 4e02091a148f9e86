import { defineErrors } from '@itsm-m365/plugin-api';

/**
 * What can keep a message from being handed over, or refuse a decision about one. Codes that are stored at a message have no
 * placeholders, so that a list can show their texts.
 */
export const receiveErrors = defineErrors({
  MAIL_TOO_LARGE: {
    kind: 'remote',
    message: {
      en: 'The message is larger than the account allows.',
      de: 'Die Nachricht ist größer, als das Konto zulässt.',
    },
    remedy: {
      en: 'It stays in the mailbox. Open it there, or raise the largest size in the account and have it handed over from the list.',
      de: 'Sie bleibt im Postfach. Öffnen Sie sie dort, oder erhöhen Sie die Höchstgröße im Konto und lassen Sie sie aus der Liste übergeben.',
    },
  },
  MAIL_UNREADABLE: {
    kind: 'remote',
    message: {
      en: 'The message cannot be taken apart, or has more parts, levels, fields or text than is read.',
      de: 'Die Nachricht lässt sich nicht zerlegen, oder sie hat mehr Teile, Ebenen, Felder oder Text, als gelesen werden.',
    },
    remedy: {
      en: 'It stays in the mailbox. Open it there; broken or hostile messages are built like this.',
      de: 'Sie bleibt im Postfach. Öffnen Sie sie dort; so sind defekte oder bösartige Nachrichten gebaut.',
    },
  },
  MAIL_NOT_READ: {
    kind: 'remote',
    message: {
      en: 'The mail server lists the message, and does not give it out.',
      de: 'Der Mailserver führt die Nachricht auf, gibt sie aber nicht heraus.',
    },
    remedy: {
      en: 'It stays in the mailbox and is tried again. Open it there; where that fails too, it is damaged: skip it in the list.',
      de: 'Sie bleibt im Postfach und wird erneut versucht. Öffnen Sie sie dort; misslingt auch das, ist sie beschädigt: Überspringen Sie sie in der Liste.',
    },
  },
  MAIL_NOT_TAKEN: {
    kind: 'internal',
    message: {
      en: 'The ticket system did not take the message.',
      de: 'Das Ticketsystem hat die Nachricht nicht angenommen.',
    },
    remedy: {
      en: 'It stays in the mailbox and is handed over again with the next fetch. The reason stands in the log of the ticket system.',
      de: 'Sie bleibt im Postfach und wird beim nächsten Abholen erneut übergeben. Der Grund steht im Protokoll des Ticketsystems.',
    },
  },
  MAIL_NOT_TAKEN_IN_TIME: {
    kind: 'internal',
    message: {
      en: 'The ticket system did not take the message in time.',
      de: 'Das Ticketsystem hat die Nachricht nicht rechtzeitig angenommen.',
    },
    remedy: {
      en: 'It stays in the mailbox and is handed over again with the next fetch, marked as a repetition. Check how loaded the ticket system is.',
      de: 'Sie bleibt im Postfach und wird beim nächsten Abholen erneut übergeben, als Wiederholung gekennzeichnet. Prüfen Sie, wie ausgelastet das Ticketsystem ist.',
    },
  },
  MAIL_INTERRUPTED: {
    kind: 'internal',
    message: {
      en: 'The hand-over of the message was interrupted each time it was tried, without an answer.',
      de: 'Die Übergabe der Nachricht wurde bei jedem Versuch unterbrochen, ohne Antwort.',
    },
    remedy: {
      en: 'Look for the message in the ticket system: it may have arrived. Then hand it over or skip it from the list.',
      de: 'Suchen Sie die Nachricht im Ticketsystem: Sie kann angekommen sein. Übergeben oder überspringen Sie sie dann aus der Liste.',
    },
  },
  MAIL_MESSAGE_GONE: {
    kind: 'remote',
    message: {
      en: 'The message is no longer in the mailbox.',
      de: 'Die Nachricht ist nicht mehr im Postfach.',
    },
    remedy: {
      en: 'Somebody moved or deleted it before it was taken. Move it back into the folder, or skip it in the list.',
      de: 'Jemand hat sie verschoben oder gelöscht, bevor sie übernommen wurde. Verschieben Sie sie in den Ordner zurück, oder überspringen Sie sie in der Liste.',
    },
  },
  MAIL_PROBABLY_TAKEN: {
    kind: 'conflict',
    message: {
      en: 'The same message was probably taken before the mailbox was moved.',
      de: 'Dieselbe Nachricht wurde vermutlich schon übernommen, bevor das Postfach umgezogen ist.',
    },
    remedy: {
      en: 'Hand it over from the list if it is missing in the ticket system, otherwise skip it.',
      de: 'Übergeben Sie sie aus der Liste, wenn sie im Ticketsystem fehlt, andernfalls überspringen Sie sie.',
    },
  },
  MAIL_SPOOL_FAILED: {
    kind: 'internal',
    message: {
      en: 'A message could not be written to the temporary folder of the server ({reason}).',
      de: 'Eine Nachricht konnte nicht in den temporären Ordner des Servers geschrieben werden ({reason}).',
    },
    remedy: {
      en: 'Nothing was lost. Check free space and rights of the temporary folder; the next fetch goes on.',
      de: 'Es ging nichts verloren. Prüfen Sie freien Platz und Rechte des temporären Ordners; das nächste Abholen macht weiter.',
    },
  },
  MAIL_RAW_GIVEN: {
    kind: 'internal',
    message: {
      en: 'The raw message is given once, and only while it is handed over.',
      de: 'Die Rohfassung der Nachricht wird einmal herausgegeben, und nur während der Übergabe.',
    },
    remedy: {
      en: 'Read it within the hand-over and keep what is needed.',
      de: 'Lesen Sie sie während der Übergabe und behalten Sie, was gebraucht wird.',
    },
  },
  MAIL_CURSOR_NOT_MOVED: {
    kind: 'conflict',
    message: {
      en: 'The account {account} does not wait for a decision about its mailbox.',
      de: 'Das Konto {account} wartet nicht auf eine Entscheidung zu seinem Postfach.',
    },
    remedy: {
      en: 'Reload the list of the accounts; somebody may have decided meanwhile.',
      de: 'Laden Sie die Liste der Konten neu; vielleicht hat inzwischen jemand entschieden.',
    },
  },
  MAIL_MESSAGE_DECIDED: {
    kind: 'conflict',
    message: {
      en: 'The message does not wait for a decision.',
      de: 'Die Nachricht wartet nicht auf eine Entscheidung.',
    },
    remedy: {
      en: 'Reload the list; the message may have been taken, or somebody decided meanwhile.',
      de: 'Laden Sie die Liste neu; die Nachricht wurde vielleicht übernommen, oder jemand hat inzwischen entschieden.',
    },
  },
});
