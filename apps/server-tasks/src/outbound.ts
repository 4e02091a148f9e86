import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { KnownError, OutboundTcp, TcpAddress } from '@itsm-m365/plugin-api';
import { Agent, buildConnector } from 'undici';
import { taskErrors } from './errors.ts';

// RFC 6890 and its registries: what is not the public internet. 169.254.169.254 is where clouds give credentials away.
const refused = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  refused.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  refused.addSubnet(net, prefix, 'ipv6');

/** The IPv4 address inside an IPv6 one: mapped, compatible, NAT64 or 6to4. */
const embedded = (address: string): string | undefined => {
  const groups = expand(address);
  const dotted = (high = 0, low = 0) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  if (zeros(5) && (groups[5] === 0xffff || groups[5] === 0)) return dotted(groups[6], groups[7]);
  if (groups[0] === 0x64 && groups[1] === 0xff9b && groups[2] === 0) return dotted(groups[6], groups[7]);
  if (groups[0] === 0x2002) return dotted(groups[1], groups[2]);
  return undefined;
};

/** The eight groups of an IPv6 address; the URL parser brings every spelling into one. */
const expand = (address: string): readonly number[] => {
  const [plain = ''] = address.split('%');
  const canonical = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const start = parse(head);
  const end = tail === undefined ? [] : parse(tail);
  return [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
};

/** Whether an address is loopback, link-local, private or otherwise not of the public internet. */
export const isRefusedAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return refused.check(address, 'ipv4');
  if (family !== 6) return true;
  const inner = embedded(address);
  if (inner !== undefined) return refused.check(inner, 'ipv4');
  return refused.check(address.split('%')[0] ?? '', 'ipv6');
};

type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** One refused address refuses the host: which of them is connected to is not ours to say. */
const refusalOf = (host: string, addresses: readonly Pick<LookupAddress, 'address'>[]): KnownError | undefined => {
  const bad = addresses.find(({ address }) => isRefusedAddress(address));
  return bad && taskErrors.ADDRESS_REFUSED({ host, address: bad.address });
};

const guardedLookup =
  (resolve: Resolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const failure = error ?? refusalOf(host, addresses);
      if (failure !== undefined) return done(failure, []);
      const [first] = addresses;
      if (options.all === true) return done(null, addresses);
      return done(null, first?.address ?? '', first?.family);
    });
  };

export interface PublicAgentOptions {
  readonly resolve?: Resolve;
  /** Hosts, or `host:port`, that the operator lets through whatever their address is. Never taken from settings. */
  readonly allowedHosts?: readonly string[];
}

/** A name as it is compared: in lower case, an IPv6 address without its brackets. */
const bareHost = (name: string): string => name.replace(/^\[|\]$/g, '').toLowerCase();

/** Tells whether the operator lets a host through, on this port or on all. */
const allowance = (allowedHosts: readonly string[]) => {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return (host: string, port: number | string): boolean => allowed.has(host) || allowed.has(`${host}:${port}`);
};

/**
 * The way out for hosts that bring no `http`: an undici agent that refuses loopback, link-local and private addresses.
 * The address is checked when the connection is made, so that a name which changes its address afterwards gains nothing.
 * undici follows no redirect by itself, so credentials follow none either. A proxy or a private CA is the host's to
 * bring: this agent reads no environment.
 */
export const publicAgent = ({ resolve = dnsLookup, allowedHosts = [] }: PublicAgentOptions = {}): Agent => {
  const connect = buildConnector({ lookup: guardedLookup(resolve), timeout: 15_000 });
  const connectAnywhere = buildConnector({ timeout: 15_000 });
  const isAllowed = allowance(allowedHosts);
  return new Agent({
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
    connect: (options, done) => {
      const host = bareHost(options.hostname);
      // undici leaves the usual port of the protocol out.
      if (isAllowed(host, options.port || (options.protocol === 'https:' ? 443 : 80)))
        return connectAnywhere(options, done);
      // An address needs no lookup, and so would pass unseen.
      const refusal = isIP(host) === 0 ? undefined : refusalOf(host, [{ address: host }]);
      return refusal === undefined ? connect(options, done) : done(refusal, null);
    },
  });
};

/**
 * The way out for mail protocols, under the policy of {@link publicAgent}: the addresses that it gives are the ones that
 * were checked. Rejects with `ADDRESS_REFUSED`, or with the resolver's error.
 */
export const publicTcp = ({ resolve = dnsLookup, allowedHosts = [] }: PublicAgentOptions = {}): OutboundTcp => {
  const isAllowed = allowance(allowedHosts);
  const addressesOf = (host: string): Promise<readonly LookupAddress[]> =>
    new Promise((found, fail) => {
      if (isIP(host) !== 0) found([{ address: host, family: isIP(host) }]);
      else resolve(host, { all: true }, (error, addresses) => (error === null ? found(addresses) : fail(error)));
    });
  return {
    async route(name, port): Promise<readonly TcpAddress[]> {
      const host = bareHost(name);
      const addresses = await addressesOf(host);
      const refusal = isAllowed(host, port) ? undefined : refusalOf(host, addresses);
      if (refusal !== undefined) throw refusal;
      return addresses.map(({ address }) => ({ address, port }));
    },
  };
};
