import { type Dovecot, type DovecotOptions, startDovecot } from './dovecot.ts';
import { type Postfix, startPostfix } from './postfix.ts';
import { type Sink, startSink } from './sink.ts';

/** Dovecot, and Postfix that asks it who may send; what either of them takes comes to the sink. */
export interface Relay {
  readonly sink: Sink;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  close(): Promise<void>;
}

/** Starts all three; leaves nothing running where one of them does not start. */
export const startRelay = async (options: Pick<DovecotOptions, 'keys' | 'issuers'>): Promise<Relay> => {
  const running: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const server of running.splice(0).reverse()) await server.close();
  };
  const kept = <T extends { close(): Promise<void> }>(server: T): T => {
    running.push(server);
    return server;
  };
  try {
    const sink = kept(await startSink());
    const dovecot = kept(await startDovecot({ ...options, relayPort: sink.port }));
    const postfix = kept(await startPostfix({ sasl: dovecot.sasl, relayPort: sink.port }));
    return { sink, dovecot, postfix, close };
  } catch (error) {
    await close();
    throw error;
  }
};
