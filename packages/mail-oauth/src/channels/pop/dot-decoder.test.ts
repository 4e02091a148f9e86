import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotDecoder } from './dot-decoder.ts';

const decode = (wire: string, cuts: readonly number[] = []): { readonly text: string; readonly rest?: string } => {
  const push = dotDecoder();
  const bytes = Buffer.from(wire, 'latin1');
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  let text = '';
  for (const [index, edge] of edges.slice(1).entries()) {
    const from = edges[index] ?? 0;
    const { data, rest } = push(bytes.subarray(from, edge));
    text += data.toString('latin1');
    if (rest !== undefined) return { text, rest: rest.toString('latin1') + bytes.subarray(edge).toString('latin1') };
  }
  return { text };
};

/** RFC 1939, 3, the server's side. */
const stuffed = (message: string): string => `${message.replaceAll(/(^|\r\n)\./g, '$1..')}.\r\n`;

describe('dotDecoder', () => {
  it('ends at a line of one dot and hands on what follows', () => {
    expect(decode('a\r\n..b\r\n.\r\n+OK')).toEqual({ text: 'a\r\n.b\r\n', rest: '+OK' });
    expect(decode('.\r\n')).toEqual({ text: '', rest: '' });
  });

  it('does not end at a dot between other line ends', () => {
    expect(decode('a\n.\nb\r.\rc\r\n.\r\n').text).toBe('a\n.\nb\r.\rc\r\n');
    expect(decode('a\n.\r\nb\r\n.\r\n').text).toBe('a\n.\r\nb\r\n');
  });

  it('gives every message back, wherever the network cuts', () => {
    const piece = fc.constantFrom('.', '\r', '\n', '\r\n', '.\r\n', 'x', '\0', 'ÿ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(80), { maxLength: 6 }), (pieces, cuts) => {
        const message = `${pieces.join('')}\r\n`;
        const wire = stuffed(message);
        const inside = cuts.map((cut) => cut % wire.length);
        expect(decode(`${wire}+OK\r\n`, inside)).toEqual({ text: message, rest: '+OK\r\n' });
      }),
      { numRuns: 2_000 },
    );
  });
});
