import type { ErrorDefinition } from '@itsm-m365/plugin-api';

/** AUTH-06. The seed prints en dashes before `nokeys` and `nodes`; as printed, the commands fail. */
export const pfxCommands = [
  'openssl pkcs12 -in path.p12 -out newfile.crt -clcerts -nokeys',
  'openssl pkcs12 -in path.p12 -out newfile.pem -nocerts -nodes',
] as const;

const pairRemedy = {
  en: 'Create a new certificate pair, upload the certificate to Entra and enter both parts here.',
  de: 'Erstellen Sie ein neues Zertifikatspaar, laden Sie das Zertifikat in Entra hoch und tragen Sie hier beide Teile ein.',
} as const;

const pfxRemedy = {
  en: `Split the file with OpenSSL. Certificate: ${pfxCommands[0]} Private key: ${pfxCommands[1]}`,
  de: `Zerlegen Sie die Datei mit OpenSSL. Zertifikat: ${pfxCommands[0]} Privater Schlüssel: ${pfxCommands[1]}`,
} as const;

/** Certificates: what a file or a pair can be refused for, before any network. */
export const certificateDefinitions = {
  CERTIFICATE_THUMBPRINT_UNREADABLE: {
    kind: 'credentials',
    message: {
      en: 'Thumbprint from public key could not be read.',
      de: 'Thumbprint from public key could not be read.',
    },
    remedy: {
      en: 'Enter the certificate again: a file that ends in .cer, .pem or .crt and holds the public part.',
      de: 'Tragen Sie das Zertifikat erneut ein: eine Datei mit der Endung .cer, .pem oder .crt, die den öffentlichen Teil enthält.',
    },
  },
  TOKEN_SIGNING_FAILED: {
    kind: 'credentials',
    message: {
      en: 'JSON Web Token generation for authentication with GraphAPI failed.',
      de: 'JSON Web Token generation for authentication with GraphAPI failed.',
    },
    remedy: {
      en: 'Enter certificate and private key again, or create a new pair; the certificate may have expired.',
      de: 'Tragen Sie Zertifikat und privaten Schlüssel erneut ein oder erstellen Sie ein neues Paar; das Zertifikat kann abgelaufen sein.',
    },
  },
  CERTIFICATE_IS_PFX: {
    kind: 'credentials',
    message: {
      en: 'PKCS#12 files (PFX, P12) are not accepted, because certificate and private key are combined in one file.',
      de: 'PKCS#12-Dateien (PFX, P12) werden nicht angenommen, weil Zertifikat und privater Schlüssel in einer Datei zusammengefasst sind.',
    },
    remedy: pfxRemedy,
  },
  CERTIFICATE_FILE_TYPE: {
    kind: 'credentials',
    message: {
      en: 'A certificate file must end in .cer, .pem or .crt.',
      de: 'Eine Zertifikatsdatei muss auf .cer, .pem oder .crt enden.',
    },
    remedy: {
      en: 'Export the certificate without its private key as X.509, and choose that file: Entra accepts no other endings either.',
      de: 'Exportieren Sie das Zertifikat ohne privaten Schlüssel als X.509 und wählen Sie diese Datei: Auch Entra nimmt keine anderen Endungen an.',
    },
  },
  CERTIFICATE_TOO_LARGE: {
    kind: 'credentials',
    message: {
      en: 'The file has more than {bytes} bytes and is no certificate.',
      de: 'Die Datei hat mehr als {bytes} Bytes und ist kein Zertifikat.',
    },
    remedy: { en: 'Choose the certificate file.', de: 'Wählen Sie die Zertifikatsdatei aus.' },
  },
  CERTIFICATE_CONTAINS_KEY: {
    kind: 'credentials',
    message: {
      en: 'The certificate file also holds a private key, which must not be stored with the public part.',
      de: 'Die Zertifikatsdatei enthält auch einen privaten Schlüssel, der nicht beim öffentlichen Teil gespeichert werden darf.',
    },
    remedy: {
      en: 'Enter the certificate without the key here, and the key in its own field.',
      de: 'Tragen Sie hier das Zertifikat ohne Schlüssel ein und den Schlüssel in seinem eigenen Feld.',
    },
  },
  CERTIFICATE_KEY_TYPE: {
    kind: 'credentials',
    message: {
      en: 'The key is of type {keyType}; Entra and its sign-in library need RSA.',
      de: 'Der Schlüssel ist vom Typ {keyType}; Entra und seine Anmeldebibliothek benötigen RSA.',
    },
    remedy: pairRemedy,
  },
  CERTIFICATE_KEY_SHORT: {
    kind: 'credentials',
    message: {
      en: 'The RSA key has {bits} bits; at least 2048 are needed.',
      de: 'Der RSA-Schlüssel hat {bits} Bit; nötig sind mindestens 2048.',
    },
    remedy: pairRemedy,
  },
  CERTIFICATE_EXPIRED: {
    kind: 'credentials',
    message: {
      en: 'The certificate expired on {validUntil}; Microsoft was not asked.',
      de: 'Das Zertifikat ist am {validUntil} abgelaufen; Microsoft wurde nicht gefragt.',
    },
    remedy: pairRemedy,
  },
  CERTIFICATE_NOT_YET_VALID: {
    kind: 'credentials',
    message: {
      en: 'The certificate is valid only from {validFrom}.',
      de: 'Das Zertifikat gilt erst ab {validFrom}.',
    },
    remedy: {
      en: 'Wait until then, check this server’s clock, or enter a certificate that is valid now.',
      de: 'Warten Sie bis dahin, prüfen Sie die Uhr dieses Servers oder tragen Sie ein jetzt gültiges Zertifikat ein.',
    },
  },
} as const satisfies Record<string, ErrorDefinition>;

