import type { GraphCall } from './call.ts';
import type { Spelling } from './user-properties.ts';

export const spellingFor = (call: GraphCall, page = 0): Spelling => {
  const site = { endpoint: call.endpoint, tenantId: call.tenant.tenantId, page };
  const { faults } = call.world;
  const noError =
    faults.strike('error-none', site) !== undefined
      ? 'None'
      : faults.strike('error-null', site) !== undefined
        ? 'null'
        : 'as-stored';
  return { mixedCase: faults.strike('mixed-case-guids', site) !== undefined, noError };
};
