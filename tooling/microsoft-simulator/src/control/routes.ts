import type { DeviceSignIn, SignInDesk, SignInRequest } from '../entra/sign-in.ts';
import { type AnyFaultParameters, commonParameterNames, faultTable, isFaultName } from '../faults/table.ts';
import { jsonReply, parseTarget, type SimReply, type SimRequest } from '../http.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import { ControlProblem, fieldsOf, numberField, parseBody, textField } from './fields.ts';
import { changeMail, mailDeedNames, writtenMessage } from './mail-deeds.ts';
import { deedNames, mutate } from './mutate.ts';

/** The control surface over HTTP, on the simulator's own address under `/_control/`; never on a Microsoft host. */
export interface Control {
  answer(request: SimRequest): SimReply;
}

type Handler = (match: readonly string[], request: SimRequest, query: ReadonlyMap<string, string>) => unknown;

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly shown: string;
  readonly run: Handler;
}

const whole = (text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new ControlProblem(`'${text}' is not a whole number.`);
  return Number(text);
};

const checkParameters = (name: keyof typeof faultTable, parameters: Readonly<Record<string, unknown>>): void => {
  const known = new Set<string>([...commonParameterNames, ...faultTable[name].parameters]);
  const unknown = Object.keys(parameters).find((parameter) => !known.has(parameter));
  if (unknown !== undefined) throw new ControlProblem(`The fault '${name}' has no parameter '${unknown}'.`);
};

