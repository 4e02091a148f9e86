import type { TestDatabase } from '@itsm-m365/database/testing';
import type { Services, Tickets } from '@itsm-m365/plugin-api';
import {
  loopbackTcp,
  type MemorySettings,
  memoryLogger,
  memorySecrets,
  memorySettings,
  seededRandom,
} from '@itsm-m365/plugin-api/testing';
import { Agent } from 'undici';

export interface MailServices extends Services {
  readonly settings: MemorySettings;
}

/** What the core lends, on a real database; settings and secrets are kept in memory, and nothing is told to anybody. */
export const mailServices = ({ db, clock }: Pick<TestDatabase, 'db' | 'clock'>, tickets?: Tickets): MailServices => ({
  db,
  logger: memoryLogger(),
  clock,
  random: seededRandom(1),
  http: new Agent(),
  tcp: loopbackTcp(),
  secrets: memorySecrets(),
  settings: memorySettings(),
  notify: { send: async () => undefined },
  publicUrl: undefined,
  tickets,
});
