import { randomInt } from 'node:crypto';
import { openEnd } from '@itsm-m365/plugin-api';
import type { Put } from './bare.ts';
import type { ListedSku, ListedUser } from './graph-pages.ts';
import type { FloorKeys } from './roles.ts';

const personTypeOf = (user: ListedUser & { readonly '@odata.type'?: string }): string => {
  if (user['@odata.type']?.toLowerCase().endsWith('.agentuser')) return 'agent';
  return user.userType?.toLowerCase() ?? 'unknown';
};

/**
 * Keys of persons. `random`: as the schema wants them, so that rows fall all over the tables. `ascending`: every insert
 * goes to the end, which is the fastest that these tables can be written, and tells who came first.
 */
export const keysOf = (order: FloorKeys): (() => number) => {
  let last = 0;
  if (order === 'random') return () => randomInt(1, 2 ** 47) * 64 + randomInt(64);
  return () => {
    last += randomInt(1, 2 ** 32);
    return last;
  };
};

export interface RowMaker {
  sku(sku: ListedSku): void;
  user(user: ListedUser): void;
}

/** Turns what Graph lists into the final rows, column by column as in `columnsOf`. No history, no checks. */
export const rowMaker = (tenant: string, newKey: () => number, put: Put): RowMaker => {
  const now = Date.now();
  const numbers = new Map<string, number>();

  const person = (user: ListedUser, key: number): void => {
    const upn = user.userPrincipalName ?? '';
    const mail = user.mail ?? '';
    const names = [user.displayName ?? '', upn, upn.toLowerCase(), mail, mail.toLowerCase()];
    put('lic_contact', [
      key,
      tenant,
      user.id,
      'm365',
      ...names,
      user.givenName ?? '',
      user.surname ?? '',
      key,
      now,
      now,
    ]);
    const place = [user.country ?? '', user.usageLocation ?? ''];
    const work = [user.department ?? '', user.companyName ?? '', user.employeeOrgData?.costCenter ?? ''];
    const enabled = user.accountEnabled === false ? 0 : 1;
    put('lic_person_fact', [key, now, openEnd, enabled, personTypeOf(user), ...work, ...place, key]);
  };

  return {
    sku(sku) {
      const licence = numbers.size + 1;
      numbers.set(sku.skuId, licence);
      const { enabled = 0, warning = 0, suspended = 0, lockedOut = 0 } = sku.prepaidUnits;
      const units = [enabled, warning, suspended, lockedOut, sku.consumedUnits, enabled, warning, 0];
      put('lic_position', [licence, now, openEnd, ...units, openEnd, sku.capabilityStatus, sku.appliesTo]);
    },
    user(user) {
      const held = new Set(user.assignedLicenses.map(({ skuId }) => skuId));
      let key = 0;
      for (const { skuId, assignedByGroup, state, error } of user.licenseAssignmentStates) {
        const licence = numbers.get(skuId);
        if (licence === undefined) continue;
        if (key === 0) {
          key = newKey();
          person(user, key);
        }
        const failure = error === null || error === 'None' ? '' : error;
        const holds = held.has(skuId) ? 1 : 0;
        put('lic_assignment', [licence, key, assignedByGroup ?? '', now, openEnd, holds, state, failure, now]);
      }
    },
  };
};
