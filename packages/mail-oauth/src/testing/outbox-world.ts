import { migrate } from '@itsm-m365/database';
import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import { defineErrors, type Randomness } from '@itsm-m365/plugin-api';
import { memoryLogger, seededRandom } from '@itsm-m365/plugin-api/testing';
import type { Envelope, Submission } from '../channels/channel.ts';
import type { ChannelFault } from '../channels/fault.ts';
import { mailMigrations } from '../migrations.ts';
import type { DeliverDeps, Hold, SendingAccount } from '../outbox/account.ts';
import { enqueue, type OutboxMail } from '../outbox/enqueue.ts';
import { type OutboxRow, outbox } from '../tables.ts';

export const accountId = '11111111-1111-4111-8111-111111111111';

const errors = defineErrors({
  TEST_REFUSED: {
    kind: 'remote',
    message: { en: 'refused', de: 'abgelehnt' },
    remedy: { en: 'none', de: 'keine' },
  },
  TEST_GRANT_DEAD: {
    kind: 'credentials',
    message: { en: 'dead', de: 'tot' },
    remedy: { en: 'sign in', de: 'anmelden' },
  },
});

export const grantDead = () => errors.TEST_GRANT_DEAD();

/** The other side: takes messages, keeps their Message-IDs in Sent Items, and fails as it is told. */
export interface FakeServer {
  /** Message-IDs in the order in which they were taken; one that stands twice was doubled. */
  readonly taken: string[];
  readonly opened: () => number;
  /** What the next sends do instead of taking; the mail counts as taken where `takes` is set. */
  readonly script: { readonly error: unknown; readonly takes?: boolean }[];
  readonly open: (signal: AbortSignal) => Promise<Submission>;
  readonly findSent: (messageId: string) => Promise<boolean>;
}

export const fakeServer = (): FakeServer => {
  const taken: string[] = [];
  const script: { readonly error: unknown; readonly takes?: boolean }[] = [];
  let opened = 0;
  return {
    taken,
    script,
    opened: () => opened,
    open: async () => {
      opened += 1;
      return {
        facts: { protocol: 'smtp', capabilities: [] },
        verify: async () => undefined,
        send: async (_envelope: Envelope, mime: Buffer) => {
          const next = script.shift();
          const id = /^Message-ID: (.*)$/im.exec(mime.toString('utf8'))?.[1]?.trim() ?? '';
          if (next === undefined || next.takes === true) taken.push(id);
          if (next !== undefined) throw next.error;
          return { reply: '250 2.0.0 OK', refused: [] };
        },
        close: async () => undefined,
      };
    },
    findSent: async (messageId) => taken.includes(messageId),
  };
};

export interface OutboxWorld {
  readonly test: TestDatabase;
  readonly deps: DeliverDeps & { readonly random: Randomness };
  readonly logger: ReturnType<typeof memoryLogger>;
  readonly server: FakeServer;
  account(overrides?: Partial<SendingAccount>): SendingAccount;
  hold(ticket?: string, overrides?: Partial<Hold>): Hold;
  mail(key: string, overrides?: Partial<OutboxMail>): OutboxMail;
  add(key: string, overrides?: Partial<OutboxMail>): Promise<string>;
  rows(): Promise<readonly OutboxRow[]>;
  row(key: string): Promise<OutboxRow>;
  close(): Promise<void>;
}

/** An empty outbox on a real database, and a server that takes everything. */
export const openOutbox = async (engine: TestEngine): Promise<OutboxWorld> => {
  const test = await engine.open();
  await migrate(test.db, [{ plugin: 'mail-oauth', migrations: mailMigrations }], { mode: 'apply', clock: test.clock });
  const logger = memoryLogger();
  const server = fakeServer();
  const deps = {
    db: test.db,
    clock: test.clock,
    random: seededRandom(7),
    logger,
    faultError: (fault: ChannelFault) => errors.TEST_REFUSED({}, { cause: fault }),
  };
  const mail = (key: string, overrides: Partial<OutboxMail> = {}): OutboxMail => ({
    account: accountId,
    eventKey: key,
    from: 'support@example.test',
    fromName: 'Support',
    to: ['ann@example.test'],
    subject: `Ticket ${key}`,
    text: 'canary of the body',
    automatic: true,
    ...overrides,
  });
  const rows = () =>
    test.db.read((trx) => trx.rows(outbox, (query) => query.orderBy('created_at').orderBy('event_key')));
  return {
    test,
    deps,
    logger,
    server,
    mail,
    rows,
    account: (overrides = {}) => ({
      id: accountId,
      name: 'Support',
      unknownOutcome: 'hold',
      perRecipientHour: 20,
      open: server.open,
      findSent: server.findSent,
      ...overrides,
    }),
    hold: (ticket = 'ticket-1', overrides = {}) => ({
      ticket,
      fence: async () => undefined,
      signal: new AbortController().signal,
      ...overrides,
    }),
    add: async (key, overrides) => (await enqueue(deps, mail(key, overrides))).id,
    row: async (key) => {
      const found = (await rows()).find((row) => row.event_key === key);
      if (found === undefined) throw new Error(`no mail ${key}`);
      return found;
    },
    close: () => test.close(),
  };
};
