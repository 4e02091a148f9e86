import type { Migration } from '@itsm-m365/plugin-api';
import { migration as first } from './migrations/001-mail.ts';

/** In order; never renamed, never edited after a release. */
export const mailMigrations: readonly Migration[] = [first];
