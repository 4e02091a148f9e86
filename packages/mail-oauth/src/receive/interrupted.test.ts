import { eachDatabase } from '@itsm-m365/database/testing';
import type { Database, Tickets } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { Mailbox } from '../channels/channel.ts';
import { mailboxDouble } from '../testing/mailbox-double.ts';
import { mime, type Receiving } from '../testing/receiving.ts';
import { receivingWorld } from '../testing/receiving-world.ts';

/** A process that dies at its n-th step: nothing of it works any more, whatever catches the error. */
const mortal = (dies: number, when: 'before' | 'after') => {
  let steps = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Error('killed');
  };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) die();
    steps += 1;
    const last = steps === dies;
    if (last && when === 'before') die();
    // What was refused was done as well.
    const result = await work().catch((error: unknown) => (last ? die() : Promise.reject(error)));
    return last || dead ? die() : result;
  };
  const mailbox = (inner: Mailbox): Mailbox => ({
    facts: inner.facts,
    now: () => step(() => inner.now()),
    read: (key) => step(() => inner.read(key)),
    acknowledge: (keys, how) => step(() => inner.acknowledge(keys, how)),
    close: () => inner.close(),
    async *list(position) {
      const pages = inner.list(position)[Symbol.asyncIterator]();
      for (;;) {
        const next = await step(() => pages.next());
        if (next.done === true) return;
        yield next.value;
      }
    },
  });
  const db = (inner: Database): Database => ({
    dialect: inner.dialect,
    capabilities: inner.capabilities,
    name: (table) => inner.name(table),
    read: (work) => step(() => inner.read(work)),
    write: (work) => step(() => inner.write(work)),
    load: (table, rows) => step(() => inner.load(table, rows)),
    close: () => inner.close(),
  });
  const tickets = (inner: Tickets): Tickets => ({
    receive: (mail, signal) => step(() => inner.receive(mail, signal)),
  });
  return { mailbox, db, tickets, died: () => dead };
};

const names = ['one', 'two', 'three', 'four'] as const;

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`a fetch that is killed, on ${engine.name}`, () => {
    const world = receivingWorld(engine);

    /** Two pages of messages, one of which the host refuses at first. */
    const prepared = (): Receiving => {
      const box = mailboxDouble({ pageSize: 2 });
      for (const name of names) box.deliver(mime(name));
      const one = world.receiving(box);
      let refused = false;
      one.tickets.answer = (mail) => {
        if (mail.messageId !== '<two@example.com>' || refused) return;
        refused = true;
        throw new Error('not now');
      };
      return one;
    };

    /** Tells what each message came to, for a comparison in one piece. */
    const outcome = async (one: Receiving) => {
      const { box, tickets } = one;
      const rows = await world.rowsOf(one);
      return {
        given: names.map((name) => {
          const all = tickets.given.filter(({ messageId }) => messageId === `<${name}@example.com>`);
          const grows = all.every(({ attempt }, at) => at === 0 || attempt > (all[at - 1]?.attempt ?? 0));
          return { name, given: all.length > 0, ids: new Set(all.map(({ id }) => id)).size, grows };
        }),
        rows: rows.map(({ state, acknowledged }) => `${state} ${acknowledged}`),
        seen: box.kept().map(({ seen }) => seen),
        position: (await world.stateOf(one))?.position,
      };
    };

    const perfect = {
      given: names.map((name) => ({ name, given: true, ids: 1, grows: true })),
      rows: names.map(() => 'taken true'),
      seen: names.map(() => true),
      position: { kind: 'imap', folder: 'INBOX', uidValidity: '100', uid: 4, mailbox: 'support@example.com' },
    };

    it.each(['before', 'after'] as const)(
      'loses nothing and hands nothing over twice unnoticed, killed %s any of its steps',
      async (when) => {
        let died = 0;
        for (let at = 1; ; at += 1) {
          const one = prepared();
          const process = mortal(at, when);
          const mailbox = one.box.open();
          await one
            .fetch({
              mailbox: process.mailbox(mailbox),
              db: process.db(world.db),
              tickets: process.tickets(one.tickets),
            })
            .catch(() => undefined);
          for (let again = 0; again < 2; again += 1) await one.fetch();
          expect({ at, ...(await outcome(one)) }).toEqual({ at, ...perfect });
          if (!process.died()) break;
          died += 1;
        }
        expect(died).toBeGreaterThan(30);
      },
      300_000,
    );

    it('reads a message again whose connection broke before or within it', async () => {
      for (const where of ['before', 'within'] as const) {
        const one = prepared();
        one.box.breakNextRead(where);
        await expect(one.fetch()).rejects.toMatchObject({ facts: { code: 'ECONNRESET' } });
        for (let again = 0; again < 2; again += 1) await one.fetch();
        expect(await outcome(one)).toEqual(perfect);
      }
    });
  });
