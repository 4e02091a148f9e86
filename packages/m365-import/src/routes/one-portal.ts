import type { Permission, RouteRequest, Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { Portal } from '../connect.ts';
import { importErrors } from '../errors.ts';
import { portalScope } from '../permissions.ts';
import { portals } from '../portals.ts';

type Asking = Pick<RouteRequest<unknown, unknown, unknown>, 'allows' | 'require'>;

/** A right for the one portal is enough; without it, the right for all is needed. */
export const permit = async (ask: Asking, permission: Permission, portal: string): Promise<void> => {
  if (await ask.allows(permission, portalScope(portal))) return;
  await ask.require(permission);
};

/** The parameter's name is the type of the scope. */
export const portalParams = Type.Object({ portal: Type.String({ minLength: 1, maxLength: 36 }) });

/** Throws `PORTAL_UNKNOWN`. */
export const findPortal = async (services: Services, id: string): Promise<Portal> => {
  const portal = await services.settings.item(portals, id);
  if (portal === undefined) throw importErrors.PORTAL_UNKNOWN({ portal: id });
  return portal;
};
