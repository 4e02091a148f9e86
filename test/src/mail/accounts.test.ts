import { enqueue, mailTables } from '@itsm-m365/mail-oauth';
import type { TestReport } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd } from '../end-to-end/surroundings/runs.ts';
import { ann, desk, type MailWorld, mailFrom, openMailWorld, publicUrl, shared } from './surroundings.ts';

interface Begun {
  readonly address: string;
  readonly binding: string;
  readonly user: string;
  readonly redirect: string;
}

interface Shown {
  readonly account: {
    readonly signIn: { readonly state: string; readonly user: string; readonly failure: string };
    readonly cursor: { readonly state: string; readonly reason: string };
    readonly failure: { readonly code: string } | null;
  };
  readonly outbox: Readonly<Record<string, number>>;
}

const [, , , , outbox] = mailTables;

let world: MailWorld;
beforeAll(async () => {
  world = await openMailWorld();
}, 60_000);
afterAll(async () => {
  await world?.close();
});

const fetchMail = () => runToEnd(world.host, 'mail-oauth.fetch');
const sendMail = () => runToEnd(world.host, 'mail-oauth.send');
const show = (account: string) => world.host.get<Shown>(`/mail-oauth/accounts/${account}`);
const subjects = async () => (await world.host.tickets.list({ limit: 100 })).map(({ subject }) => subject).sort();
const failures = ({ steps }: TestReport) => steps.filter(({ outcome }) => outcome === 'failed');

