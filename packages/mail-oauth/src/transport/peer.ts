import type { Server } from '../channels/channel.ts';
import { ChannelFault, type FaultFacts, type Stage } from '../channels/fault.ts';

export type Protocol = FaultFacts['protocol'];

/** Makes faults of one conversation: protocol and server are the same in all of them. */
export type MakeFault = (stage: Stage, facts?: Partial<FaultFacts>) => ChannelFault;

export const faultsOf =
  (protocol: Protocol, server: Pick<Server, 'host' | 'port'>): MakeFault =>
  (stage, facts = {}) =>
    new ChannelFault({ stage, protocol, server: `${server.host}:${server.port}`, ...facts });

/** The `code` of an error of Node, OpenSSL or a library; `UNKNOWN` where it has none that looks like one. */
export const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_]{1,63}$/.test(code) ? code : 'UNKNOWN';
};
