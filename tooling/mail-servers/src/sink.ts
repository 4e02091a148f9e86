import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

/** Where real servers of the tests relay to: takes everything, and keeps it. */
export interface Sink {
  readonly port: number;
  /** Messages as they came, each whole. */
  readonly relayed: readonly string[];
  close(): Promise<void>;
}

export const startSink = async (): Promise<Sink> => {
  const relayed: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        relayed.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    relayed,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};
