import type { Migration } from '@itsm-m365/plugin-api';
import { migration as catalogue } from './migrations/001-catalogue.ts';
import { migration as evidenceRetention } from './migrations/002-evidence-retention.ts';

/** In order; shapes are frozen with their migration, so that a later change of `tables.ts` does not change the past. */
export const catalogueMigrations: readonly Migration[] = [catalogue, evidenceRetention];
