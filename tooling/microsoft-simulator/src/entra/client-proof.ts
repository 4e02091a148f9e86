import type { SimRequest } from '../http.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import { checkAssertion } from './assertion.ts';
import type { Refused } from './errors.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Who the client says it is, by form or HTTP Basic, and what it shows for it. */
export interface ClientProof {
  readonly clientId: string | undefined;
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
  readonly assertionType: string | undefined;
}

const basicCredentials = (header: string | undefined): readonly [string, string] | undefined => {
  if (header === undefined || !/^basic /i.test(header)) return undefined;
  const [id, ...rest] = Buffer.from(header.slice(6), 'base64').toString('utf8').split(':');
  try {
    // RFC 6749 2.3.1: both parts are form-encoded before they are joined.
    return [decodeURIComponent(id ?? ''), decodeURIComponent(rest.join(':'))];
  } catch {
    return undefined;
  }
};

export const readProof = (request: SimRequest, form: URLSearchParams): ClientProof => {
  const basic = basicCredentials(request.headers.authorization);
  return {
    clientId: basic?.[0] ?? form.get('client_id') ?? undefined,
    secret: basic?.[1] ?? form.get('client_secret') ?? undefined,
    assertion: form.get('client_assertion') ?? undefined,
    assertionType: form.get('client_assertion_type') ?? undefined,
  };
};

/** Judges secrets and assertions, and remembers the assertions it saw. */
export interface ProofDesk {
  /** Why the proof is not good; undefined when it is. `tenantName` is the name the token endpoint was called by. */
  refused(proof: ClientProof, app: SimulatorApp, tenant: SimulatorTenant, tenantName: string): Refused | undefined;
}

export const createProofDesk = (world: World): ProofDesk => {
  const seenAssertions = new Set<string>();

  const refusedAssertion = (
    assertion: string,
    app: SimulatorApp,
    tenant: SimulatorTenant,
    tenantName: string,
  ): Refused | undefined => {
    const place = { endpoint: 'token', tenantId: tenant.tenantId } as const;
    const audiences = [tenantName, tenant.tenantId, tenant.domain].flatMap((name) =>
      [tenant.cloud.loginHost, tenant.cloud.issuerHost].map((host) => `https://${host}/${name}/oauth2/v2.0/token`),
    );
    const refusesReplay = world.faults.strike('assertion-replay-refused', place);
    const replayed = (jti: string): boolean => {
      const seen = seenAssertions.has(jti);
      if (seenAssertions.size > 10_000) seenAssertions.clear();
      seenAssertions.add(jti);
      return seen && refusesReplay !== undefined;
    };
    const timesCode = (): 700024 | 500133 =>
      world.faults.strike('assertion-expired-as-500133', place) === undefined ? 700024 : 500133;
    return checkAssertion(assertion, { app, audiences, now: serviceNow(world, place), replayed, timesCode });
  };

  return {
    refused: ({ secret, assertion, assertionType: type }, app, tenant, tenantName) => {
      if (assertion !== undefined) {
        if (type !== assertionType) return { code: 900144, subject: 'client_assertion_type' };
        return refusedAssertion(assertion, app, tenant, tenantName);
      }
      if (secret === undefined || secret === '') return { code: 7000218, subject: '' };
      const known = app.secrets.find((entry) => entry.value === secret);
      if (known === undefined) return { code: 7000215, subject: app.clientId };
      const expired = known.expiresAt !== undefined && known.expiresAt <= serviceNow(world);
      return expired ? { code: 7000222, subject: app.clientId } : undefined;
    },
  };
};

/** By what a user's grant came to the client: a redirect of its platform, or the device code flow. */
export type Flow = 'code' | 'device-code';

/** A public client must show no credential, a confidential one has to. Entra page: Public and confidential clients. */
export const isPublicFor = (app: SimulatorApp, flow: Flow): boolean => {
  if (flow === 'device-code') return app.allowPublicClient;
  return !(app.secretsRequired ?? app.platform === 'web');
};

/** {@link ProofDesk.refused} for grants of users: a public client that shows a credential is refused as well. */
export const refusedClient = (
  desk: ProofDesk,
  flow: Flow,
  proof: ClientProof,
  app: SimulatorApp,
  tenant: SimulatorTenant,
  tenantName: string,
): Refused | undefined => {
  if (!isPublicFor(app, flow)) return desk.refused(proof, app, tenant, tenantName);
  const shown = proof.assertion !== undefined || (proof.secret !== undefined && proof.secret !== '');
  return shown ? { code: 700025, subject: app.clientId } : undefined;
};
