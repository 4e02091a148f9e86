import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost of scrypt (RFC 7914): 32 MiB and about 80 ms on one core, written into each hash so that it can be raised later. */
const cost = { N: 2 ** 15, r: 8, p: 1 };

export const minimumPasswordLength = 12;

/** Hashes a password for storage: parameters, salt and key in one text. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFC'), salt, 32, { ...cost, maxmem: 64 * 1024 * 1024 });
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');
};

/** Compares in constant time. A text that is no hash matches nothing. */
export const passwordMatches = async (password: string, stored: string): Promise<boolean> => {
  const [scheme, N, r, p, salt, key] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false;
  const wanted = Buffer.from(key, 'base64');
  const parameters = { N: Number(N), r: Number(r), p: Number(p), maxmem: 64 * 1024 * 1024 };
  const derived = await derive(password.normalize('NFC'), Buffer.from(salt, 'base64'), wanted.length, parameters);
  return timingSafeEqual(derived, wanted);
};
