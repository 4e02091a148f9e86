import type { LineConnection } from '../wire/line-connection.ts';

/** 150 MB. Exchange page: Exchange Online limits, message size. */
export const sizeLimit = 150 * 1024 * 1024;

const crlf = Buffer.from('\r\n');

/**
 * Reads a message to the line with a dot, and takes the dots off that were put before lines (RFC 5321 4.5.2). Only
 * CR LF ends a line, so that nothing can be smuggled in by a bare LF.
 */
export const readMessage = async (connection: LineConnection): Promise<Buffer | 'too-large' | undefined> => {
  const lines: Buffer[] = [];
  let size = 0;
  for (;;) {
    const line = await connection.until('\r\n', sizeLimit);
    if (line === undefined) return undefined;
    if (line.length === 1 && line[0] === 0x2e) return size > sizeLimit ? 'too-large' : Buffer.concat(lines);
    size += line.length + 2;
    if (size > sizeLimit) lines.length = 0;
    else lines.push(line[0] === 0x2e ? line.subarray(1) : line, crlf);
  }
};
