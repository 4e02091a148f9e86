import { type OpenDatabase, openDatabase } from '@itsm-m365/database';
import type { SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import { machineClock } from '@itsm-m365/server-tasks';
import type { Client } from './client.ts';
import { type Folder, temporaryFolder } from './folder.ts';
import { type Nodes, nodesOn } from './nodes.ts';
import { addPortal, portalOf } from './portals.ts';
import { endAll } from './processes.ts';
import { type Simulated, simulate } from './simulated.ts';
import { openServerDatabase, type ServerDatabase } from './sql-server.ts';

/** Many small tenants, one database, and nodes to come. */
export interface ManyPortals {
  readonly simulated: Simulated;
  readonly nodes: Nodes;
  readonly server: ServerDatabase;
  /** The test's own look at the database. */
  readonly db: OpenDatabase;
  /** Tenants by the id of their portal; filled by {@link ManyPortals.configure}. */
  readonly tenants: ReadonlyMap<string, SimulatorTenant>;
  /** Enters a portal for each tenant, as an administrator does. */
  configure(client: Client): Promise<void>;
  /** Buys a seat in every tenant, and gives one person a licence or takes it away: each import has something to publish. */
  change(): void;
  /** The portal's tenant. */
  tenantOf(portal: string): SimulatorTenant;
  close(): Promise<void>;
}

/** A change that no guard holds, and that the next call takes back in part. */
export const changeTenant = (tenant: SimulatorTenant): void => {
  const [sku] = tenant.truth.skus();
  const [user] = tenant.truth.users(0, 1);
  if (sku === undefined || user === undefined) throw new Error(`${tenant.displayName} is empty`);
  tenant.setSeats(sku.skuId, sku.units.enabled + 1);
  if (user.paths.some(({ skuId }) => skuId === sku.skuId)) tenant.unassign(user.id, sku.skuId);
  else tenant.assign(user.id, sku.skuId);
};

export const openManyPortals = async (url: string, count: number): Promise<ManyPortals> => {
  const folder: Folder = temporaryFolder();
  const roles = ['User.Read.All', 'Organization.Read.All', 'GroupMember.Read.All'];
  const small = { users: 12, skus: 3, assignmentsPerUser: 2, apps: [{ roles }] };
  const simulated = await simulate(...Array.from({ length: count }, () => small));
  const server = await openServerDatabase(url);
  const database = { ...server.owner, encrypt: false };
  const db = await openDatabase(database, { clock: machineClock });
  const tenants = new Map<string, SimulatorTenant>();
  return {
    simulated,
    nodes: nodesOn({ folder: folder.path, simulatorUrl: simulated.url, database }),
    server,
    db,
    tenants,
    async configure(client) {
      for (const [number, tenant] of simulated.simulator.tenants.entries()) {
        const { id } = await addPortal(client, portalOf(tenant, `Portal ${number}`));
        tenants.set(id, tenant);
      }
    },
    change() {
      for (const tenant of tenants.values()) changeTenant(tenant);
    },
    tenantOf(portal) {
      const tenant = tenants.get(portal);
      if (tenant === undefined) throw new Error(`there is no portal ${portal}`);
      return tenant;
    },
    async close() {
      endAll();
      await db.close();
      await simulated.close();
      await server.drop();
      folder.remove();
    },
  };
};
