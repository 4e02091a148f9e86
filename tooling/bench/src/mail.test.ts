import { serversMissing } from '@itsm-m365/mail-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareBareMail } from './bare-mail.ts';
import { serveMail } from './mail-place.ts';
import { prepareMail } from './product-mail.ts';
import type { Kept, MailPlace, Prepared } from './roles.ts';
import { keepStore } from './store.ts';
import { watchProcess } from './watch.ts';

const missing = serversMissing('dovecot');

describe.skipIf(missing)(`mailboxes at Dovecot${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let kept: Kept;
  let place: MailPlace;
  beforeAll(async () => {
    kept = await serveMail({ role: 'mail', mailboxes: 6, messages: 21 });
    place = kept.answer as MailPlace;
  }, 60_000);
  afterAll(() => kept?.remove());

  const factsOf = async (prepared: Prepared): Promise<Record<string, number>> => {
    const watch = watchProcess();
    const done = await prepared.work(watch);
    await watch.stop();
    const facts = { ...done, ...(await prepared.rows?.()) };
    await prepared.close();
    return facts;
  };
  const fetched = async (accounts: MailPlace['accounts']): Promise<Record<string, number>> => {
    const store = await keepStore('sqlite');
    try {
      return await factsOf(await prepareMail(store.answer as never, { ...place, accounts }));
    } finally {
      await store.remove();
    }
  };

  it('give the product and bare imapflow the same messages, byte for byte', async () => {
    const bare = await factsOf(await prepareBareMail(place, false));
    expect(bare.messages).toBe(21);
    expect(await fetched(place.accounts.slice(0, 1))).toMatchObject(bare);
  }, 60_000);

  it('are fetched all, with as many connections at one time as accounts may be worked on', async () => {
    const facts = await fetched(place.accounts);
    expect(facts).toMatchObject({ messages: 6 * 21, connectionsMost: 4 });
  }, 60_000);
});