export const createControl = (world: World, signIns: SignInDesk): Control => {
  const { faults, statistics, clock } = world;

  const tenantOf = (key: string | undefined): SimulatorTenant => {
    const wanted = (key ?? '').toLowerCase();
    const tenant =
      world.tenants.find((entry) => entry.tenantId === wanted) ??
      (/^\d{1,6}$/.test(wanted) ? world.tenants[Number(wanted)] : undefined);
    if (tenant === undefined) throw new ControlProblem(`There is no tenant '${key ?? ''}'.`);
    return tenant;
  };

  const describe = (tenant: SimulatorTenant) => ({
    tenantId: tenant.tenantId,
    displayName: tenant.displayName,
    domain: tenant.domain,
    cloud: tenant.cloud.name,
    loginHost: tenant.cloud.loginHost,
    graphHost: tenant.cloud.graphHost,
    users: tenant.truth.userCount(),
    groups: tenant.groups,
    apps: tenant.apps.map(({ clientId, displayName, roles, disabled }) => ({ clientId, displayName, roles, disabled })),
  });

  const route = (method: string, shown: string, run: Handler): Route => ({
    method,
    shown,
    path: new RegExp(`^/_control${shown.replace(/\{\w+\}/g, '([^/]+)')}/?$`),
    run,
  });

  const routes: readonly Route[] = [
    route('GET', '', () => ({
      routes: routes.map((entry) => `${entry.method} /_control${entry.shown}`),
      mutations: deedNames,
      mailDeeds: mailDeedNames,
      tenants: world.tenants.map(describe),
    })),
    route('GET', '/statistics', () => statistics.report()),
    route('DELETE', '/statistics', () => statistics.reset()),
    route('GET', '/requests', () => statistics.recent()),
    route('GET', '/faults', () => ({ active: faults.active(), available: faultTable })),
    route('POST', '/faults', (_, request) => {
      const fields = fieldsOf(parseBody(request.body));
      const name = textField(fields, 'name');
      if (!isFaultName(name)) throw new ControlProblem(`There is no fault named '${name}'.`);
      const parameters = fieldsOf(fields.parameters ?? {});
      checkParameters(name, parameters);
      faults.enable(name, parameters as AnyFaultParameters);
      return { active: faults.active() };
    }),
    route('DELETE', '/faults', () => faults.clear()),
    route('DELETE', '/faults/{name}', ([name = '']) => {
      if (!isFaultName(name)) throw new ControlProblem(`There is no fault named '${name}'.`);
      faults.disable(name);
    }),
    route('POST', '/sign-in', (_, request) => {
      const fields = fieldsOf(parseBody(request.body));
      textField(fields, 'url');
      return { location: signIns.signIn(fields as unknown as SignInRequest) };
    }),
    route('POST', '/device-code', (_, request) => {
      const fields = fieldsOf(parseBody(request.body));
      textField(fields, 'userCode');
      textField(fields, 'user');
      signIns.enterDeviceCode(fields as unknown as DeviceSignIn);
    }),
    route('DELETE', '/penalties', () => world.penalties.clear()),
    route('GET', '/clock', () => ({ now: clock.now() })),
    route('POST', '/clock', (_, request) => {
      clock.advance(numberField(fieldsOf(parseBody(request.body)), 'advanceSeconds') * 1000);
      return { now: clock.now() };
    }),
    route('GET', '/tenants/{tenant}', ([tenant]) => describe(tenantOf(tenant))),
    route('POST', '/tenants/{tenant}/mutations', ([key], request) => {
      const tenant = tenantOf(key);
      const body = parseBody(request.body);
      return Array.isArray(body) ? body.map((entry) => mutate(tenant, entry)) : mutate(tenant, body);
    }),
    route('GET', '/exchange', () => ({ servers: world.mailServers })),
    route('POST', '/tenants/{tenant}/mail', ([key], request) => {
      const tenant = tenantOf(key);
      const body = parseBody(request.body);
      const change = (entry: unknown): unknown => changeMail(world.exchange, tenant, entry);
      return Array.isArray(body) ? body.map(change) : change(body);
    }),
    route('GET', '/truth/mailboxes', () => world.exchange.truth.mailboxes()),
    route('GET', '/truth/mailboxes/{address}/messages', ([address = ''], _, query) =>
      world.exchange.truth.messages(address, query.get('folder')).map(writtenMessage),
    ),
    route('GET', '/truth/outgoing', () =>
      world.exchange.truth.outgoing().map(({ raw, ...facts }) => ({ ...facts, raw: raw.toString('base64') })),
    ),
    route('GET', '/tenants/{tenant}/truth/skus', ([tenant]) => tenantOf(tenant).truth.skus()),
    route('GET', '/tenants/{tenant}/truth/users', ([tenant], _, query) => [
      ...tenantOf(tenant).truth.users(whole(query.get('from'), 0), whole(query.get('count'), 1_000)),
    ]),
    route(
      'GET',
      '/tenants/{tenant}/truth/users/{user}',
      ([tenant, user = '']) => tenantOf(tenant).truth.user(user) ?? null,
    ),
    route('GET', '/tenants/{tenant}/truth/holders/{sku}', ([tenant, sku = '']) => [
      ...tenantOf(tenant).truth.holders(sku),
    ]),
    route('GET', '/tenants/{tenant}/subscriptions/{sku}', ([tenant, sku = '']) =>
      tenantOf(tenant).subscriptionsOf(sku),
    ),
  ];

  const answer = (request: SimRequest): SimReply => {
    const target = parseTarget(request.target);
    const fitting = routes.filter((entry) => entry.path.test(target?.path ?? ''));
    const found = fitting.find((entry) => entry.method === request.method);
    if (target === undefined || found === undefined) {
      const error = fitting.length > 0 ? 'The method does not fit.' : 'There is nothing here; see GET /_control/.';
      return jsonReply(fitting.length > 0 ? 405 : 404, { error });
    }
    try {
      const result = found.run((found.path.exec(target.path) ?? []).slice(1), request, target.query);
      return result === undefined ? { status: 204, headers: {}, body: '' } : jsonReply(200, result);
    } catch (problem) {
      if (problem instanceof ControlProblem) return jsonReply(400, { error: problem.message });
      // The tenant's own complaints, such as an unknown product.
      return jsonReply(400, { error: problem instanceof Error ? problem.message : String(problem) });
    }
  };

  return { answer };
};
