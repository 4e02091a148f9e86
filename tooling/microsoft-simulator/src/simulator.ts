import { randomBytes } from 'node:crypto';
import { advanceable, machineClock } from './clock.ts';
import { cloudOfGraphHost } from './clouds.ts';
import { createControl } from './control/routes.ts';
import { demoTenant } from './demo.ts';
import { isLoginHost } from './entra/discovery.ts';
import { createGrants } from './entra/grants.ts';
import { type Entra, routeEntra, routeOwnPages } from './entra/routes.ts';
import { createSignInDesk, type DeviceSignIn, type SignInRequest } from './entra/sign-in.ts';
import { type SigningKeyPem, signingKeyPem } from './entra/signing.ts';
import { createTokenDesk } from './entra/token.ts';
import { createExchange, type Exchange } from './exchange/mailboxes.ts';
import { createFaults, type Faults } from './faults/switchboard.ts';
import { damaged } from './faults/wire.ts';
import { type Answered, createGraphService } from './graph/service.ts';
import { parseTarget, type SimReply, type SimRequest } from './http.ts';
import type { SimulatorOptions, TenantOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import { createTenant, type SimulatorTenant } from './tenant/tenant.ts';
import { createPenalties } from './throttle/penalties.ts';
import { rememberWorld, serviceNow, type World } from './world.ts';

/** A simulated Entra and Graph. State lives in memory; {@link startSimulator} gives it a port. */
export interface Simulator {
  readonly tenants: readonly SimulatorTenant[];
  /** The first tenant. */
  readonly tenant: SimulatorTenant;
  readonly faults: Faults;
  readonly statistics: Statistics;
  /** Mailboxes of all tenants; `startExchange` serves them by IMAP, POP and SMTP. */
  readonly exchange: Exchange;
  /** The simulator's clock, in milliseconds. */
  now(): number;
  /** Pushes the simulator's clock ahead: token lifetimes, Retry-After, delta tokens. */
  advance(milliseconds: number): void;
  /** Ends every waiting time a 429 has imposed; switching the fault off does not. */
  pardon(): void;
  /**
   * Signs somebody in as a browser would, and gives the address it is sent back to. Throws {@link SignInStopped} where the
   * browser stays on Entra's page: no account picked, account refused, redirect URI not registered.
   */
  signIn(request: SignInRequest): string;
  /** Approves (or declines) a device code, as the user does on another machine; throws {@link SignInStopped}. */
  enterDeviceCode(entry: DeviceSignIn): void;
  /** The public half of the key all tokens are signed with, for servers that check them by themselves. */
  signingKeyPem(): SigningKeyPem;
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
  const wanted = options.tenants ?? defaultTenants(options);
  const tenants = wanted.map((tenant, number) => createTenant(tenant, { number, seed, secret, now: clock.now }));
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
    exchange: createExchange(tenants, wanted, options, clock),
    mailServers: [],
  };
  const grants = createGrants(world);
  const signIns = createSignInDesk(world, grants);
  const entra: Entra = { tokens: createTokenDesk(world, grants), signIns, grants };
  const graph = createGraphService(world);
  const control = createControl(world, signIns);

  const route = (request: SimRequest): Answered => {
    const cloud = cloudOfGraphHost(request.host);
    if (cloud !== undefined) return graph.answer(cloud, request);
    const target = parseTarget(request.target);
    if (target === undefined) return { endpoint: 'unknown', reply: { status: 400, headers: {}, body: '' } };
    const routed = routeEntra(world, entra, request, target);
    const date = new Date(serviceNow(world, routed)).toUTCString();
    world.faults.strike('clock-skew', routed);
    return { ...routed, reply: { ...routed.reply, headers: { date, ...routed.reply.headers } } };
  };

  const ownPage = (request: SimRequest): SimReply | undefined => {
    const target = parseTarget(request.target);
    return target === undefined ? undefined : routeOwnPages(world, entra, request, target);
  };

  const handle = (request: SimRequest): SimReply => {
    if (!isLoginHost(request.host) && cloudOfGraphHost(request.host) === undefined) {
      return ownPage(request) ?? control.answer(request);
    }
    const answered = route(request);
    const { endpoint, reply, tenantId } = answered;
    const { authorization: _, ...headers } = request.headers;
    const { method, host, target } = request;
    statistics.countRequest(
      { at: clock.now(), endpoint, method, host, target, status: reply.status, tenantId, headers },
      reply.bytes?.length ?? reply.body.length,
    );
    return damaged(world, answered);
  };

  const simulator: Simulator = {
    tenants,
    tenant: first,
    faults: world.faults,
    statistics,
    exchange: world.exchange,
    now: clock.now,
    advance: clock.advance,
    pardon: world.penalties.clear,
    signIn: signIns.signIn,
    enterDeviceCode: signIns.enterDeviceCode,
    signingKeyPem,
    handle,
  };
  rememberWorld(simulator, world);
  return simulator;
};