/** Private keys, secrets, assertions and PFX files. */
export const secretDefinitions = {
  PRIVATE_KEY_UNREADABLE: {
    kind: 'credentials',
    message: { en: 'The private key could not be read.', de: 'Der private Schlüssel konnte nicht gelesen werden.' },
    remedy: {
      en: 'Enter an RSA private key as PEM or DER (PKCS#1 or PKCS#8), with its passphrase where it has one.',
      de: 'Tragen Sie einen privaten RSA-Schlüssel als PEM oder DER (PKCS#1 oder PKCS#8) ein, gegebenenfalls mit seiner Passphrase.',
    },
  },
  PRIVATE_KEY_PASSPHRASE_MISSING: {
    kind: 'credentials',
    message: {
      en: 'The private key is encrypted and no passphrase was entered.',
      de: 'Der private Schlüssel ist verschlüsselt, und es wurde keine Passphrase eingetragen.',
    },
    remedy: { en: 'Enter the key’s passphrase.', de: 'Tragen Sie die Passphrase des Schlüssels ein.' },
  },
  PRIVATE_KEY_PASSPHRASE_WRONG: {
    kind: 'credentials',
    message: {
      en: 'The passphrase does not open the private key.',
      de: 'Die Passphrase öffnet den privaten Schlüssel nicht.',
    },
    remedy: { en: 'Enter the key’s passphrase again.', de: 'Tragen Sie die Passphrase des Schlüssels erneut ein.' },
  },
  PRIVATE_KEY_NOT_MATCHING: {
    kind: 'credentials',
    message: {
      en: 'Private key and certificate are not a pair.',
      de: 'Privater Schlüssel und Zertifikat sind kein Paar.',
    },
    remedy: {
      en: 'Enter the key that the certificate {thumbprint} was made with.',
      de: 'Tragen Sie den Schlüssel ein, mit dem das Zertifikat {thumbprint} erstellt wurde.',
    },
  },
  SECRET_EXPIRED: {
    kind: 'credentials',
    message: {
      en: 'The client secret expired on {validUntil}; Microsoft was not asked.',
      de: 'Der geheime Clientschlüssel ist am {validUntil} abgelaufen; Microsoft wurde nicht gefragt.',
    },
    remedy: {
      en: 'Create a new client secret in Entra (Certificates & secrets) and store its value and validity here.',
      de: 'Erstellen Sie in Entra (Zertifikate & Geheimnisse) einen neuen geheimen Clientschlüssel und speichern Sie hier dessen Wert und Gültigkeit.',
    },
  },
  SECRET_VALUE_IS_ID: {
    kind: 'credentials',
    message: {
      en: 'The value entered is the secret ID, not the secret’s value.',
      de: 'Eingetragen wurde die Geheimnis-ID, nicht der Wert des Geheimnisses.',
    },
    remedy: {
      en: 'Copy the column "Value" in Entra. It is shown only once: create a new secret where it is gone.',
      de: 'Kopieren Sie in Entra die Spalte „Wert“. Sie wird nur einmal angezeigt: Erstellen Sie ein neues Geheimnis, wenn sie nicht mehr sichtbar ist.',
    },
  },
  CREDENTIAL_MISSING: {
    kind: 'credentials',
    message: { en: 'The field {field} is empty.', de: 'Das Feld {field} ist leer.' },
    remedy: { en: 'Enter it.', de: 'Füllen Sie es aus.' },
  },
  TENANT_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The directory (tenant) ID is neither a GUID nor a domain name.',
      de: 'Die Verzeichnis-ID (Mandant) ist weder eine GUID noch ein Domänenname.',
    },
    remedy: {
      en: 'Copy the directory (tenant) ID from the application’s overview in Entra.',
      de: 'Kopieren Sie die Verzeichnis-ID (Mandant) aus der Übersicht der Anwendung in Entra.',
    },
  },
  CLIENT_INVALID: {
    kind: 'configuration',
    message: { en: 'The application (client) ID is no GUID.', de: 'Die Anwendungs-ID (Client) ist keine GUID.' },
    remedy: {
      en: 'Copy the application (client) ID from the application’s overview in Entra; its name does not work.',
      de: 'Kopieren Sie die Anwendungs-ID (Client) aus der Übersicht der Anwendung in Entra; ihr Name genügt nicht.',
    },
  },
  ASSERTION_UNREADABLE: {
    kind: 'configuration',
    message: {
      en: 'The federated assertion could not be read: {reason}.',
      de: 'Die föderierte Assertion konnte nicht gelesen werden: {reason}.',
    },
    remedy: {
      en: 'Check that the source of the assertion exists, may be read by this server and holds one JSON Web Token.',
      de: 'Prüfen Sie, ob die Quelle der Assertion vorhanden ist, von diesem Server gelesen werden darf und genau ein JSON Web Token enthält.',
    },
  },
  PFX_UNREADABLE: {
    kind: 'credentials',
    message: { en: 'The PKCS#12 file could not be read.', de: 'Die PKCS#12-Datei konnte nicht gelesen werden.' },
    remedy: pfxRemedy,
  },
  PFX_PASSWORD_WRONG: {
    kind: 'credentials',
    message: {
      en: 'The password does not open the PKCS#12 file.',
      de: 'Das Kennwort öffnet die PKCS#12-Datei nicht.',
    },
    remedy: {
      en: 'Enter the password that was set when the file was exported.',
      de: 'Tragen Sie das Kennwort ein, das beim Export der Datei gesetzt wurde.',
    },
  },
  PFX_TOO_EXPENSIVE: {
    kind: 'credentials',
    message: {
      en: 'Opening the file would need more work than allowed (at most {iterations} iterations).',
      de: 'Das Öffnen der Datei würde mehr Rechenarbeit erfordern als erlaubt (höchstens {iterations} Iterationen).',
    },
    remedy: pfxRemedy,
  },
  PFX_INCOMPLETE: {
    kind: 'credentials',
    message: {
      en: 'The PKCS#12 file does not hold a certificate with its RSA private key.',
      de: 'Die PKCS#12-Datei enthält kein Zertifikat mit zugehörigem privatem RSA-Schlüssel.',
    },
    remedy: {
      en: 'Export the certificate again, with its private key.',
      de: 'Exportieren Sie das Zertifikat erneut, zusammen mit seinem privaten Schlüssel.',
    },
  },
} as const satisfies Record<string, ErrorDefinition>;
