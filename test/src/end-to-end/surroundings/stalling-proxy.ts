import { EventEmitter, once } from 'node:events';
import { openRelay, type Pair, type Relay } from './relay.ts';

/** A statement that was sent and has not arrived. */
export interface Stalled {
  /** Lets it, and what follows on its connection, arrive. */
  letGo(): void;
}

/** The network between a node and its database, which a test may stop at a statement. */
export interface StallingProxy extends Relay {
  /** Stops the first connection on which the text is sent, before it arrives; the other connections go on. */
  stallAt(text: string): Promise<Stalled>;
  /**
   * Stops every other connection at the end of its transaction, those that are opened from now on among them, and
   * resolves when nothing of theirs is open any more. What is returned lets them go.
   */
  stallOthers(): Promise<() => void>;
}

interface Line extends Pair {
  /** What waits; undefined while everything passes. */
  held: Buffer[] | undefined;
  /** Held at a statement, and let go by its own hand only. */
  own: boolean;
  /** Between the request that begins a transaction and the one that ends it. */
  inTransaction: boolean;
}

/** Transaction manager requests, [MS-TDS] 2.2.6.9: their number follows the packet's header and `ALL_HEADERS`. */
const transactionRequest = (packet: Buffer): 'begin' | 'end' | undefined => {
  if (packet.length < 14 || packet[0] !== 0x0e) return undefined;
  const number = packet.readUInt16LE(8 + packet.readUInt32LE(8));
  if (number === 5) return 'begin';
  return number === 7 || number === 8 ? 'end' : undefined;
};

/** Statements of T-SQL travel as UTF-16; the connection itself must not be encrypted. */
export const openStallingProxy = async (host: string, port: number): Promise<StallingProxy> => {
  const lines = new Set<Line>();
  let watch: { readonly text: Buffer; readonly found: (line: Line) => void } | undefined;
  let othersWait = false;
  const ended = new EventEmitter();

  const pass = (line: Line): void => {
    const held = line.held ?? [];
    line.held = undefined;
    for (const bytes of held) {
      const request = transactionRequest(bytes);
      if (request !== undefined) line.inTransaction = request === 'begin';
      line.server.write(bytes);
    }
  };

  const carry = (pair: Pair): (() => void) => {
    const line: Line = { ...pair, held: othersWait ? [] : undefined, own: false, inTransaction: false };
    lines.add(line);
    line.client.on('data', (bytes: Buffer) => {
      if (line.held === undefined && watch?.text !== undefined && bytes.includes(watch.text)) {
        line.held = [];
        line.own = true;
        watch.found(line);
        watch = undefined;
      }
      const request = transactionRequest(bytes);
      if (request === 'begin' && othersWait) line.held ??= [];
      if (line.held !== undefined) return void line.held.push(bytes);
      line.server.write(bytes);
      if (request !== undefined) line.inTransaction = request === 'begin';
      if (request === 'end') ended.emit('end');
    });
    line.server.on('data', (bytes: Buffer) => line.client.write(bytes));
    return () => {
      lines.delete(line);
      ended.emit('end');
    };
  };
  const relay = await openRelay({ host, port, carry });
  return {
    ...relay,
    stallAt: (text) =>
      new Promise((resolve) => {
        const found = (line: Line): void => {
          resolve({
            letGo() {
              line.own = false;
              pass(line);
            },
          });
        };
        watch = { text: Buffer.from(text, 'utf16le'), found };
      }),
    async stallOthers() {
      othersWait = true;
      while ([...lines].some((line) => !line.own && line.inTransaction)) await once(ended, 'end');
      return () => {
        othersWait = false;
        for (const line of lines) if (!line.own) pass(line);
      };
    },
  };
};
