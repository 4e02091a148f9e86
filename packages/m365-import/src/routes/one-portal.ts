import type { Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { Portal } from '../connect.ts';
import { importErrors } from '../errors.ts';
import { portals } from '../portals.ts';

/** The parameter's name is the type of the scope. */
export const portalParams = Type.Object({ portal: Type.String({ minLength: 1, maxLength: 36 }) });

/** Throws `PORTAL_UNKNOWN`. */
export const findPortal = async (services: Services, id: string): Promise<Portal> => {
  const portal = await services.settings.item(portals, id);
  if (portal === undefined) throw importErrors.PORTAL_UNKNOWN({ portal: id });
  return portal;
};
