import type { SimReply } from '../http.ts';
import type { Simulator, SimulatorTenant } from '../index.ts';

export const json = (reply: { readonly body: string }): Readonly<Record<string, unknown>> =>
  JSON.parse(reply.body) as Readonly<Record<string, unknown>>;

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly innerError: Readonly<Record<string, string>>;
}

export const errorOf = (reply: SimReply): ErrorBody => json(reply).error as ErrorBody;

export type Item = Readonly<Record<string, unknown>>;

export const itemsOf = (reply: SimReply): readonly Item[] => json(reply).value as readonly Item[];

export const nextOf = (reply: SimReply): string => String(json(reply)['@odata.nextLink'] ?? '');
export const deltaOf = (reply: SimReply): string => String(json(reply)['@odata.deltaLink'] ?? '');

export const tokenForm = (tenant: SimulatorTenant, form: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: tenant.clientId,
    scope: `https://${tenant.cloud.graphHost}/.default`,
    ...form,
  }).toString();

/** Asks the token endpoint; without a form the tenant's own secret is used. */
export const requestToken = (
  simulator: Simulator,
  form?: Readonly<Record<string, string>>,
  where: {
    readonly tenant?: SimulatorTenant;
    readonly name?: string;
    readonly host?: string;
    readonly headers?: Record<string, string>;
  } = {},
): SimReply => {
  const tenant = where.tenant ?? simulator.tenant;
  return simulator.handle({
    method: 'POST',
    host: where.host ?? tenant.cloud.loginHost,
    target: `/${where.name ?? tenant.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...where.headers },
    body: tokenForm(tenant, form ?? { client_secret: tenant.secret }),
  });
};

export const accessToken = (simulator: Simulator, tenant = simulator.tenant): string =>
  String(json(requestToken(simulator, undefined, { tenant })).access_token);

export interface Graph {
  (target: string, headers?: Readonly<Record<string, string>>): SimReply;
  post(target: string, body: unknown): SimReply;
  /** Follows nextLinks to the end and gives all pages. */
  walk(target: string, headers?: Readonly<Record<string, string>>): readonly SimReply[];
}

/** Graph as one app sees it; targets may be paths or whole links. */
export const graphOf = (simulator: Simulator, tenant = simulator.tenant): Graph => {
  const authorization = `Bearer ${accessToken(simulator, tenant)}`;
  const send = (method: string, target: string, headers: Readonly<Record<string, string>>, body: string): SimReply => {
    const path = target.startsWith('https://') ? target.replace(/^https:\/\/[^/]+/, '') : `/v1.0${target}`;
    return simulator.handle({
      method,
      host: tenant.cloud.graphHost,
      target: path,
      headers: { authorization, ...headers },
      body,
    });
  };
  const get = (target: string, headers: Readonly<Record<string, string>> = {}) => send('GET', target, headers, '');
  return Object.assign(get, {
    post: (target: string, body: unknown) =>
      send(
        'POST',
        target,
        { 'content-type': 'application/json' },
        typeof body === 'string' ? body : JSON.stringify(body),
      ),
    walk: (target: string, headers: Readonly<Record<string, string>> = {}) => {
      const pages = [get(target, headers)];
      for (let at = 0; at < 10_000; at += 1) {
        const last = pages[at];
        const next = last === undefined || last.status !== 200 ? '' : nextOf(last);
        if (next === '') return pages;
        pages.push(get(next, headers));
      }
      throw new Error('The walk does not end.');
    },
  });
};
