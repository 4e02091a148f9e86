import { randomInt } from 'node:crypto';
import { openEnd } from '@itsm-m365/plugin-api';
import { type ListedSku, type ListedUser, readTenant } from './graph-pages.ts';
import type { FloorKeys, Place, Prepared } from './roles.ts';
import { countRows, openRaw } from './store-file.ts';

/*
 * The floor: reads the same pages and writes the same final rows, by prepared statements in one transaction, as they come.
 * No staging, no comparison, no checks, no history, and nothing to fall back on when it breaks off.
 */

const personTypeOf = (user: ListedUser & { readonly '@odata.type'?: string }): string => {
  if (user['@odata.type']?.toLowerCase().endsWith('.agentuser')) return 'agent';
  return user.userType?.toLowerCase() ?? 'unknown';
};

/**
 * Keys of persons. `random`: as the schema wants them, so that rows fall all over the tables. `ascending`: every insert
 * goes to the end, which is the fastest that these tables can be written, and tells who came first.
 */
const keysOf = (order: FloorKeys): (() => number) => {
  let last = 0;
  if (order === 'random') return () => randomInt(1, 2 ** 47) * 64 + randomInt(64);
  return () => {
    last += randomInt(1, 2 ** 32);
    return last;
  };
};

const writer = (file: string, tenant: string, newKey: () => number) => {
  const db = openRaw(file);
  const into = (table: string, columns: string) =>
    db.prepare(`insert into ${table} (${columns}) values (${columns.replace(/\w+/g, '?')})`);
  const contact = into(
    'lic_contact',
    'person, tenant, object_id, source, display_name, upn, upn_key, mail, mail_key, given_name, surname, fingerprint, created_at, changed_at',
  );
  const fact = into(
    'lic_person_fact',
    'person, valid_from, valid_to, enabled, person_type, department, company, cost_centre, country, usage_location, fingerprint',
  );
  const assignment = into(
    'lic_assignment',
    'licence, person, path, valid_from, valid_to, holds, state, error, observed_at',
  );
  const position = into(
    'lic_position',
    'licence, valid_from, valid_to, enabled, warning, suspended, locked_out, consumed, paid, grace, trial, seats_end_at, capability_status, applies_to',
  );
  const now = Date.now();
  const numbers = new Map<string, number>();

  const writeSku = (sku: ListedSku): void => {
    const licence = numbers.size + 1;
    numbers.set(sku.skuId, licence);
    const { enabled = 0, warning = 0, suspended = 0, lockedOut = 0 } = sku.prepaidUnits;
    const units = [enabled, warning, suspended, lockedOut, sku.consumedUnits, enabled, warning, 0];
    position.run(licence, now, openEnd, ...units, openEnd, sku.capabilityStatus, sku.appliesTo);
  };

  const writePerson = (user: ListedUser, key: number): void => {
    const upn = user.userPrincipalName ?? '';
    const mail = user.mail ?? '';
    const names = [user.displayName ?? '', upn, upn.toLowerCase(), mail, mail.toLowerCase()];
    contact.run(key, tenant, user.id, 'm365', ...names, user.givenName ?? '', user.surname ?? '', key, now, now);
    const place = [user.country ?? '', user.usageLocation ?? ''];
    const work = [user.department ?? '', user.companyName ?? '', user.employeeOrgData?.costCenter ?? ''];
    fact.run(key, now, openEnd, user.accountEnabled === false ? 0 : 1, personTypeOf(user), ...work, ...place, key);
  };

  const writeUser = (user: ListedUser): void => {
    const held = new Set(user.assignedLicenses.map(({ skuId }) => skuId));
    let key = 0;
    for (const { skuId, assignedByGroup, state, error } of user.licenseAssignmentStates) {
      const licence = numbers.get(skuId);
      if (licence === undefined) continue;
      if (key === 0) {
        key = newKey();
        writePerson(user, key);
      }
      const failure = error === null || error === 'None' ? '' : error;
      const holds = held.has(skuId) ? 1 : 0;
      assignment.run(licence, key, assignedByGroup ?? '', now, openEnd, holds, state, failure, now);
    }
  };

  return { db, writeSku, writeUser };
};

export const prepareFloor = async (file: string, place: Place, keys: FloorKeys): Promise<Prepared> => {
  const reader = readTenant(place);
  const { db, writeSku, writeUser } = writer(file, place.tenantId, keysOf(keys));
  return {
    async work() {
      let users = 0;
      db.exec('begin immediate');
      for (const sku of await reader.skus()) writeSku(sku);
      for await (const page of reader.users()) {
        for (const user of page) writeUser(user);
        users += page.length;
      }
      db.exec('commit');
      return { users };
    },
    rows: () => countRows(db),
    async close() {
      db.close();
      await reader.close();
    },
  };
};
