import type { FaultName } from '@itsm-m365/microsoft-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignmentLines, openWorld, truthLines, type World } from './testing/world.ts';

/** What Graph may do at any time and an import has to come through, with nothing lost and nobody counted twice. */
const everyListing: readonly (readonly [FaultName, { readonly times?: number; readonly code?: string }])[] = [
  ['bad-gateway', { times: 2 }],
  ['service-unavailable', { times: 2 }],
  ['gateway-timeout', { times: 2 }],
  ['no-gzip', {}],
  ['error-null', {}],
  ['top-over-maximum-refused', {}],
  ['expired-page-token-on-licence-filter', {}],
  ['removed-in-initial-round', {}],
  ['delta-surfaces-assignment-states', {}],
  // Another code than those that say "list again": the stored link is as useless.
  ['sync-state-not-found', { code: 'Request_BadRequest' }],
];

describe('an import comes through', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(undefined, { users: 1200, assignmentsPerUser: 1, throttle: false });
  });
  afterAll(() => world.close());

  for (const [name, parameters] of everyListing) {
    it(`${name}, in a full listing and in the changes after it`, async () => {
      world.simulator.faults.clear();
      world.simulator.faults.enable(name, parameters);
      world.advance(25);
      expect((await world.harness.runOne()).state).toBe('succeeded');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
      world.tenant.removeUser([...world.tenant.truth.users()].find((user) => user.held.length > 0)?.id ?? '');
      expect((await world.harness.runOne()).state).toBe('succeeded');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });
  }
});
