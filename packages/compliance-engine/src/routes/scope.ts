import { products } from '@itsm-m365/licence-catalog';
import type { RouteRequest, Services } from '@itsm-m365/plugin-api';
import { readPermission } from '../permissions.ts';

type Asking = Pick<RouteRequest<unknown, unknown, unknown>, 'allows' | 'require'>;

/** The portals whose compliance the actor may see; undefined: all. A provider keeps its customers apart by this. */
export const visiblePortals = async (
  request: Asking,
  { db }: Pick<Services, 'db'>,
): Promise<readonly string[] | undefined> => {
  if (await request.allows(readPermission)) return undefined;
  const rows = await db.read(async (trx) => {
    const found: { portal: string }[] = await trx.from(products).distinct('portal').orderBy('portal');
    return found;
  });
  const seen: string[] = [];
  for (const { portal } of rows) {
    if (portal !== '' && (await request.allows(readPermission, { type: 'portal', id: portal }))) seen.push(portal);
  }
  return seen;
};

/** @throws FORBIDDEN. Products made by hand belong to no portal and need the permission for everything. */
export const requirePortal = (request: Asking, portal: string): Promise<void> =>
  portal === '' ? request.require(readPermission) : request.require(readPermission, { type: 'portal', id: portal });
