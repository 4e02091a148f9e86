import { evidence, readEvidence } from '@itsm-m365/licence-catalog';
import { defineRoute, permit } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { importPermissions, portalScope } from '../permissions.ts';
import { portalParams } from './one-portal.ts';

const { readPortals } = importPermissions;

export const listEvidence = defineRoute({
  method: 'GET',
  path: '/portals/:portal/evidence',
  summary: 'Lists the raw answers kept of each run of a portal, newest first',
  permission: readPortals,
  params: portalParams,
  response: Type.Object({
    items: Type.Array(
      Type.Object({ run: Type.String(), kind: Type.String(), sha256: Type.String(), observedAt: Type.Integer() }),
    ),
  }),
  async handle(request, services) {
    const { portal } = request.params;
    await permit(request, readPortals, portalScope(portal));
    const rows = await services.db.read((trx) =>
      trx.rows(evidence, (query) => query.where({ portal }).orderBy('observed_at', 'desc').limit(500)),
    );
    return {
      items: rows.map(({ run, kind, sha256, observed_at }) => ({ run, kind, sha256, observedAt: observed_at })),
    };
  },
});

export const oneEvidence = defineRoute({
  method: 'GET',
  path: '/portals/:portal/evidence/:run/:kind',
  summary: 'Shows one raw answer, checked against its hash',
  permission: readPortals,
  params: Type.Object({ portal: Type.String(), run: Type.String(), kind: Type.String() }),
  response: Type.Object({ sha256: Type.String(), observedAt: Type.Integer(), answer: Type.Unknown() }),
  async handle(request, services) {
    const { portal, run, kind } = request.params;
    await permit(request, readPortals, portalScope(portal));
    const found = await services.db.read((trx) => readEvidence(trx, { portal, run, kind }));
    const { sha256, observedAt, bytes } = found;
    return { sha256, observedAt, answer: JSON.parse(bytes.toString('utf8')) };
  },
});
