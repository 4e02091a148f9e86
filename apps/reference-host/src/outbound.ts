import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Configuration } from './configuration.ts';

export interface OutboundOptions {
  readonly configuration: Configuration;
  readonly env: NodeJS.ProcessEnv;
  /** Where the simulator listens; undefined where a real tenant is read. */
  readonly simulator: Dispatcher | undefined;
  /** The agent that refuses private addresses. */
  readonly guarded: (allowed: readonly string[]) => Dispatcher;
}

/**
 * The host's one way out. With the simulator, Microsoft's hosts lead to it and nothing else is reachable. With a proxy in
 * the environment the proxy resolves names, so it and not this process decides about private addresses.
 */
export const createOutbound = ({ configuration, env, simulator, guarded }: OutboundOptions): Dispatcher => {
  if (simulator !== undefined) return simulator;
  const httpsProxy = env.HTTPS_PROXY || env.https_proxy;
  if (httpsProxy) {
    const noProxy = env.NO_PROXY || env.no_proxy || '';
    return new EnvHttpProxyAgent({
      httpsProxy,
      httpProxy: httpsProxy,
      noProxy,
      bodyTimeout: 60_000,
      headersTimeout: 60_000,
    });
  }
  return guarded(configuration.allowedPrivateHosts);
};
