import { createHash } from 'node:crypto';
import { createReadStream, read } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
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

/** The name goes as soon as the file is open, so that a killed process leaves no message behind. */
const openNameless = async (): Promise<{ readonly file: FileHandle; readonly folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'itsm-m365-mail-'));
  try {
    const file = await open(join(folder, 'message'), 'wx+', 0o600);
    // Where an open file cannot be removed, it goes when it is closed.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    return { file, folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
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
  const { file, folder } = await openNameless().catch((error: unknown) => {
    source.destroy();
    throw failed(error);
  });
  const close = async (): Promise<void> => {
    await file.close();
    await rm(folder, { recursive: true, force: true });
  };
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
