import { defineRoute, permit } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { confirm } from '../confirmations.ts';
import { importErrors } from '../errors.ts';
import { isHeldKind } from '../guard.ts';
import { importPermissions, portalScope } from '../permissions.ts';
import { readMemory } from '../state.ts';
import { findPortal, portalParams } from './one-portal.ts';

const { confirmRemoval } = importPermissions;

export const confirmHeld = defineRoute({
  method: 'POST',
  path: '/portals/:portal/confirmation',
  summary: 'Confirms a held import: the next run may remove up to the number seen',
  permission: confirmRemoval,
  params: portalParams,
  body: Type.Object({ count: Type.Integer({ minimum: 0 }) }, { additionalProperties: false }),
  response: Type.Object({ kind: Type.String(), count: Type.Integer() }),
  async handle(request, services) {
    const { portal: id } = request.params;
    await permit(request, confirmRemoval, portalScope(id));
    const portal = await findPortal(services, id);
    const { state } = await readMemory(services.db, id);
    const kind = state?.held_kind ?? '';
    const count = state?.held_count ?? 0;
    const { name } = portal.value;
    if (!isHeldKind(kind)) throw importErrors.IMPORT_NOT_HELD({ portal: name });
    if (request.body.count !== count)
      throw importErrors.HELD_COUNT_CHANGED({ portal: name, count, seen: request.body.count });
    const word = { id: services.random.uuid(), portal: id, kind, count, actor: request.actor };
    await services.db.write((trx) => confirm(trx, word, services.clock.now()));
    await request.audit({ action: 'm365-import.removal.confirmed', object: `portal/${id}`, details: { kind, count } });
    return { kind, count };
  },
});
