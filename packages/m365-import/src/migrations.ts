import type { Migration } from '@itsm-m365/plugin-api';
import { migration as first } from './migrations/001-import.ts';

/** In order; never renamed, never edited after a release. */
export const importMigrations: readonly Migration[] = [first];
