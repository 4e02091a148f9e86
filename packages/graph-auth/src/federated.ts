import { open } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { causeCode, graphErrors } from './errors.ts';
import { exchange } from './transport.ts';

const maxBytes = 32 * 1024;

const unreadable = (reason: string) => graphErrors.ASSERTION_UNREADABLE({ class: 'local', reason });

/** Only what looks like one JWT leaves this server: a mistyped path must not send another file's content to Microsoft. */
const assertionIn = (text: string): string => {
  const token = text.trim();
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw unreadable('not one JSON Web Token');
  return token;
};

/**
 * An assertion in a file that the platform rotates, such as a projected service account token. Throws
 * `ASSERTION_UNREADABLE` with the system's code, never with the content.
 */
export const assertionFromFile = (path: string) => async (): Promise<string> => {
  const buffer = Buffer.alloc(maxBytes + 1);
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > maxBytes) throw unreadable('too large');
      return assertionIn(buffer.toString('utf8', 0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof Error && error.name === 'KnownError' ? error : unreadable(causeCode(error));
  }
};

/** Reads `value`, `id_token` or `access_token` of a JSON answer, or the bare token. */
const tokenOf = (text: string): string => {
  if (!text.trimStart().startsWith('{')) return assertionIn(text);
  const body: unknown = JSON.parse(text);
  const fields = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  const token = fields.get('value') ?? fields.get('id_token') ?? fields.get('access_token');
  return assertionIn(typeof token === 'string' ? token : '');
};

/** An assertion behind an https address, through the dispatcher passed in and so under its policy. 10 seconds. */
export const assertionFromUrl =
  (address: string, http: Dispatcher) =>
  async (signal?: AbortSignal): Promise<string> => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.protocol !== 'https:' || url.username !== '') throw unreadable('not an https address');
    const path = `${url.pathname}${url.search}`;
    try {
      const reply = await exchange(http, {
        method: 'GET',
        host: url.host,
        path,
        headers: {},
        timeoutMs: 10_000,
        maxBytes,
        signal,
      });
      if (reply.status !== 200) throw unreadable(`HTTP status ${reply.status}`);
      return tokenOf(reply.text);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof Error && error.name === 'KnownError' ? error : unreadable(causeCode(error));
    }
  };
