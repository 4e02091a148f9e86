import { Readable } from 'node:stream';

const chunkBytes = 64 * 1024;

/**
 * A message as a stream that knows when its end was taken. After that the whole of it may have reached the server; before,
 * it cannot: a message without its end is never delivered (RFC 5321, 4.1.1.4; RFC 9112, 6.3 for a body of told length).
 */
export const messageStream = (
  mime: Buffer,
  onHandedOver: () => void = () => undefined,
): { readonly stream: Readable; readonly handedOver: () => boolean } => {
  let at = 0;
  let over = false;
  const stream = new Readable({
    read() {
      const chunk = mime.subarray(at, at + chunkBytes);
      at += chunk.length;
      if (at < mime.length) {
        this.push(chunk);
        return;
      }
      // Said before it is passed on: who takes it may send it, and lose the connection, before anything else runs here.
      over = true;
      onHandedOver();
      this.push(chunk);
      this.push(null);
    },
  });
  return { stream, handedOver: () => over };
};
