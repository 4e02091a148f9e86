import { connect, isIP, type Socket } from 'node:net';
import type { TcpAddress } from '@itsm-m365/plugin-api';
import type { ChannelContext, Server } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import { limitsOf, timed } from './deadline.ts';
import { codeOf, faultsOf, type MakeFault, type Protocol } from './peer.ts';

/** More addresses than that of one name are not tried. */
const mostAddresses = 8;

const routes = async (server: Server, context: ChannelContext, fault: MakeFault): Promise<readonly TcpAddress[]> => {
  const { connectMs } = limitsOf(context);
  try {
    const late = () => fault('address', { code: 'TIMEOUT' });
    const found = await timed(context, connectMs, late, () => context.tcp.route(server.host, server.port));
    const usable = found.filter(({ address }) => isIP(address) !== 0).slice(0, mostAddresses);
    if (usable.length === 0) throw fault('address', { code: 'ENOTFOUND' });
    return usable;
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw isChannelFault(error) ? error : fault('address', { code: codeOf(error) });
  }
};

const connectTo = ({ address, port }: TcpAddress, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    // An error that nobody listens to would end the process; whoever reads next finds it in `errored`.
    socket.on('error', () => undefined);
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', reject);
      socket.setNoDelay(true).setKeepAlive(true, 30_000);
      resolve(socket);
    });
  });

/**
 * Opens a TCP connection along the host's routes, in their order, and tells which address answered. Nothing is sent yet. All
 * addresses share `connectMs`, evenly, so that a silent first one leaves time for the second. Throws a fault of stage
 * `address` or `connect`, that of the last address; rejects with the signal's reason when aborted, and closes then.
 */
export const openSocket = async (
  protocol: Protocol,
  server: Server,
  context: ChannelContext,
): Promise<{ readonly socket: Socket; readonly address: TcpAddress }> => {
  const fault = faultsOf(protocol, server);
  const addresses = await routes(server, context, fault);
  const { connectMs } = limitsOf(context);
  const started = context.clock.monotonic();
  let last = fault('connect', { code: 'TIMEOUT' });
  for (const [index, address] of addresses.entries()) {
    const left = connectMs - (context.clock.monotonic() - started);
    const share = Math.max(1, Math.ceil(left / (addresses.length - index)));
    try {
      const late = () => fault('connect', { code: 'TIMEOUT' });
      const socket = await timed(context, share, late, (signal) => connectTo(address, signal));
      return { socket, address };
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      last = isChannelFault(error) ? error : fault('connect', { code: codeOf(error) });
    }
  }
  throw last;
};
