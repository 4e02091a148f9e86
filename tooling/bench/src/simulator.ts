import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import type { Traffic } from './measurement.ts';
import { start } from './processes.ts';
import type { Place } from './roles.ts';

interface Report {
  readonly requests: Readonly<Record<string, number>>;
  readonly roundTrips: number;
  readonly bytes: number;
}

interface TruthUser {
  readonly id: string;
  readonly paths: readonly { readonly skuId: string; readonly groupId: string | null; readonly holds: boolean }[];
}

/** Simulated tenants in a process of their own, steered over HTTP as a person would. */
export interface Simulator {
  /** The first tenant. */
  readonly place: Place;
  readonly places: readonly Place[];
  /** What `work` asked of the simulator. */
  traffic<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly traffic: Traffic }>;
  /** Changes 0.1 % of the first tenant's users, spread over its directory; another round changes others. */
  change(round: number): Promise<void>;
  end(): Promise<void>;
}

const notGraph = ['token', 'openid-configuration', 'keys', 'instance-discovery'];

const trafficOf = ({ requests, roundTrips, bytes }: Report): Traffic => {
  const endpoints = Object.fromEntries(Object.entries(requests).filter(([, count]) => count > 0));
  const others = notGraph.reduce((sum, name) => sum + (endpoints[name] ?? 0), 0);
  return { graphRequests: roundTrips - others, endpoints, bytes };
};

/**
 * Takes a licence away where it is held directly and by no group; the others move to another department. (Who also holds
 * it by a group would keep it, and delta would not tell.)
 */
const changeOf = ({ id, paths }: TruthUser, round: number) => {
  const holding = paths.filter(({ holds }) => holds);
  const direct = holding.find(
    ({ groupId, skuId }) => groupId === null && holding.filter((other) => other.skuId === skuId).length === 1,
  );
  return direct === undefined
    ? { do: 'update-user', userId: id, facts: { department: `Department ${round}` } }
    : { do: 'unassign', userId: id, skuId: direct.skuId, groupId: null };
};

/** `users`: of each tenant. */
export const startTenants = async (users: readonly number[]): Promise<Simulator> => {
  const { answer, end } = await start({ role: 'simulator', users, secret: `bench~${randomUUID()}` });
  const places = answer as readonly Place[];
  const [place] = places;
  if (place === undefined) throw new Error('The simulator has no tenant');

  const control = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> => {
    const reply = await request(`${place.url}/_control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`The simulator refused ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    place,
    places,
    async traffic(work) {
      await control('DELETE', '/statistics');
      const result = await work();
      return { result, traffic: trafficOf((await control('GET', '/statistics')) as Report) };
    },
    async change(round) {
      const [size = 0] = users;
      const count = Math.max(1, Math.round(size / 1000));
      const step = Math.floor(size / count);
      const changes: unknown[] = [];
      for (let number = 0; number < count; number += 1) {
        const at = number * step + (round % step);
        const [user] = (await control('GET', `/tenants/0/truth/users?from=${at}&count=1`)) as TruthUser[];
        if (user !== undefined) changes.push(changeOf(user, round));
      }
      await control('POST', '/tenants/0/mutations', changes);
    },
    end,
  };
};
