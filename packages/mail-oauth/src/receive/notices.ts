import { defineNotices } from '@itsm-m365/plugin-api';

/** What an administrator should read about a fetch that did not fail. */
export const receiveNotices = defineNotices({
  MAIL_MAILBOX_MOVED: {
    severity: 'warning',
    message: {
      en: 'Nothing was fetched for {account}: the mailbox was moved or replaced. It is not the one that was read before ({found}).',
      de: 'Für {account} wurde nichts abgeholt: Das Postfach wurde umgezogen oder ersetzt. Es ist nicht das bisher gelesene ({found}).',
    },
    remedy: {
      en: 'Choose in the list of accounts: "from now" leaves everything that is in it already, "fetch all" reads everything and lists what was probably taken before instead of handing it over twice.',
      de: 'Wählen Sie in der Kontenliste: „ab jetzt“ lässt alles Vorhandene liegen, „alles abholen“ liest alles und führt vermutlich schon Übernommenes auf, statt es doppelt zu übergeben.',
    },
  },
  MAIL_FETCHED_FROM_NOW: {
    severity: 'info',
    message: {
      en: '{account} is read from now on, as was decided; what lay in the mailbox before stays untouched.',
      de: '{account} wird wie entschieden ab jetzt gelesen; was vorher im Postfach lag, bleibt unberührt.',
    },
  },
  MAIL_LISTED_AGAIN: {
    severity: 'info',
    message: {
      en: 'The server no longer knows how far {account} was read; everything is listed again, and what is known is left out.',
      de: 'Der Server weiß nicht mehr, wie weit {account} gelesen wurde; alles wird erneut aufgelistet und Bekanntes ausgelassen.',
    },
  },
  MAIL_SUSPECTS_LISTED: {
    severity: 'warning',
    message: {
      en: '{count} messages of {account} were probably taken before. They were not handed over.',
      de: '{count} Nachrichten von {account} wurden vermutlich schon übernommen. Sie wurden nicht übergeben.',
    },
    remedy: {
      en: 'Open the list of messages of the account; hand over what is missing in the ticket system, skip the rest.',
      de: 'Öffnen Sie die Nachrichtenliste des Kontos; übergeben Sie, was im Ticketsystem fehlt, und überspringen Sie den Rest.',
    },
  },
  MAIL_TOO_LARGE_LISTED: {
    severity: 'warning',
    message: {
      en: '{count} messages of {account} are larger than {megabytes} MB and stay in the mailbox.',
      de: '{count} Nachrichten von {account} sind größer als {megabytes} MB und bleiben im Postfach.',
    },
    remedy: {
      en: 'Open them in the mailbox, or raise the largest size in the account and hand them over from the list.',
      de: 'Öffnen Sie sie im Postfach, oder erhöhen Sie die Höchstgröße im Konto und übergeben Sie sie aus der Liste.',
    },
  },
  MAIL_UNREADABLE_LISTED: {
    severity: 'warning',
    message: {
      en: '{count} messages of {account} cannot be taken apart and stay in the mailbox.',
      de: '{count} Nachrichten von {account} lassen sich nicht zerlegen und bleiben im Postfach.',
    },
    remedy: {
      en: 'Open them in the mailbox. They are in the list of messages of the account.',
      de: 'Öffnen Sie sie im Postfach. Sie stehen in der Nachrichtenliste des Kontos.',
    },
  },
  MAIL_NOT_GIVEN_OUT: {
    severity: 'warning',
    message: {
      en: 'The mail server did not give out {count} messages of {account} that it lists. The others were fetched.',
      de: 'Der Mailserver hat {count} Nachrichten von {account} nicht herausgegeben, die er aufführt. Die übrigen wurden abgeholt.',
    },
    remedy: {
      en: 'Nothing has to be done at once: they are tried again, and set aside if that goes on. Open them in the mailbox.',
      de: 'Es muss nicht sofort etwas geschehen: Sie werden erneut versucht und beiseitegelegt, wenn das anhält. Öffnen Sie sie im Postfach.',
    },
  },
  MAIL_SET_ASIDE: {
    severity: 'error',
    message: {
      en: '{count} messages of {account} were set aside: the ticket system did not take them, the mail server did not give them out, or they are gone.',
      de: '{count} Nachrichten von {account} wurden beiseitegelegt: Das Ticketsystem hat sie nicht angenommen, der Mailserver hat sie nicht herausgegeben, oder sie sind verschwunden.',
    },
    remedy: {
      en: 'They stay in the mailbox and are listed with the reason. Hand them over again or skip them there.',
      de: 'Sie bleiben im Postfach und sind mit dem Grund aufgeführt. Übergeben oder überspringen Sie sie dort.',
    },
  },
  MAIL_NOTHING_TAKEN: {
    severity: 'error',
    message: {
      en: 'The ticket system refused {count} messages of {account} in a row and took none; the fetch stopped there.',
      de: 'Das Ticketsystem hat {count} Nachrichten von {account} hintereinander abgelehnt und keine angenommen; das Abholen hielt dort an.',
    },
    remedy: {
      en: 'Check the ticket system. Nothing is lost or set aside because of this; the next fetch tries again.',
      de: 'Prüfen Sie das Ticketsystem. Deswegen geht nichts verloren und wird nichts beiseitegelegt; das nächste Abholen versucht es erneut.',
    },
  },
  MAIL_NOT_ACKNOWLEDGED: {
    severity: 'warning',
    message: {
      en: 'Messages of {account} were taken, but the mail server did not let them be marked, moved or deleted.',
      de: 'Nachrichten von {account} wurden übernommen, ließen sich auf dem Mailserver aber nicht markieren, verschieben oder löschen.',
    },
    remedy: {
      en: 'They are not taken twice. Check that the folder to move to exists and that the account may write; the next fetch tries again.',
      de: 'Sie werden nicht doppelt übernommen. Prüfen Sie, ob der Zielordner existiert und das Konto schreiben darf; das nächste Abholen versucht es erneut.',
    },
  },
});
