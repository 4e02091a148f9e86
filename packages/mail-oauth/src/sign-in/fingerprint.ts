import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Where unguessable values come from; the machine's cryptographic source unless a test gives another. */
export type RandomBytes = (count: number) => Uint8Array;

/** 256 bits that nobody guesses, 43 letters (RFC 7636, 4.1 takes them as a verifier too). */
export const unguessable = (bytes: RandomBytes = randomBytes): string => Buffer.from(bytes(32)).toString('base64url');

/** SHA-256 as 64 hexadecimal digits: what is kept of a value that only its holder may know. */
export const fingerprint = (value: string): string => createHash('sha256').update(value).digest('hex');

/** Whether a value has the fingerprint; the time it takes tells nothing. */
export const hasFingerprint = (value: string, expected: string): boolean => {
  const [given, kept] = [Buffer.from(fingerprint(value)), Buffer.from(expected)];
  return given.length === kept.length && timingSafeEqual(given, kept);
};

/** The challenge of a PKCE verifier, method S256 (RFC 7636, 4.2). */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
