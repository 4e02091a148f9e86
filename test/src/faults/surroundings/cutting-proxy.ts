import { openRelay, type Pair, type Relay } from '../../end-to-end/surroundings/relay.ts';

/** Where a connection breaks: before a statement arrives, or after it took effect and before its answer is heard. */
export type Cut = 'before' | 'after';

/** The network between the product and its database server, which breaks at the test's word. */
export interface CuttingProxy extends Relay {
  /** Breaks the first connection on which the text is sent. */
  cutAt(text: string, cut: Cut): Promise<void>;
  /** Breaks the connection on which the text is sent, at its next COMMIT. */
  cutAtCommitAfter(text: string, cut: Cut): Promise<void>;
  /** Holds the first statement with the text, until the returned function is called. */
  holdAt(text: string): Promise<() => void>;
  /** Breaks every connection and refuses new ones, until the returned function is called. */
  down(): () => void;
}

interface Line extends Pair {
  /** What waits for the test's word. */
  held: Buffer[] | undefined;
  /** The next answer is not passed on: it is where the connection breaks. */
  deaf: (() => void) | undefined;
  marked: boolean;
}

interface Watch {
  matches(line: Line, bytes: Buffer): boolean;
  found(line: Line, bytes: Buffer): void;
}

/** TDS: a packet of type 14 asks the transaction manager, and 7 after its 22 bytes of headers commits. */
const isCommit = (bytes: Buffer): boolean => bytes[0] === 0x0e && bytes.length >= 32 && bytes.readUInt16LE(30) === 7;

/** For connections that are not encrypted: statements travel as UTF-16. */
export const openCuttingProxy = async (host: string, port: number): Promise<CuttingProxy> => {
  const lines = new Set<Line>();
  let watch: Watch | undefined;
  let refusing = false;

  const cutLine = (line: Line): void => {
    line.client.destroy();
    line.server.destroy();
  };

  const carry = (pair: Pair): (() => void) => {
    const line: Line = { ...pair, held: undefined, deaf: undefined, marked: false };
    lines.add(line);
    line.client.on('data', (bytes: Buffer) => {
      if (line.held !== undefined) line.held.push(bytes);
      else if (watch?.matches(line, bytes) === true) {
        const { found } = watch;
        watch = undefined;
        found(line, bytes);
      } else line.server.write(bytes);
    });
    line.server.on('data', (bytes: Buffer) => {
      if (line.deaf === undefined) line.client.write(bytes);
      else line.deaf();
    });
    return () => void lines.delete(line);
  };
  const relay = await openRelay({ host, port, accepts: () => !refusing, carry });

  const cutWhere = (matches: Watch['matches'], cut: Cut): Promise<void> =>
    new Promise((resolve) => {
      const end = (line: Line) => () => {
        cutLine(line);
        resolve();
      };
      const found: Watch['found'] = (line, bytes) => {
        if (cut === 'before') return end(line)();
        line.deaf = end(line);
        line.server.write(bytes);
      };
      watch = { matches, found };
    });

  return {
    ...relay,
    cutAt(text, cut) {
      const wanted = Buffer.from(text, 'utf16le');
      return cutWhere((_, bytes) => bytes.includes(wanted), cut);
    },
    cutAtCommitAfter(text, cut) {
      const wanted = Buffer.from(text, 'utf16le');
      return cutWhere((line, bytes) => {
        line.marked ||= bytes.includes(wanted);
        return line.marked && isCommit(bytes);
      }, cut);
    },
    holdAt: (text) =>
      new Promise((resolve) => {
        const wanted = Buffer.from(text, 'utf16le');
        const found: Watch['found'] = (line, bytes) => {
          line.held = [bytes];
          resolve(() => {
            const held = line.held ?? [];
            line.held = undefined;
            for (const part of held) line.server.write(part);
          });
        };
        watch = { matches: (_, bytes) => bytes.includes(wanted), found };
      }),
    down() {
      refusing = true;
      for (const line of lines) cutLine(line);
      return () => {
        refusing = false;
      };
    },
  };
};
