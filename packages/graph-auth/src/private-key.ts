import { createPrivateKey, type KeyObject } from 'node:crypto';
import { bytesOf } from './certificate.ts';
import { largestIteration, looksLikePfx, shapeOf } from './der.ts';
import { graphErrors } from './errors.ts';

const maxBytes = 64 * 1024;
/** Derivation runs on the main thread: 2 million rounds of PBKDF2 take about a second. */
const maxIterations = 2_000_000;

const integer = 0x02;
const octets = 0x04;
const sequence = 0x30;

interface Encoded {
  readonly key: Buffer;
  readonly format: 'pem' | 'der';
  readonly type?: 'pkcs1' | 'pkcs8';
  readonly encrypted: boolean;
  /** The DER inside, for reading its iteration count. */
  readonly der: Buffer;
}

/** Tells the format by its structure: PKCS#1 (RFC 8017, A.1.2), PKCS#8 and encrypted PKCS#8 (RFC 5958, 2 and 3). */
const encodingOf = (bytes: Buffer): Encoded | undefined => {
  const text = bytes.toString('latin1');
  const armour = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----([\s\S]+?)-----END \1-----/.exec(text);
  if (armour?.[1] !== undefined) {
    const encrypted = armour[1].startsWith('ENCRYPTED') || /Proc-Type:\s*4,\s*ENCRYPTED/.test(armour[2] ?? '');
    return {
      key: Buffer.from(armour[0], 'latin1'),
      format: 'pem',
      encrypted,
      der: Buffer.from(armour[2] ?? '', 'base64'),
    };
  }
  const [first, second, third] = shapeOf(bytes) ?? [];
  const der = { key: bytes, format: 'der', der: bytes } as const;
  if (first === integer && second === sequence) return { ...der, type: 'pkcs8', encrypted: false };
  if (first === integer && second === integer && third === integer) return { ...der, type: 'pkcs1', encrypted: false };
  if (first === sequence && second === octets) return { ...der, type: 'pkcs8', encrypted: true };
  return undefined;
};

/** The passphrase in UTF-8. Empty counts as none: forms send an empty field so. */
const open = (encoded: Encoded, passphrase: string | undefined): KeyObject => {
  const given = passphrase !== undefined && passphrase !== '';
  if (encoded.encrypted && !given) throw graphErrors.PRIVATE_KEY_PASSPHRASE_MISSING({ class: 'local' });
  if (encoded.encrypted && largestIteration(encoded.der) > maxIterations)
    throw graphErrors.PFX_TOO_EXPENSIVE({ class: 'local', iterations: maxIterations });
  try {
    return createPrivateKey({
      key: encoded.key,
      format: encoded.format,
      ...(encoded.type === undefined ? {} : { type: encoded.type }),
      ...(given ? { passphrase } : {}),
    });
  } catch {
    // The cause is left out on purpose: OpenSSL's texts differ between versions and help nobody.
    throw encoded.encrypted
      ? graphErrors.PRIVATE_KEY_PASSPHRASE_WRONG({ class: 'local' })
      : graphErrors.PRIVATE_KEY_UNREADABLE({ class: 'local' });
  }
};

export interface PrivateKey {
  readonly key: KeyObject;
  /** PKCS#8, not encrypted: what msal-node signs with. A secret. */
  readonly pem: string;
  readonly bits: number;
}

/**
 * Reads a private key: PKCS#1, PKCS#8 or encrypted PKCS#8, as PEM, DER bytes or base64. Throws
 * `PRIVATE_KEY_PASSPHRASE_MISSING`, `PRIVATE_KEY_PASSPHRASE_WRONG`, `PRIVATE_KEY_UNREADABLE`, `CERTIFICATE_IS_PFX`,
 * `CERTIFICATE_KEY_TYPE` for a key that is not RSA and `CERTIFICATE_KEY_SHORT` below 2048 bits. No error holds the key.
 */
export const readPrivateKey = (input: Buffer | string, passphrase?: string): PrivateKey => {
  const bytes = input.length > maxBytes * 2 ? Buffer.alloc(0) : bytesOf(input);
  if (looksLikePfx(bytes)) throw graphErrors.CERTIFICATE_IS_PFX({ class: 'local' });
  const encoded = bytes.length > maxBytes ? undefined : encodingOf(bytes);
  if (encoded === undefined) throw graphErrors.PRIVATE_KEY_UNREADABLE({ class: 'local' });
  const key = open(encoded, passphrase);
  if (key.asymmetricKeyType !== 'rsa')
    throw graphErrors.CERTIFICATE_KEY_TYPE({ class: 'local', keyType: key.asymmetricKeyType ?? 'unknown' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048) throw graphErrors.CERTIFICATE_KEY_SHORT({ class: 'local', bits });
  return { key, bits, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
};
