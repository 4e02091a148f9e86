import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, read } from 'node:fs';
import { type FileHandle, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { receiveErrors } from './errors.ts';

/** A message on disk, while it is dealt with. */
export interface Spooled {
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the whole message, in hexadecimal. */
  readonly content: string;
  /** The message from its beginning. Independent of every other stream. */
  stream(): Readable;
  close(): Promise<void>;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const failed = (error: unknown) => receiveErrors.MAIL_SPOOL_FAILED({ reason: codeOf(error) }, { cause: error });

/**
 * The name goes as soon as the file is open, so that a killed process leaves no message behind. It is the machine's chance
 * and not the one lent to us: two processes must never meet in it. `wx`: nobody's file or link is opened in its place.
 */
const openNameless = async (): Promise<{ readonly file: FileHandle; readonly close: () => Promise<void> }> => {
  const path = join(tmpdir(), `itsm-m365-mail-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  const gone = await unlink(path).then(
    () => true,
    () => false,
  );
  const close = async (): Promise<void> => {
    await file.close();
    // Where an open file cannot be removed, it goes when it is closed.
    if (!gone) await rm(path, { force: true });
  };
  return { file, close };
};

const writeAll = async (file: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written);
    written += bytesWritten;
  }
};

/**
 * Reads a message from its stream into a temporary file, and computes its hash on the way. A file and not memory: messages
 * have up to 150 MB, many accounts are fetched at once, the parser's thread reads it by its descriptor without a copy, and
 * the handler gets it a second time. `'large'`: it has more than `most` bytes, and the stream was destroyed there.
 * Rejects with the stream's own error; throws `MAIL_SPOOL_FAILED` where the disk is to blame, never the message.
 */
export const spool = async (source: Readable, most: number, signal: AbortSignal): Promise<Spooled | 'large'> => {
  // A connection may break while the file is being opened, when nobody reads yet; the loop below is told all the same.
  source.on('error', () => undefined);
  const { file, close } = await openNameless().catch((error: unknown) => {
    source.destroy();
    throw failed(error);
  });
  const onAbort = () => source.destroy(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const hash = createHash('sha256');
  let size = 0;
  try {
    signal.throwIfAborted();
    for await (const chunk of source) {
      const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (size + bytes.length > most) {
        await close();
        return 'large';
      }
      hash.update(bytes);
      await writeAll(file, bytes, size).catch((error: unknown) => {
        throw failed(error);
      });
      size += bytes.length;
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    source.destroy();
  }
  const content = hash.digest('hex');
  // The descriptor outlives the stream.
  const fs = { read, close: (_: number, done: () => void) => done() };
  const stream = () => createReadStream('', { fd: file.fd, fs, start: 0, end: Math.max(0, size - 1) });
  return { fd: file.fd, size, content, stream, close };
};