describe('an account that an application signs in for', () => {
  let account = '';

  it('ADV-28: passes the test of the connection, stage by stage, once it is set up', async () => {
    const application = await world.addApplication('app-only');
    account = await world.addAccount({ name: 'Service', mailbox: shared, application });
    const report = await world.host.post<TestReport>(`/mail-oauth/accounts/${account}/test`, {});
    expect(failures(report)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.steps.length).toBeGreaterThan(6);
  });

  it('fetches what is in the mailbox, once, and marks it as read', async () => {
    for (const subject of ['One', 'Two', 'Three'])
      world.simulator.exchange.deliver(shared, mailFrom('x@example.org', subject));
    const run = await fetchMail();
    expect(run.items.map(({ state }) => state)).toEqual(['succeeded']);
    expect(await subjects()).toEqual(['One', 'Three', 'Two']);
    await fetchMail();
    expect(await subjects()).toEqual(['One', 'Three', 'Two']);
    const flags = world.simulator.exchange.truth.messages(shared, 'INBOX').map((message) => message.flags);
    expect(flags.every((one) => one.some((flag) => /seen/i.test(flag)))).toBe(true);
  });

  it('hands an automatic answer over as such', async () => {
    const answer = mailFrom('Ann <ann@example.org>', 'Re: Holiday', ['Auto-Submitted: auto-replied']);
    world.simulator.exchange.deliver(shared, answer);
    await fetchMail();
    const tickets = await world.host.tickets.list({ limit: 100 });
    expect(tickets.find(({ subject }) => subject === 'Re: Holiday')).toMatchObject({
      class: 'auto-reply',
      state: 'closed',
    });
  });

  it('sends what the host queues, once for one event, and marks automatic mail as such', async () => {
    const mail = {
      account,
      eventKey: 'ticket-1',
      from: shared,
      fromName: 'Service',
      to: ['customer@example.org'],
      subject: 'Your ticket',
      text: 'It is being looked at.',
      automatic: true,
    };
    expect((await enqueue(world.host.services, mail)).added).toBe(true);
    expect((await enqueue(world.host.services, mail)).added).toBe(false);
    expect((await show(account)).outbox).toEqual({ queued: 1 });
    const run = await sendMail();
    expect(run.items.map(({ state }) => state)).toEqual(['succeeded']);
    expect((await show(account)).outbox).toEqual({ sent: 1 });
    const out = world.simulator.exchange.truth.outgoing();
    expect(out).toHaveLength(1);
    expect(out[0]).toMatchObject({ to: ['customer@example.org'] });
    const raw = String(out[0]?.raw);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toMatch(/^X-Auto-Response-Suppress: All\r$/m);
  });

  it('finds a mail in Sent Items whose sending was cut off, and does not send it again', async () => {
    world.simulator.faults.enable('smtp-lost-when-taken', { endpoint: 'smtp', times: 1 });
    const mail = { account, eventKey: 'ticket-2', from: shared, fromName: '', to: ['cut@example.org'], subject: 'Cut' };
    await enqueue(world.host.services, { ...mail, text: 'x', automatic: false });
    await sendMail();
    expect((await show(account)).outbox).toEqual({ sent: 1, uncertain: 1 });
    const { items } = await world.host.get<{
      readonly items: readonly { readonly state: string; readonly remedy: { readonly de: string } | null }[];
    }>(`/mail-oauth/accounts/${account}/outbox`);
    expect(items.map(({ state, remedy }) => [state, remedy !== null]).sort()).toEqual([
      ['sent', false],
      ['uncertain', true],
    ]);
    // As if the minutes had passed in which Exchange may still be writing the copy.
    await world.host.services.db.write((trx) =>
      trx.update(outbox, { next_at: 0 }, (query) => query.where({ account })),
    );
    await sendMail();
    expect((await show(account)).outbox).toEqual({ sent: 2 });
    const sent = world.simulator.exchange.truth.outgoing().filter(({ to }) => to.includes('cut@example.org'));
    expect(sent).toHaveLength(1);
  });

  it('sends the notices of the product, where it was chosen for them', async () => {
    const section = '/settings/mail-oauth.options/value';
    const before = await world.host.get<{ readonly version: number }>(section);
    const value = { notifyBy: account, notifyTo: [ann], notifyLanguage: 'de', keepTakenDays: 400 };
    await world.host.put(section, { value, ifVersion: before.version });
    const notice = { code: 'SAMPLE', severity: 'info', message: { en: 'Hello', de: 'Hallo' } } as const;
    await world.host.services.notify.send({ key: 'sample/1', notice });
    await world.host.services.notify.send({ key: 'sample/1', notice });
    await sendMail();
    const received = world.simulator.exchange.truth.messages(ann, 'INBOX');
    expect(received).toHaveLength(1);
    expect(String(received[0]?.raw)).toContain('Subject: Hallo');
  });

  it('MAIL-06: is asked where to go on when the mailbox was moved, and nothing is doubled', async () => {
    world.simulator.exchange.moveMailbox(shared);
    world.simulator.exchange.deliver(shared, mailFrom('x@example.org', 'After the move'));
    const run = await fetchMail();
    expect(run.items.map(({ state }) => state)).toEqual(['held']);
    const before = await subjects();
    expect((await show(account)).account.cursor).toMatchObject({ state: 'moved', reason: 'uid-validity' });
    await world.host.post(`/mail-oauth/accounts/${account}/cursor`, { answer: 'fetch-all' });
    await fetchMail();
    expect(await subjects()).toEqual([...before, 'After the move'].sort());
    const waiting = await world.host.get<{ readonly items: readonly { readonly state: string }[] }>(
      `/mail-oauth/accounts/${account}/messages`,
    );
    expect(waiting.items.map(({ state }) => state)).toEqual(before.map(() => 'suspect'));
  });

  it('ADV-31: names the causes where Exchange refuses the sign-in, in the order to check them', async () => {
    world.simulator.exchange.revokeFullAccess(shared, world.tenant.apps[1]?.objectId ?? '');
    const report = await world.host.post<TestReport & { readonly text: { readonly de: string } }>(
      `/mail-oauth/accounts/${account}/test`,
      {},
    );
    const [failed] = failures(report);
    expect(failed?.evidence?.reply).toContain('AUTHENTICATE failed');
    expect(failed?.remedy?.en).toContain('Add-MailboxPermission');
    expect(report.text.de).toContain('Add-MailboxPermission');
    expect(report.steps.at(-1)?.outcome).toBe('skipped');
    world.simulator.exchange.grantFullAccess(shared, world.tenant.apps[1]?.objectId ?? '');
  });

  it('is checked by a task, which tells in both languages where the test ended, and nothing once it passes', async () => {
    const checkMail = () => runToEnd(world.host, 'mail-oauth.check');
    world.simulator.exchange.revokeFullAccess(shared, world.tenant.apps[1]?.objectId ?? '');
    const failed = await checkMail();
    expect(failed.state).toBe('partial');
    const [told] = failed.notices.map(({ notice }) => notice);
    expect(told).toMatchObject({ code: 'MAIL_CHECK_FAILED', subject: { id: account, name: 'Service' } });
    expect(told?.message.en).toMatch(
      /^The check of the mail account Service failed at "Open the mailbox \(IMAP\)": \S/,
    );
    expect(told?.message.de).toMatch(
      /^Die Prüfung des Mailkontos Service ist bei „Postfach öffnen \(IMAP\)“ .*: .*Anmeldung/,
    );
    world.simulator.exchange.grantFullAccess(shared, world.tenant.apps[1]?.objectId ?? '');
    const passed = await checkMail();
    expect([passed.state, passed.counts, passed.notices]).toEqual(['succeeded', { passed: 1 }, []]);
  });
});

