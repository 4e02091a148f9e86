import type { ErrorDefinition } from '@itsm-m365/plugin-api';

/**
 * What can go wrong between us and Graph. The German message of a sentence that the seeds give in English (GERR-02 to -06)
 * stays that sentence, so that it can be searched for; the remedy is translated.
 */
export const graphDefinitions = {
  GRAPH_UNREACHABLE: {
    kind: 'network',
    message: { en: 'Could not connect to GraphAPI server.', de: 'Could not connect to GraphAPI server.' },
    remedy: {
      en: 'Let this server reach {hosts} on port 443 (HTTPS): check DNS, firewall, proxy and TLS inspection. Cause: {cause} at {host}.',
      de: 'Geben Sie für diesen Server die Adressen {hosts} auf Port 443 (HTTPS) frei; prüfen Sie DNS, Firewall, Proxy und TLS-Prüfung. Ursache: {cause} bei {host}.',
    },
  },
  GRAPH_REPLY_UNREADABLE: {
    kind: 'network',
    message: {
      en: 'GraphAPI webcall returned success but information could not be deserialized.',
      de: 'GraphAPI webcall returned success but information could not be deserialized.',
    },
    remedy: {
      en: 'Something other than Microsoft may answer for {host}, for instance from a cache ({cause}). Check the proxy settings and that this server resolves the address; else contact support with {requestId}.',
      de: 'Möglicherweise antwortet für {host} nicht Microsoft, sondern etwa ein Zwischenspeicher ({cause}). Prüfen Sie die Proxyeinstellungen und ob dieser Server die Adresse auflösen kann; wenden Sie sich sonst mit {requestId} an den Support.',
    },
  },
  GRAPH_ERROR_UNREADABLE: {
    kind: 'network',
    message: {
      en: 'GraphAPI webcall returned failure but error information could not be deserialized.',
      de: 'GraphAPI webcall returned failure but error information could not be deserialized.',
    },
    remedy: {
      en: 'Check firewall and proxy, or something else in the network that intercepts or blocks calls to {host} (HTTP status {status}, {cause}); else contact support with {requestId}.',
      de: 'Prüfen Sie Firewall und Proxy oder ob etwas anderes im Netz die Aufrufe an {host} abfängt oder sperrt (HTTP-Status {status}, {cause}); wenden Sie sich sonst mit {requestId} an den Support.',
    },
  },
  GRAPH_REDIRECTED: {
    kind: 'network',
    message: {
      en: '{host} answered with a redirection (HTTP status {status}); redirections are never followed.',
      de: '{host} antwortete mit einer Weiterleitung (HTTP-Status {status}); Weiterleitungen wird nie gefolgt.',
    },
    remedy: {
      en: 'Check the proxy: a sign-in page or a gateway answers in place of Microsoft. Let {hosts} through without inspection.',
      de: 'Prüfen Sie den Proxy: Eine Anmeldeseite oder ein Gateway antwortet anstelle von Microsoft. Lassen Sie {hosts} ungeprüft durch.',
    },
  },
  GRAPH_REPLY_TOO_LARGE: {
    kind: 'remote',
    message: {
      en: 'The answer of {host} exceeds the bound of {bound}.',
      de: 'Die Antwort von {host} überschreitet die Grenze von {bound}.',
    },
    remedy: {
      en: 'Check that no proxy answers in place of Microsoft; report the request id {requestId} to support.',
      de: 'Prüfen Sie, ob ein Proxy anstelle von Microsoft antwortet; melden Sie dem Support die Anfragekennung {requestId}.',
    },
  },
  GRAPH_REFUSED: {
    kind: 'remote',
    message: { en: '{graphCode}: {graphMessage}', de: '{graphCode}: {graphMessage}' },
    remedy: {
      en: 'The text is Microsoft’s. Look the code up in the Microsoft Graph documentation; report the request id {requestId} to support where it stays.',
      de: 'Der Text stammt von Microsoft. Schlagen Sie den Code in der Dokumentation von Microsoft Graph nach; bleibt der Fehler, melden Sie dem Support die Anfragekennung {requestId}.',
    },
  },
  GRAPH_UNAVAILABLE: {
    kind: 'remote',
    message: { en: '{graphCode}: {graphMessage}', de: '{graphCode}: {graphMessage}' },
    remedy: {
      en: 'Microsoft Graph failed {attempts} times (HTTP status {status}). Check the service health in the Microsoft 365 admin centre; the next run tries again. Request id: {requestId}.',
      de: 'Microsoft Graph ist {attempts}-mal gescheitert (HTTP-Status {status}). Prüfen Sie den Dienststatus im Microsoft 365 Admin Center; der nächste Lauf versucht es erneut. Anfragekennung: {requestId}.',
    },
  },
  GRAPH_THROTTLED: {
    kind: 'remote',
    message: {
      en: 'Microsoft Graph asks to wait longer than the {limit} seconds allowed in all: {graphCode}: {graphMessage}',
      de: 'Microsoft Graph verlangt, länger als die insgesamt erlaubten {limit} Sekunden zu warten: {graphCode}: {graphMessage}',
    },
    remedy: {
      en: 'Nothing was lost; the next run tries again. Where it happens often, use an application registration for this product only, as the limit is shared by all that use the same one.',
      de: 'Es ging nichts verloren; der nächste Lauf versucht es erneut. Tritt es oft auf, verwenden Sie eine eigene Anwendungsregistrierung für dieses Produkt, denn die Grenze gilt für alle Nutzer derselben Registrierung gemeinsam.',
    },
  },
  GRAPH_PERMISSION_MISSING: {
    kind: 'credentials',
    message: {
      en: 'The permission {permission} is missing. {graphCode}: {graphMessage}',
      de: 'Die Berechtigung {permission} fehlt. {graphCode}: {graphMessage}',
    },
    remedy: {
      en: 'Add the Microsoft Graph permission {permission} (type: Application, not delegated) to the application in Entra and choose "Grant admin consent". A new consent takes a few minutes to work.',
      de: 'Fügen Sie der Anwendung in Entra die Microsoft-Graph-Berechtigung {permission} (Typ: Anwendung, nicht delegiert) hinzu und wählen Sie „Administratorzustimmung erteilen“. Eine neue Zustimmung wirkt erst nach einigen Minuten.',
    },
  },
  GRAPH_TOKEN_REFUSED: {
    kind: 'credentials',
    message: {
      en: 'Microsoft Graph refused a fresh access token. {graphCode}: {graphMessage}',
      de: 'Microsoft Graph hat ein frisches Zugriffstoken abgelehnt. {graphCode}: {graphMessage}',
    },
    remedy: {
      en: 'Check that the cloud entered is the tenant’s cloud, and that this server’s clock is right.',
      de: 'Prüfen Sie, ob die eingetragene Cloud die des Mandanten ist und ob die Uhr dieses Servers richtig geht.',
    },
  },
  GRAPH_FOREIGN_LINK: {
    kind: 'remote',
    message: {
      en: 'A link in the answer leads to {linkHost} instead of {host}; it was not followed and no token was sent.',
      de: 'Ein Verweis in der Antwort führt zu {linkHost} statt zu {host}; ihm wurde nicht gefolgt, und es wurde kein Token gesendet.',
    },
    remedy: {
      en: 'Check for a proxy that rewrites answers; else report the request id {requestId} to support.',
      de: 'Prüfen Sie, ob ein Proxy Antworten umschreibt; melden Sie sonst dem Support die Anfragekennung {requestId}.',
    },
  },
  GRAPH_PAGE_LOOP: {
    kind: 'remote',
    message: {
      en: 'Microsoft Graph returned a next-page link that was followed before (page {page}); the listing was stopped.',
      de: 'Microsoft Graph lieferte einen Verweis auf die nächste Seite, dem schon gefolgt wurde (Seite {page}); die Auflistung wurde abgebrochen.',
    },
    remedy: {
      en: 'Start the run again. Where it stays, report the request id {requestId} to support.',
      de: 'Starten Sie den Lauf erneut. Bleibt der Fehler, melden Sie dem Support die Anfragekennung {requestId}.',
    },
  },
  GRAPH_PAGE_TOKEN_EXPIRED: {
    kind: 'remote',
    message: { en: '{graphCode}: {graphMessage}', de: '{graphCode}: {graphMessage}' },
    remedy: {
      en: 'Microsoft forgot the place in a listing; the import begins the listing again by itself.',
      de: 'Microsoft hat die Stelle in einer Auflistung vergessen; der Import beginnt die Auflistung von selbst von vorn.',
    },
  },
  GRAPH_DELTA_EXPIRED: {
    kind: 'remote',
    message: { en: '{graphCode}: {graphMessage}', de: '{graphCode}: {graphMessage}' },
    remedy: {
      en: 'Microsoft keeps changes for seven days only; the import reads everything again by itself.',
      de: 'Microsoft hält Änderungen nur sieben Tage vor; der Import liest von selbst alles neu ein.',
    },
  },
  GRAPH_BATCH_INVALID: {
    kind: 'internal',
    message: {
      en: 'A batch may hold 1 to 20 requests with distinct ids and relative addresses: {reason}.',
      de: 'Ein Stapel darf 1 bis 20 Anfragen mit verschiedenen Kennungen und relativen Adressen enthalten: {reason}.',
    },
    remedy: {
      en: 'This is a defect of the product; report it to support.',
      de: 'Dies ist ein Fehler des Produkts; melden Sie ihn dem Support.',
    },
  },
} as const satisfies Record<string, ErrorDefinition>;
