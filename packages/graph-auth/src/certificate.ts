import { X509Certificate } from 'node:crypto';
import type { Instant } from '@itsm-m365/plugin-api';
import { looksLikePfx } from './der.ts';
import { graphErrors, plainCause } from './errors.ts';

/** AUTH-07: Entra's own list, which the file button offers too. */
export const certificateEndings = ['.cer', '.pem', '.crt'] as const;

/** Bytes: a chain of several certificates has about 10 kB. */
const maxBytes = 64 * 1024;

export interface Certificate {
  /** The first certificate of the file, PEM. */
  readonly pem: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** 40 hexadecimal digits, upper case, as Entra shows it in its list. */
  readonly thumbprintSha1: string;
  /** 64 hexadecimal digits, upper case, no colons: msal-node silently cuts a thumbprint with colons. */
  readonly thumbprintSha256: string;
  readonly keyType: string;
  readonly keyBits: number;
}

const armoured =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/;

/** Text of a file that may be UTF-8 with a byte order mark, as Windows writes it. */
const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\uFEFF/, '');

/** A file that a browser sends inside JSON: PEM as it is, DER as base64, also as a `data:` address. */
export const bytesOf = (input: Buffer | string): Buffer => {
  if (typeof input !== 'string') return input;
  const text = input.trim().replace(/^\uFEFF/, '');
  const encoded = text.replace(/^data:[^,]{0,200};base64,/, '').replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length > 60
    ? Buffer.from(encoded, 'base64')
    : Buffer.from(text, 'utf8');
};

const decode = (bytes: Buffer): X509Certificate => {
  const pem = armoured.exec(textOf(bytes))?.[0];
  try {
    return new X509Certificate(pem ?? bytes);
  } catch (error) {
    throw graphErrors.CERTIFICATE_THUMBPRINT_UNREADABLE({ class: 'local' }, { cause: plainCause(error) });
  }
};

/**
 * Reads the public part of a credential: PEM, or DER as bytes or base64 (AUTH-07). Throws `CERTIFICATE_IS_PFX` for a
 * combined file, told by its content and by its name (AUTH-05), `CERTIFICATE_FILE_TYPE` for another ending than Entra
 * accepts, `CERTIFICATE_TOO_LARGE`, `CERTIFICATE_CONTAINS_KEY` where the file would leak the private part into a field
 * that is no secret, and `CERTIFICATE_THUMBPRINT_UNREADABLE` (GERR-05) for everything else. Does not look at dates.
 */
export const readCertificate = (input: Buffer | string, fileName?: string): Certificate => {
  if (input.length > maxBytes * 2) throw graphErrors.CERTIFICATE_TOO_LARGE({ class: 'local', bytes: maxBytes });
  const bytes = bytesOf(input);
  const ending = fileName === undefined ? undefined : (/\.[^./\\]*$/.exec(fileName.trim())?.[0].toLowerCase() ?? '');
  if (ending === '.pfx' || ending === '.p12' || looksLikePfx(bytes))
    throw graphErrors.CERTIFICATE_IS_PFX({ class: 'local' });
  if (ending !== undefined && !certificateEndings.some((allowed) => allowed === ending))
    throw graphErrors.CERTIFICATE_FILE_TYPE({ class: 'local' });
  if (bytes.length > maxBytes) throw graphErrors.CERTIFICATE_TOO_LARGE({ class: 'local', bytes: maxBytes });
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(textOf(bytes)))
    throw graphErrors.CERTIFICATE_CONTAINS_KEY({ class: 'local' });
  const x509 = decode(bytes);
  try {
    const key = x509.publicKey;
    return {
      pem: x509.toString(),
      subject: x509.subject,
      issuer: x509.issuer,
      serialNumber: x509.serialNumber,
      validFrom: Date.parse(x509.validFrom),
      validUntil: Date.parse(x509.validTo),
      thumbprintSha1: x509.fingerprint.replaceAll(':', '').toUpperCase(),
      thumbprintSha256: x509.fingerprint256.replaceAll(':', '').toUpperCase(),
      keyType: key.asymmetricKeyType ?? 'unknown',
      keyBits: key.asymmetricKeyDetails?.modulusLength ?? 0,
    };
  } catch (error) {
    throw graphErrors.CERTIFICATE_THUMBPRINT_UNREADABLE({ class: 'local' }, { cause: plainCause(error) });
  }
};