describe('an account that a person signs in for', () => {
  let account = '';
  const begin = (way: 'browser' | 'paste') =>
    world.host.post<Begun>(`/mail-oauth/accounts/${account}/sign-in`, { way });
  const complete = (address: string, binding: string) =>
    world.host.call<{ readonly code?: string; readonly user?: string }>('POST', '/mail-oauth/sign-ins/complete', {
      body: { address, binding },
    });

  it('MAIL-19: begins a sign-in at Entra with the address of the host, never of the request', async () => {
    const application = await world.addApplication('delegated');
    account = await world.addAccount({ name: 'Desk', mailbox: desk, application });
    expect((await show(account)).account.signIn.state).toBe('missing');
    const begun = await begin('browser');
    expect(begun.redirect).toBe(`${publicUrl}/itsm/mail-oauth/sign-in`);
    expect(new URL(begun.address).searchParams.get('prompt')).toBe('select_account');
    expect(begun.user).toBe(desk);
  });

  it('MAIL-21: refuses the sign-in of another account at once, and stores nothing', async () => {
    const begun = await begin('paste');
    const back = world.simulator.signIn({ url: begun.address, user: ann });
    const refused = await complete(back, begun.binding);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect((await show(account)).account.signIn.state).toBe('missing');
  });

  it('refuses an address that another browser brings, or that comes twice', async () => {
    const begun = await begin('paste');
    const back = world.simulator.signIn({ url: begun.address, user: desk });
    expect((await complete(back, 'x'.repeat(43))).status).toBeGreaterThanOrEqual(400);
    expect((await complete(back, begun.binding)).status).toBe(200);
    expect((await complete(back, begun.binding)).status).toBeGreaterThanOrEqual(400);
    expect((await show(account)).account.signIn).toMatchObject({ state: 'ok', user: desk });
  });

  it('ADV-27: reports that the sign-in is complete, with who signed in, when, and on whose word', async () => {
    const begun = await begin('paste');
    const done = await complete(world.simulator.signIn({ url: begun.address, user: desk }), begun.binding);
    expect(done.body).toMatchObject({ user: desk, signedInAt: expect.any(Number), signedInBy: expect.any(String) });
  });

  it('lets somebody with the right for this account alone sign in for it, and for no other', async () => {
    const scope = { type: 'account', id: account };
    const clerk = await world.host.signIn('clerk', [{ permission: 'mail-oauth.accounts.edit', scope }]);
    const as = (method: 'GET' | 'POST', path: string, body?: object) =>
      world.host.call<Begun>(method, `/mail-oauth${path}`, { as: clerk, ...(body === undefined ? {} : { body }) });
    const { body: begun } = await as('POST', `/accounts/${account}/sign-in`, { way: 'paste' });
    const answer = {
      address: world.simulator.signIn({ url: begun.address, user: desk }),
      binding: begun.binding,
    };
    expect((await as('POST', '/accounts/other/sign-in/complete', answer)).status).toBe(403);
    const done = await as('POST', `/accounts/${account}/sign-in/complete`, answer);
    expect([done.status, done.body.user]).toEqual([200, desk]);
  });

  it('fetches and sends by that sign-in', async () => {
    world.simulator.exchange.deliver(desk, mailFrom('x@example.org', 'For the desk'));
    const run = await fetchMail();
    expect(run.items.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(await subjects()).toContain('For the desk');
    const mail = {
      account,
      eventKey: 'desk-1',
      from: desk,
      fromName: '',
      to: ['c@example.org'],
      subject: 'Hello',
      text: 'x',
    };
    await enqueue(world.host.services, { ...mail, automatic: false });
    await sendMail();
    expect(world.simulator.exchange.truth.outgoing().at(-1)).toMatchObject({ from: desk });
  });

  it('leaves queue and cursor alone where the sign-in was revoked, says so, and goes on after a new one', async () => {
    world.tenant.revokeSessions(desk, { accessTokens: true });
    world.simulator.exchange.deliver(desk, mailFrom('x@example.org', 'While revoked'));
    const mail = {
      account,
      eventKey: 'desk-2',
      from: desk,
      fromName: '',
      to: ['c@example.org'],
      subject: 'Later',
      text: 'x',
    };
    await enqueue(world.host.services, { ...mail, automatic: false });
    const run = await fetchMail();
    expect(run.items.map(({ state }) => state).sort()).toEqual(['failed', 'succeeded']);
    await sendMail();
    expect(await show(account)).toMatchObject({
      account: { signIn: { state: 'dead', failure: 'AADSTS50173' } },
      outbox: { queued: 1, sent: 1 },
    });
    const begun = await begin('browser');
    await complete(world.simulator.signIn({ url: begun.address, user: desk }), begun.binding);
    await fetchMail();
    await sendMail();
    expect(await subjects()).toContain('While revoked');
    expect(await show(account)).toMatchObject({ account: { signIn: { state: 'ok' } }, outbox: { sent: 2 } });
  });

  it('forgets the sign-in of an account that is deleted, with its token', async () => {
    const item = `/settings/mail-oauth.accounts/items/${account}`;
    const { version } = await world.host.get<{ readonly version: number }>(item);
    const gone = await world.host.call('DELETE', `${item}?ifVersion=${version}`);
    expect(gone.status).toBeLessThan(300);
    const run = await runToEnd(world.host, 'mail-oauth.renew-sign-ins');
    expect(run.items.map(({ state, counts }) => [state, counts?.forgotten])).toEqual([['succeeded', 1]]);
  });

  it('MAIL-26: fetches a shared mailbox by a delegate, and sends as it with the delegate as login', async () => {
    world.simulator.exchange.addMailbox({ address: 'team@contoso.example', kind: 'shared' });
    const application = (
      await world.host.get<{ readonly items: readonly { readonly id: string; readonly name: string }[] }>(
        '/mail-oauth/applications',
      )
    ).items.find(({ name }) => name === 'delegated');
    account = await world.addAccount({
      name: 'Team',
      mailbox: 'team@contoso.example',
      signInUser: ann,
      application: application?.id ?? '',
    });
    world.simulator.exchange.grantFullAccess('team@contoso.example', ann);
    world.simulator.exchange.grantSendAs('team@contoso.example', ann);
    const begun = await begin('paste');
    expect(begun.user).toBe(ann);
    await complete(world.simulator.signIn({ url: begun.address, user: ann }), begun.binding);
    world.simulator.exchange.deliver('team@contoso.example', mailFrom('x@example.org', 'For the team'));
    await fetchMail();
    expect(await subjects()).toContain('For the team');
    const mail = { account, eventKey: 'team-1', from: 'team@contoso.example', fromName: '', to: ['c@example.org'] };
    await enqueue(world.host.services, { ...mail, subject: 'From the team', text: 'x', automatic: false });
    await sendMail();
    expect(world.simulator.exchange.truth.outgoing().at(-1)).toMatchObject({ from: 'team@contoso.example' });
  });
});

describe('an account with a password', () => {
  it('MAIL-01: is told that Microsoft takes none, and keeps its cursor when it is switched to OAuth', async () => {
    const address = 'old@contoso.example';
    world.simulator.exchange.addMailbox({ address });
    const { objectId } = world.tenant.apps[1] ?? { objectId: '' };
    world.simulator.exchange.grantFullAccess(address, objectId);
    const applications = await world.host.get<{
      readonly items: readonly { readonly id: string; readonly name: string }[];
    }>('/mail-oauth/applications');
    const application = applications.items.find(({ name }) => name === 'app-only')?.id ?? '';
    const account = await world.addAccount({ name: 'Old', mailbox: address, application });
    world.simulator.exchange.deliver(address, mailFrom('x@example.org', 'Before'));
    await fetchMail();
    const item = `/settings/mail-oauth.accounts/items/${account}`;
    const change = async (more: object): Promise<void> => {
      const { value, version } = await world.host.get<{ readonly value: object; readonly version: number }>(item);
      await world.host.put(item, { value: { ...value, ...more }, ifVersion: version });
    };
    await change({ method: 'password', password: 'kept from others' });
    const { account: shown } = await world.host.get<{
      readonly account: {
        readonly warnings: readonly { readonly code: string; readonly message: { readonly en: string } }[];
      };
    }>(`/mail-oauth/accounts/${account}`);
    expect(shown.warnings[0]?.message.en).toContain('2022');
    world.simulator.exchange.deliver(address, mailFrom('x@example.org', 'Meanwhile'));
    await fetchMail();
    expect(await subjects()).not.toContain('Meanwhile');
    await change({ method: 'oauth' });
    await fetchMail();
    expect((await subjects()).filter((subject) => ['Before', 'Meanwhile'].includes(subject))).toEqual([
      'Before',
      'Meanwhile',
    ]);
  });
});

describe('what nobody may see', () => {
  it('tells no token, secret or text of a message to log, audit or runs', async () => {
    const audit = await world.host.get<object>('/audit?limit=100');
    const runs = await world.host.get<object>('/runs?limit=50');
    const everything = [world.host.told(), JSON.stringify(audit), JSON.stringify(runs)].join('\n');
    expect(everything).not.toMatch(/The text of|It is being looked at|only-the-simulator-knows-it|kept from others/);
    expect(everything).not.toMatch(/eyJ[\w-]{20}/);
  });
});
