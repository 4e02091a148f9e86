import { type SelfSignedCertificate, selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import type { Instant } from '@itsm-m365/plugin-api';
import { addPortal, changePortal, portalOf, removePortal } from '../end-to-end/surroundings/portals.ts';
import type { Answers, FactsOfTenant, PortalRecord } from './record.ts';
import { recordPortal } from './record.ts';
import type { World } from './world.ts';

export const day = 86_400_000;

export interface KeptCredential {
  readonly key: string;
  /** Not valid any more from here on. */
  readonly end: Instant;
}

/** A portal as the test knows it: its settings, what has to come out of its imports, and when. */
export interface MonthPortal {
  readonly id: string;
  readonly tenant: number;
  readonly record: PortalRecord;
  name: string;
  exclusions: readonly string[];
  active: boolean;
  deleted: boolean;
  /** More is gone at Microsoft than the guard lets through unasked. */
  held: boolean;
  /** From the removal until it was imported nothing else happens there: a confirmation holds up to the count that it names. */
  quiet: boolean;
  credential: KeptCredential;
  lastComplete: Instant | null;
  lastFull: Instant | null;
  /** From each instant on, the answers by SKU. */
  readonly timeline: { readonly at: Instant; readonly answers: ReadonlyMap<string, Answers> }[];
}

const dateOf = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);

export const guardPercent = 25;

/** The settings of the portals, changed as an administrator does it, over HTTP. */
export const createPortals = (world: World) => {
  const facts = new Map<number, FactsOfTenant>();
  const all: MonthPortal[] = [];
  const client = {
    call: async <T>(method: string, path: string, sent: { readonly body?: unknown } = {}) => {
      const answer = await world.host.call(method, path, sent);
      return {
        ...answer,
        headers: new Headers(answer.headers),
        text: JSON.stringify(answer.body),
        body: answer.body as T,
      };
    },
    get: <T>(path: string) => world.call<T>('GET', path),
    post: <T>(path: string, body: unknown) => world.call<T>('POST', path, body),
    put: <T>(path: string, body: unknown) => world.call<T>('PUT', path, body),
  };
  const identity = (number: number): string => {
    const { tenantId, clientId } = world.tenant(number);
    return `${tenantId}/${clientId}`;
  };
  /** A secret that is valid through a day, at Entra and in the settings. */
  const secret = (
    number: number,
    { id, value, end }: { readonly id: string; readonly value: string; readonly end: Instant },
  ) => {
    const [app] = world.tenant(number).apps;
    if (app === undefined) throw new Error('a tenant without an app');
    app.secrets = [...app.secrets.filter((one) => one.value !== value), { value, expiresAt: end }];
    const validUntil = dateOf(end - 1);
    const kept: KeptCredential = { key: `${identity(number)}/${id}/${validUntil}`, end };
    return { kept, stored: { type: 'secret', secretId: id, value, validUntil } };
  };
  const certificate = (number: number, made: SelfSignedCertificate, end: Instant) => {
    world.tenant(number).apps[0]?.addCertificate(made.certificatePem);
    const kept: KeptCredential = { key: `${identity(number)}/${made.thumbprintSha256}`, end };
    return {
      kept,
      stored: { type: 'certificate', certificate: made.certificatePem, privateKey: made.privateKeyPem },
    };
  };
  type Credential = ReturnType<typeof secret> | ReturnType<typeof certificate>;
  return {
    all,
    secret,
    certificate: (number: number, end: Instant) =>
      certificate(
        number,
        selfSignedCertificate({ notBefore: new Date(world.clock.now() - day), notAfter: new Date(end) }),
        end,
      ),
    async add(tenant: number, name: string, { kept, stored }: Credential): Promise<MonthPortal> {
      const more = { credential: stored, guardMaxSharePercent: guardPercent };
      const { id } = await addPortal(client, portalOf(world.tenant(tenant), name, more));
      const known = facts.get(tenant) ?? new Map<string, string>();
      facts.set(tenant, known);
      const portal: MonthPortal = {
        id,
        tenant,
        record: recordPortal(world.tenant(tenant), known),
        name,
        exclusions: [],
        active: true,
        deleted: false,
        held: false,
        quiet: false,
        credential: kept,
        lastComplete: null,
        lastFull: null,
        timeline: [],
      };
      all.push(portal);
      return portal;
    },
    async change(portal: MonthPortal, change: Partial<Pick<MonthPortal, 'name' | 'exclusions' | 'active'>>) {
      await changePortal(client, portal.id, change);
      Object.assign(portal, change);
    },
    async renew(portal: MonthPortal, { kept, stored }: Credential) {
      await changePortal(client, portal.id, { credential: stored });
      portal.credential = kept;
    },
    async remove(portal: MonthPortal) {
      await removePortal(client, portal.id);
      portal.deleted = true;
      portal.record.deleted();
    },
  };
};

export type Portals = ReturnType<typeof createPortals>;
