import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '@itsm-m365/microsoft-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareFloor } from './floor.ts';
import { prepareImport } from './product-import.ts';
import type { Prepared } from './roles.ts';
import { prepareStore } from './store.ts';
import { openRaw } from './store-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-floor-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = async (prepared: Prepared): Promise<void> => {
  await prepared.work();
  await prepared.close();
};

/** Everything that does not depend on a random key or on the clock. */
const contentOf = (file: string): unknown => {
  const db = openRaw(file);
  const all = (query: string): unknown[] => db.prepare(query).raw().all();
  const content = {
    contacts: all(
      'select object_id, tenant, source, display_name, upn, upn_key, mail, mail_key, given_name, surname from lic_contact order by 1',
    ),
    facts: all(
      `select c.object_id, f.enabled, f.person_type, f.department, f.company, f.cost_centre, f.country, f.usage_location, f.valid_to
       from lic_person_fact f join lic_contact c on c.person = f.person order by 1`,
    ),
    // Licences are numbered in another order; how many hold each tells them apart well enough.
    assignments: all(
      `select c.object_id, a.path, a.holds, a.state, a.error, a.valid_to
       from lic_assignment a join lic_contact c on c.person = a.person order by 1, 2, 3, 4, 5`,
    ),
    holders: all('select count(*), sum(holds) from lic_assignment group by licence order by 1, 2'),
    positions: all(
      'select enabled, warning, suspended, locked_out, consumed, applies_to from lic_position order by 1, 2, 3, 4, 5',
    ),
  };
  db.close();
  return content;
};

describe('floor', () => {
  it('writes the same rows as the product', async () => {
    const secret = 'bench~secret';
    const running = await startSimulator({ users: 1500, secret, throttle: false });
    const { tenantId, clientId } = running.simulator.tenant;
    const place = { url: running.url, tenantId, clientId, secret };
    const files = { floor: join(folder, 'floor.db'), product: join(folder, 'product.db') };
    await prepareStore(files.floor);
    await prepareStore(files.product);
    await run(await prepareFloor(files.floor, place, 'random'));
    await run(await prepareImport(files.product, place, false));
    await running.close();
    expect(contentOf(files.floor)).toEqual(contentOf(files.product));
  });
});
