import { randomGuid } from '../random.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import type { Flow } from './client-proof.ts';
import type { Resource } from './resources.ts';
import type { AskedScopes } from './scopes.ts';

/** One sign-in of a user to an app, from which its tokens descend. */
export interface Grant {
  readonly id: string;
  readonly tenant: SimulatorTenant;
  readonly app: SimulatorApp;
  readonly userId: string;
  readonly flow: Flow;
  /** Place in the tenant's order of events. */
  readonly order: number;
  readonly at: number;
  readonly secondFactor: boolean;
  readonly nonce: string | undefined;
}

export interface CodeRecord {
  readonly grant: Grant;
  readonly asked: AskedScopes;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly expiresAt: number;
  redeemed: boolean;
}

export interface RefreshRecord {
  readonly grant: Grant;
  readonly order: number;
  readonly issuedAt: number;
  /** What a request without a scope gets. */
  readonly resource: Resource;
  readonly openid: boolean;
  readonly parent: RefreshRecord | undefined;
  used: boolean;
  /** With strict rotation: when it dies because its successor was used. */
  diesAt: number | undefined;
}

export interface DeviceRecord {
  readonly tenant: SimulatorTenant | undefined;
  readonly clientId: string;
  readonly asked: AskedScopes;
  readonly userCode: string;
  readonly expiresAt: number;
  intervalSeconds: number;
  lastAskedAt: number | undefined;
  state: 'pending' | 'declined' | 'approved' | 'redeemed';
  grant: Grant | undefined;
}

/** Everything handed out and not yet at its end; opaque texts to the client. */
export interface Grants {
  readonly codes: Map<string, CodeRecord>;
  readonly refreshTokens: Map<string, RefreshRecord>;
  readonly devices: Map<string, DeviceRecord>;
  create(grant: Omit<Grant, 'id' | 'order' | 'at'>): Grant;
  /** An opaque text of the given length, from the simulator's randomness. */
  opaque(prefix: string, length: number): string;
  refreshToken(
    grant: Grant,
    options: { readonly resource: Resource; readonly openid: boolean; readonly parent?: RefreshRecord },
  ): string;
}

export const createGrants = (world: World): Grants => {
  const refreshTokens = new Map<string, RefreshRecord>();

  const opaque = (prefix: string, length: number): string => {
    let text = prefix;
    while (text.length < length) {
      text += Buffer.from(randomGuid(world.random).replaceAll('-', ''), 'hex').toString('base64url');
    }
    return text.slice(0, length);
  };

  return {
    codes: new Map(),
    refreshTokens,
    devices: new Map(),
    opaque,
    create: (grant) => ({
      ...grant,
      id: randomGuid(world.random),
      order: grant.tenant.identity.tick(),
      at: serviceNow(world),
    }),
    refreshToken: (grant, { resource, openid, parent }) => {
      const token = opaque('1.AT', Math.max(64, world.options.refreshTokenCharacters ?? 1200));
      const order = grant.tenant.identity.tick();
      const record = { grant, order, issuedAt: serviceNow(world), resource, openid, parent };
      refreshTokens.set(token, { ...record, used: false, diesAt: undefined });
      return token;
    },
  };
};
