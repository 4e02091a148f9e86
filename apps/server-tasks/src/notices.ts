import { defineNotices } from '@itsm-m365/plugin-api';

/** Notices of the core, beside those of the tasks. */
export const taskNotices = defineNotices({
  ITEM_TAKEN_OVER: {
    severity: 'warning',
    message: {
      en: 'The node that worked on this part stopped answering; the part is done again (attempt {attempt}).',
      de: 'Der Knoten, der diesen Teil bearbeitete, antwortet nicht mehr; der Teil wird erneut bearbeitet (Versuch {attempt}).',
    },
    remedy: {
      en: 'Look at the log of node "{node}" if this happens often.',
      de: 'Bei häufigem Auftreten das Protokoll des Knotens „{node}“ ansehen.',
    },
  },
  ITEM_INTERRUPTED: {
    severity: 'error',
    message: {
      en: 'This part was interrupted {attempts} times and is given up.',
      de: 'Dieser Teil wurde {attempts}-mal unterbrochen und wird aufgegeben.',
    },
    remedy: {
      en: 'Look in the log of the server for why the process ended, mend it, and start the task again.',
      de: 'Im Server-Protokoll nachsehen, warum der Prozess endete, die Ursache beheben und die Aufgabe neu starten.',
    },
  },
  RUN_INTERRUPTED: {
    severity: 'error',
    message: {
      en: 'The run was interrupted, and the task "{task}" no longer exists.',
      de: 'Der Lauf wurde unterbrochen, und die Aufgabe „{task}“ gibt es nicht mehr.',
    },
    remedy: {
      en: 'Nothing needs to be done where its plugin was removed; otherwise see the list of plugins for the reason it did not start.',
      de: 'Wurde das Plugin entfernt, ist nichts zu tun; sonst steht in der Plugin-Liste, warum es nicht gestartet ist.',
    },
  },
  RUN_TIMED_OUT: {
    severity: 'error',
    message: {
      en: 'The run took longer than {minutes} minutes and was stopped.',
      de: 'Der Lauf dauerte länger als {minutes} Minuten und wurde angehalten.',
    },
    remedy: {
      en: 'Look in the run log for what was slow, or raise the time limit of the task.',
      de: 'Im Protokoll des Laufs nach der Ursache sehen oder das Zeitlimit der Aufgabe erhöhen.',
    },
  },
  RUN_STOPPED_BY_SHUTDOWN: {
    severity: 'warning',
    message: {
      en: 'The server was shut down during the run; what was not finished was cancelled.',
      de: 'Der Server wurde während des Laufs beendet; was nicht fertig war, wurde abgebrochen.',
    },
    remedy: {
      en: 'Start the task again, or wait for its next start.',
      de: 'Die Aufgabe erneut starten oder ihren nächsten Start abwarten.',
    },
  },
  TASK_DID_NOT_STOP: {
    severity: 'error',
    message: {
      en: 'The task did not stop within {seconds} seconds and was abandoned; it can publish nothing any more.',
      de: 'Die Aufgabe hielt nicht binnen {seconds} Sekunden an und wurde aufgegeben; sie kann nichts mehr veröffentlichen.',
    },
    remedy: {
      en: 'Restart the server when it suits, and report the task.',
      de: 'Den Server bei Gelegenheit neu starten und die Aufgabe melden.',
    },
  },
  NOTICES_LEFT_OUT: {
    severity: 'warning',
    message: {
      en: 'More than {limit} notices were reported; the rest is left out.',
      de: 'Es wurden mehr als {limit} Hinweise gemeldet; die übrigen sind weggelassen.',
    },
    remedy: {
      en: 'Mend what the notices shown have in common, and start the task again.',
      de: 'Die gemeinsame Ursache der gezeigten Hinweise beheben und die Aufgabe erneut starten.',
    },
  },
  RESTORED_MODE: {
    severity: 'warning',
    message: {
      en: 'The database was restored: nothing is sent or fetched until somebody releases it. Imports go on and list everything.',
      de: 'Die Datenbank wurde wiederhergestellt: Bis zur Freigabe wird nichts gesendet und nichts abgeholt. Importe laufen weiter und lesen alles.',
    },
    remedy: {
      en: 'Look at the cursors (GET /restored), compare them with the other systems, and release them (POST /restored/release).',
      de: 'Die Lesestände ansehen (GET /restored), mit den anderen Systemen vergleichen und freigeben (POST /restored/release).',
    },
  },
  RUN_ENDED_BY_RESTORE: {
    severity: 'warning',
    message: {
      en: 'The run was under way when the backup was made; after the restore it was cancelled.',
      de: 'Der Lauf war im Gange, als die Sicherung entstand; nach der Wiederherstellung wurde er abgebrochen.',
    },
    remedy: {
      en: 'Start the task again, or wait for its next start.',
      de: 'Die Aufgabe erneut starten oder ihren nächsten Start abwarten.',
    },
  },
  STEP_HELD_AFTER_RESTORE: {
    severity: 'warning',
    message: {
      en: 'The step "{task}" was left out: the database was restored, and the task is held until it is released.',
      de: 'Der Schritt „{task}“ wurde ausgelassen: Die Datenbank wurde wiederhergestellt, und die Aufgabe ist bis zur Freigabe angehalten.',
    },
    remedy: {
      en: 'Look at the cursors of the restored mode, release them, and start the task again.',
      de: 'Die Lesestände des Wiederherstellungsmodus ansehen, freigeben und die Aufgabe erneut starten.',
    },
  },
  STEP_FAILED: {
    severity: 'error',
    message: {
      en: 'The step "{task}" ended as {state}; the next step was done nevertheless.',
      de: 'Der Schritt „{task}“ endete mit {state}; der nächste Schritt wurde dennoch ausgeführt.',
    },
    remedy: {
      en: 'Open the run {run} of this step for its notices.',
      de: 'Den Lauf {run} dieses Schritts öffnen und seine Hinweise lesen.',
    },
  },
});
