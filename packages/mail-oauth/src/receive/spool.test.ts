import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { spool } from './spool.ts';

const signal = new AbortController().signal;
const bytes = Buffer.from('From: a@b.example\r\n\r\nThe canary sings.');

const spoolOf = async (source: Readable, most = 1000) => {
  const spooled = await spool(source, most, signal);
  if (spooled === 'large') throw new Error('large');
  return spooled;
};

it('gives the bytes and their hash again, as often as they are asked for', async () => {
  const spooled = await spoolOf(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
  expect(spooled.size).toBe(bytes.length);
  expect(spooled.content).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(await buffer(spooled.stream())).toEqual(bytes);
  expect(await buffer(spooled.stream())).toEqual(bytes);
  await spooled.close();
});

it('stops at the limit and lets go of the source', async () => {
  const source = Readable.from([bytes, bytes, bytes]);
  expect(await spool(source, bytes.length * 2, signal)).toBe('large');
  expect(source.destroyed).toBe(true);
  await (await spoolOf(Readable.from([bytes]), bytes.length)).close();
});

it('rejects with the error of the source, and with the reason of the signal', async () => {
  const broken = new Readable({ read: () => undefined });
  const reading = spool(broken, 1000, signal);
  broken.destroy(new Error('ECONNRESET'));
  await expect(reading).rejects.toThrow('ECONNRESET');
  const stop = new AbortController();
  const silent = spool(new Readable({ read: () => undefined }), 1000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(silent).rejects.toThrow('stopped');
});

it('leaves no name in the temporary folder while a message is dealt with', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const spooled = await spoolOf(Readable.from([bytes]));
    expect(readdirSync(folder)).toEqual([]);
    await spooled.close();
    process.env.TMPDIR = join(folder, 'missing');
    await expect(spool(Readable.from([bytes]), 1000, signal)).rejects.toMatchObject({ code: 'MAIL_SPOOL_FAILED' });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  }
});
