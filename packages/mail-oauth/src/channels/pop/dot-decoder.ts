const cr = 13;
const lf = 10;
const dot = 46;

type State = 'start' | 'text' | 'cr' | 'dot' | 'dot-cr';

/** What a piece of a multi-line response holds; `rest`, what follows its end, is undefined until the end has come. */
export interface Decoded {
  readonly data: Buffer;
  readonly rest: Buffer | undefined;
}

/**
 * Takes the dots out that a POP server puts before lines which begin with one, and finds the line that ends it (RFC 1939, 3).
 * Lines end with CRLF and nothing else, so that no sender can end a message early. Keeps no line, however long. Not to be
 * called again after the end.
 */
export const dotDecoder = (): ((chunk: Buffer) => Decoded) => {
  let state: State = 'start';
  return (chunk) => {
    // A dot and a CR of the chunk before may still have to come out.
    const data = Buffer.allocUnsafe(chunk.length + 1);
    let size = 0;
    const put = (byte: number): void => {
      data[size] = byte;
      size += 1;
      if (byte === cr) state = 'cr';
      else state = byte === lf && state === 'cr' ? 'start' : 'text';
    };
    for (const [index, byte] of chunk.entries()) {
      if (state === 'start' && byte === dot) state = 'dot';
      else if (state === 'dot' && byte === cr) state = 'dot-cr';
      else if (state === 'dot-cr' && byte === lf)
        return { data: data.subarray(0, size), rest: chunk.subarray(index + 1) };
      else if (state === 'dot-cr') {
        put(cr);
        put(byte);
      } else put(byte);
    }
    return { data: data.subarray(0, size), rest: undefined };
  };
};
