import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator/dispatcher';
import { type Dispatcher, request } from 'undici';
import type { Place } from './roles.ts';

/*
 * The least that can be done to read the same pages as the product: undici, gzip, the next page fetched while the last
 * one is worked on. No retries, no limits, no checks.
 */

const expand = promisify(gunzip);
const graph = 'https://graph.microsoft.com/v1.0';

/** The fields that the product asks for (`userFields` of m365-import); the bench warns where the bytes read differ. */
export const userSelect = [
  'id,displayName,givenName,surname,userPrincipalName,mail,accountEnabled,userType,department,companyName,country',
  'usageLocation,employeeOrgData,assignedLicenses,licenseAssignmentStates',
].join(',');

export interface ListedUser {
  readonly id: string;
  readonly displayName?: string | null;
  readonly givenName?: string | null;
  readonly surname?: string | null;
  readonly userPrincipalName?: string | null;
  readonly mail?: string | null;
  readonly accountEnabled?: boolean | null;
  readonly userType?: string | null;
  readonly department?: string | null;
  readonly companyName?: string | null;
  readonly country?: string | null;
  readonly usageLocation?: string | null;
  readonly employeeOrgData?: { readonly costCenter?: string | null } | null;
  readonly assignedLicenses: readonly { readonly skuId: string }[];
  readonly licenseAssignmentStates: readonly {
    readonly skuId: string;
    readonly assignedByGroup: string | null;
    readonly state: string;
    readonly error: string | null;
  }[];
}

export interface ListedSku {
  readonly skuId: string;
  readonly appliesTo: string;
  readonly capabilityStatus: string;
  readonly consumedUnits: number;
  readonly prepaidUnits: Readonly<Record<'enabled' | 'warning' | 'suspended' | 'lockedOut', number | undefined>>;
}

interface Answer<T> {
  readonly value: readonly T[];
  readonly '@odata.nextLink'?: string;
}

export interface Reader {
  skus(): Promise<readonly ListedSku[]>;
  users(): AsyncGenerator<readonly ListedUser[]>;
  close(): Promise<void>;
}

const tokenOf = async (http: Dispatcher, { tenantId, clientId, secret }: Place): Promise<string> => {
  const form = { client_id: clientId, client_secret: secret, grant_type: 'client_credentials' };
  const { body } = await request(`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`, {
    dispatcher: http,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, scope: 'https://graph.microsoft.com/.default' }).toString(),
  });
  return ((await body.json()) as { readonly access_token: string }).access_token;
};

/** Reads what an import reads: SKUs, purchases, where later changes start, all users. */
export const readTenant = (place: Place): Reader => {
  const http = simulatorDispatcher(place.url);
  let token: Promise<string> | undefined;

  const get = async <T>(url: string): Promise<Answer<T>> => {
    token ??= tokenOf(http, place);
    const { statusCode, headers, body } = await request(url, {
      dispatcher: http,
      headers: { authorization: `Bearer ${await token}`, 'accept-encoding': 'gzip' },
    });
    const raw = Buffer.from(await body.arrayBuffer());
    const text = headers['content-encoding'] === 'gzip' ? await expand(raw) : raw;
    if (statusCode !== 200) throw new Error(`Graph answered ${statusCode} to ${url}`);
    return JSON.parse(text.toString('utf8')) as Answer<T>;
  };

  return {
    async skus() {
      const { value } = await get<ListedSku>(`${graph}/subscribedSkus`);
      await get(`${graph}/directory/subscriptions`);
      await get(`${graph}/users/delta?$deltatoken=latest&$select=id`);
      return value;
    },
    async *users() {
      let coming: Promise<Answer<ListedUser>> | undefined = get(`${graph}/users?$top=999&$select=${userSelect}`);
      while (coming !== undefined) {
        const page: Answer<ListedUser> = await coming;
        const link = page['@odata.nextLink'];
        coming = link === undefined ? undefined : get(link);
        yield page.value;
      }
    },
    close: () => http.close(),
  };
};
