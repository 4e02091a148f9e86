import type { Route } from '@itsm-m365/plugin-api';
import { confirmHeld } from './routes/confirmation.ts';
import { listEvidence, oneEvidence } from './routes/evidence.ts';
import { guide, listGroups, listSkus } from './routes/lists.ts';
import { listPortals, onePortal } from './routes/portals.ts';

export const importRoutes: readonly Route[] = [
  listPortals,
  onePortal,
  listSkus,
  confirmHeld,
  listEvidence,
  oneEvidence,
  listGroups,
  guide,
];
