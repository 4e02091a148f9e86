import { randomBytes } from 'node:crypto';
import { advanceable, machineClock } from './clock.ts';
import { cloudOfGraphHost } from './clouds.ts';
import { createControl } from './control/routes.ts';
import { demoTenant } from './demo.ts';
import { isLoginHost } from './entra/discovery.ts';
import { routeEntra } from './entra/routes.ts';
import { createTokenDesk } from './entra/token.ts';
import { createFaults, type Faults } from './faults/switchboard.ts';
import { damaged } from './faults/wire.ts';
import { type Answered, createGraphService } from './graph/service.ts';
import { parseTarget, type SimReply, type SimRequest } from './http.ts';
import type { SimulatorOptions, TenantOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import { createTenant, type SimulatorTenant } from './tenant/tenant.ts';
import { createPenalties } from './throttle/penalties.ts';
import { serviceNow, type World } from './world.ts';

/** A simulated Entra and Graph. State lives in memory; {@link startSimulator} gives it a port. */
export interface Simulator {
  readonly tenants: readonly SimulatorTenant[];
  /** The first tenant. */
  readonly tenant: SimulatorTenant;
  readonly faults: Faults;
  readonly statistics: Statistics;
  /** The simulator's clock, in milliseconds. */
  now(): number;
  /** Pushes the simulator's clock ahead: token lifetimes, Retry-After, delta tokens. */
  advance(milliseconds: number): void;
  /** Ends every waiting time a 429 has imposed; switching the fault off does not. */
  pardon(): void;
  /** Answers a request without a network; damage to the wire stays a note in the reply. */
  handle(request: SimRequest): SimReply;
}

const defaultTenants = (options: SimulatorOptions): readonly TenantOptions[] => {
  const { users, assignmentsPerUser, skus } = options;
  return [
    {
      tenantId: demoTenant.tenantId,
      domain: demoTenant.domain,
      displayName: demoTenant.displayName,
      apps: [{ clientId: demoTenant.clientId }],
      ...(users === undefined ? {} : { users }),
      ...(assignmentsPerUser === undefined ? {} : { assignmentsPerUser }),
      ...(skus === undefined ? {} : { skus }),
    },
  ];
};

/** Creates a simulator in memory. Equal options and seed give equal tenants. */
export const createSimulator = (options: SimulatorOptions = {}): Simulator => {
  const seed = options.seed ?? 365;
  const clock = advanceable(options.clock ?? machineClock);
  const random = options.random ?? seededRandom(seed);
  // Not from the seed: somebody who reads the source must not know the secret of a running demonstration.
  const secret = options.secret ?? randomBytes(24).toString('base64url');
  const statistics = createStatistics();
  const tenants = (options.tenants ?? defaultTenants(options)).map((tenant, number) =>
    createTenant(tenant, { number, seed, secret, now: clock.now }),
  );
  const [first] = tenants;
  if (first === undefined) throw new Error('A simulator needs at least one tenant.');
  const world: World = {
    options,
    clock,
    random,
    faults: createFaults(random),
    statistics,
    penalties: createPenalties({
      now: clock.now,
      serviceNow: () => serviceNow(world),
      statistics,
      punish: options.punishEarlyRetry ?? true,
    }),
    tenants,
  };
  const desk = createTokenDesk(world);
  const graph = createGraphService(world);
  const control = createControl(world);

  const route = (request: SimRequest): Answered => {
    const cloud = cloudOfGraphHost(request.host);
    if (cloud !== undefined) return graph.answer(cloud, request);
    const target = parseTarget(request.target);
    if (target === undefined) return { endpoint: 'unknown', reply: { status: 400, headers: {}, body: '' } };
    const routed = routeEntra(world, desk, request, target);
    const date = new Date(serviceNow(world, routed)).toUTCString();
    world.faults.strike('clock-skew', routed);
    return { ...routed, reply: { ...routed.reply, headers: { date, ...routed.reply.headers } } };
  };

  const handle = (request: SimRequest): SimReply => {
    if (!isLoginHost(request.host) && cloudOfGraphHost(request.host) === undefined) return control.answer(request);
    const answered = route(request);
    const { endpoint, reply, tenantId } = answered;
    const { authorization: _, ...headers } = request.headers;
    const { method, host, target } = request;
    statistics.countRequest(
      { at: clock.now(), endpoint, method, host, target, status: reply.status, tenantId, headers },
      reply.body.length,
    );
    return damaged(world, answered);
  };

  return {
    tenants,
    tenant: first,
    faults: world.faults,
    statistics,
    now: clock.now,
    advance: clock.advance,
    pardon: world.penalties.clear,
    handle,
  };
};
