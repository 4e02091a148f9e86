import { loopbackTcp, memoryLogger } from '@itsm-m365/plugin-api/testing';
import { Agent } from 'undici';
import type { ChannelContext, Login, Server } from '../channels/channel.ts';
import { type FaultFacts, isChannelFault } from '../channels/fault.ts';
import { handClock } from './hand-clock.ts';

/** A context that leads the server's host to its port of this machine; nothing times out in it unless its clock is moved. */
export const contextOf = (
  server: { readonly host: string; readonly port: number },
  overrides: Partial<ChannelContext> = {},
): ChannelContext => ({
  tcp: loopbackTcp({ [`${server.host}:${server.port}`]: server.port }),
  http: new Agent(),
  clock: handClock(),
  logger: memoryLogger(),
  signal: new AbortController().signal,
  ...overrides,
});

export const serverOf = (
  { host, port, authority }: { readonly host: string; readonly port: number; readonly authority: string },
  overrides: Partial<Server> = {},
): Server => ({ host, port, authority, encryption: 'tls', acceptUntrusted: false, ...overrides });

export interface TestLogin {
  readonly login: Login;
  /** What was asked for: the token that had been refused, or undefined. */
  readonly asked: (string | undefined)[];
}

/** Gives these tokens, one after the other; the last one again and again. */
export const tokensOf = (user: string, ...tokens: readonly string[]): TestLogin => {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    login: {
      kind: 'oauth',
      user,
      token: async (options) => {
        asked.push(options?.refused);
        return tokens[Math.min(asked.length, tokens.length) - 1] ?? '';
      },
    },
  };
};

/** The facts of the fault that a promise rejects with; anything else is thrown on. */
export const faultOf = async (promise: Promise<unknown>): Promise<FaultFacts> => {
  try {
    await promise;
  } catch (error) {
    if (isChannelFault(error)) return error.facts;
    throw error;
  }
  throw new Error('no fault');
};

export const collect = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

export const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => Buffer.concat(await collect(stream));
