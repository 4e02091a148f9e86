import { eachDatabase } from '@itsm-m365/database/testing';
import type { Database } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelFault } from '../channels/fault.ts';
import { type OutboxRow, outbox } from '../tables.ts';
import { type FakeServer, fakeServer, type OutboxWorld, openOutbox } from '../testing/outbox-world.ts';
import type { SendingAccount } from './account.ts';
import { deliver } from './deliver.ts';
import { lookupLimits } from './plan-lookup.ts';

/** Ends the process at its n-th step: from then on nothing that it does has any effect, its tidying up included. */
const mortal = (dies: number) => {
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps >= dies) throw new Error('killed');
  };
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const value = await work();
    step();
    return value;
  };
  return { guard, steps: () => steps };
};
type Mortal = ReturnType<typeof mortal>;

const mortalDatabase = (db: Database, { guard }: Mortal): Database => ({
  dialect: db.dialect,
  capabilities: db.capabilities,
  name: (table) => db.name(table),
  read: (work, options) => guard(() => db.read(work, options)),
  write: (work, options) => guard(() => db.write(work, options)),
  load: (table, rows, options) => db.load(table, rows, options),
  close: () => db.close(),
});

const mortalAccount = (account: SendingAccount, { guard }: Mortal): SendingAccount => ({
  ...account,
  open: async (signal) => {
    const open = await guard(() => account.open(signal));
    return {
      ...open,
      // Between the two, the server has the mail and nobody here knows it.
      send: (envelope, mime) => guard(() => open.send(envelope, mime)),
      close: () => guard(() => open.close()),
    };
  },
  findSent: account.findSent && ((id) => guard(async () => (await account.findSent?.(id)) === true)),
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`a process that is killed while sending, on ${engine.name}`, () => {
    let world: OutboxWorld;
    let number = 0;
    beforeAll(async () => {
      world = await openOutbox(engine);
    });
    afterAll(() => world.close());

    interface Story {
      readonly account: SendingAccount;
      readonly server: FakeServer;
      readonly life: (dies: number) => Promise<number>;
      readonly rows: () => Promise<readonly OutboxRow[]>;
    }
    /** Three mails of a new account: the second one loses its answer, which the server takes, and the third is refused once. */
    const begin = async (overrides: Partial<SendingAccount> = {}): Promise<Story> => {
      number += 1;
      const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
      const server = fakeServer();
      const account = world.account({ id, open: server.open, findSent: server.findSent, ...overrides });
      for (const key of ['a', 'b', 'c']) {
        await world.add(key, { account: id });
        world.test.clock.advance(1);
      }
      let lives = 0;
      return {
        account,
        server,
        life: async (dies) => {
          lives += 1;
          const process = mortal(dies);
          const deps = { ...world.deps, db: mortalDatabase(world.test.db, process) };
          const mine = mortalAccount(account, process);
          await deliver(deps, mine, world.hold(`ticket-${number}-${lives}`)).catch((error: unknown) => {
            if (!(error instanceof Error) || error.message !== 'killed') throw error;
          });
          world.test.clock.advance(3 * 60_000);
          return process.steps();
        },
        rows: () => world.test.db.read((trx) => trx.rows(outbox, (query) => query.where({ account: id }))),
      };
    };
    const never = Number.POSITIVE_INFINITY;
    const untilQuiet = async ({ life }: Story): Promise<void> => {
      for (let round = 0; round < 4; round += 1) {
        await life(never);
        world.test.clock.advance(lookupLimits.patienceMs);
      }
    };
    const lost = () =>
      new ChannelFault({ stage: 'data', protocol: 'smtp', server: 's:587', code: 'CLOSED', outcomeUnknown: true });
    const later = () => new ChannelFault({ stage: 'data', protocol: 'smtp', server: 's:587', status: 451 });

    /** Every mail that counts as sent was taken, what was taken twice is told, and nothing is under way or forgotten. */
    const judge = async (story: Story, doubles: number): Promise<readonly OutboxRow[]> => {
      const rows = await story.rows();
      expect(rows).toHaveLength(3);
      for (const row of rows) {
        const times = story.server.taken.filter((id) => id === row.message_id).length;
        expect(['sent', 'held']).toContain(row.state);
        if (row.state === 'sent') expect(times).toBeGreaterThan(0);
        expect(times).toBeLessThanOrEqual(1 + doubles);
        expect(row.claim).toBe('');
      }
      return rows;
    };

    it('loses and doubles nothing at any point, where Sent Items can be asked', async () => {
      const whole = await (await begin()).life(never);
      expect(whole).toBeGreaterThan(20);
      for (let dies = 1; dies <= whole; dies += 1) {
        const story = await begin();
        await story.life(dies);
        await untilQuiet(story);
        const rows = await judge(story, 0);
        // What waits for a person was not taken, and the person is told; what was taken counts as sent.
        for (const row of rows) expect(row.state === 'sent').toBe(story.server.taken.includes(row.message_id));
      }
    });

    it('holds, and never doubles, what cannot be looked up', async () => {
      const whole = await (await begin()).life(never);
      let held = 0;
      for (let dies = 1; dies <= whole; dies += 1) {
        const story = await begin({ findSent: undefined });
        await story.life(dies);
        await untilQuiet(story);
        held += (await judge(story, 0)).filter(({ state }) => state === 'held').length;
      }
      expect(held).toBeGreaterThan(0);
    });

    it('sends everything where the account says so, and doubles only what could not be looked up', async () => {
      const whole = await (await begin()).life(never);
      for (const askable of [true, false])
        for (let dies = 1; dies <= whole; dies += 1) {
          const story = await begin({ unknownOutcome: 'resend', ...(askable ? {} : { findSent: undefined }) });
          await story.life(dies);
          await untilQuiet(story);
          const rows = await judge(story, askable ? 0 : 1);
          expect(rows.every(({ state }) => state === 'sent')).toBe(true);
        }
    });

    it('keeps these laws through any number of deaths, lost answers and refusals', async () => {
      const trouble = fc.constantFrom('taken', 'lost', 'later', 'fine');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
          fc.array(trouble, { maxLength: 4 }),
          async (deaths, troubles) => {
            const story = await begin();
            for (const kind of troubles) {
              if (kind === 'fine') continue;
              story.server.script.push(
                kind === 'later' ? { error: later() } : { error: lost(), takes: kind === 'taken' },
              );
            }
            for (const dies of deaths) await story.life(dies);
            await untilQuiet(story);
            const rows = await judge(story, 0);
            for (const row of rows) expect(row.state === 'sent').toBe(story.server.taken.includes(row.message_id));
          },
        ),
        { numRuns: 40 },
      );
    });
  });
