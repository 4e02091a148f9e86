import type { Migration } from '@itsm-m365/plugin-api';
import { statusMigration } from './migrations/001-status.ts';

/** In order. */
export const complianceMigrations: readonly Migration[] = [statusMigration];
