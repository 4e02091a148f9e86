import type { Answered } from '../graph/service.ts';
import type { SimReply } from '../http.ts';
import type { World } from '../world.ts';
import type { FaultName } from './table.ts';

/** Applies the faults that damage an answer after it was made. */
export const damaged = (world: World, { endpoint, reply, tenantId, page = 0 }: Answered): SimReply => {
  const strike = (name: FaultName) => world.faults.strike(name, { endpoint, tenantId, page });
  if (strike('truncated-json') !== undefined) {
    const { bytes, body } = reply;
    const half = bytes?.subarray(0, Math.floor(bytes.length / 2));
    return {
      ...reply,
      body: body.slice(0, Math.floor(body.length / 2)),
      ...(half === undefined ? {} : { bytes: half }),
    };
  }
  if (strike('connection-reset') !== undefined) return { ...reply, wire: { kind: 'reset' } };
  if (strike('hang') !== undefined) return { ...reply, wire: { kind: 'hang' } };
  const slow = strike('slow-body');
  if (slow !== undefined) return { ...reply, wire: { kind: 'slow', milliseconds: slow.milliseconds ?? 1_000 } };
  return strike('no-gzip') === undefined ? reply : { ...reply, uncompressed: true };
};
