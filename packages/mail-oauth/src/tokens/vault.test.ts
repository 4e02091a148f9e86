import { eachDatabase, type TestDatabase, testClock } from '@itsm-m365/database/testing';
import { isKnownError } from '@itsm-m365/plugin-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrateMail, openStage, type Stage, type StageServices } from '../sign-in/testing/stage.ts';
import { type GrantRow, grants } from '../tables.ts';
import { createAccountTokens } from './account-tokens.ts';
import { forgetSignIn } from './forget-sign-in.ts';
import { refreshTokenBinding, refreshTokenOf } from './grant-rows.ts';
import { renewDue } from './keep-alive.ts';
import { registrationOf } from './registration.ts';
import { mortalNode, watchedNode } from './testing/nodes.ts';

const errorOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKnownError(error)) throw error ?? new Error('expected a refusal');
  return error;
};
const day = 24 * 60 * 60_000;

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the token vault on ${engine.name}`, () => {
    let test: TestDatabase;
    const open: Stage[] = [];
    beforeAll(async () => {
      test = await engine.open();
      await migrateMail(test.db, test.clock);
    });
    afterEach(async () => {
      for (const one of open.splice(0)) await one.close();
      await test.db.write((trx) => trx.remove(grants, (query) => query.whereNotNull('account')));
    });
    afterAll(() => test.close());

    const stage = async (options?: Parameters<typeof openStage>[1]): Promise<Stage> => {
      const made = await openStage(test.db, options);
      open.push(made);
      return made;
    };
    const signedIn = async (options?: Parameters<typeof openStage>[1]) => {
      const on = await stage(options);
      const account = on.account();
      await on.signIn(account);
      const node = (services: StageServices = on.services) =>
        createAccountTokens({ account, application: on.application(), services });
      const row = async () => {
        const [found] = await test.db.read((trx) => trx.rows(grants, (query) => query.where({ account: account.id })));
        if (found === undefined) throw new Error('no row');
        return found;
      };
      const binding = refreshTokenBinding(account.id, registrationOf(on.application(), on.services));
      const stored = async () => on.services.secrets.reveal(refreshTokenOf(await row()), binding);
      const patch = (change: Partial<GrantRow>) =>
        test.db.write((trx) => trx.update(grants, change, (query) => query.where({ account: account.id })));
      return { on, account, node, row, stored, patch, binding };
    };

    it('keeps an access token until shortly before its end, one for each resource, in memory only', async () => {
      const { on, node } = await signedIn();
      const tokens = node();
      const before = on.tokenRequests();
      const first = await tokens.token('exchange');
      on.clock.advance(3_200_000);
      expect(await tokens.token('exchange')).toBe(first);
      on.clock.advance(110_000);
      expect(await tokens.token('exchange')).not.toBe(first);
      expect(on.tokenRequests() - before).toBe(2);
      expect((await errorOf(tokens.token('graph'))).code).toBe('MAIL_RESOURCE_UNUSED');
      expect(JSON.stringify(await test.db.read((trx) => trx.rows(grants)))).not.toContain(first);
    });

    it('gets tokens for Exchange and Graph from one sign-in, each for one resource', async () => {
      const on = await stage();
      const base = on.account().value;
      const account = on.account({ sending: { ...base.sending, protocol: 'graph' } });
      await on.signIn(account);
      const tokens = on.tokens(account);
      const both = await Promise.all([tokens.token('exchange'), tokens.token('graph')]);
      const audiences = both.map(
        (token) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aud,
      );
      expect(audiences).toEqual(['https://outlook.office.com', 'https://graph.microsoft.com']);
    });

    it('callers at the same time share one renewal, and one that leaves does not take it from the others', async () => {
      const { on, node } = await signedIn();
      const tokens = node();
      const before = on.tokenRequests();
      const leaving = new AbortController();
      const left = tokens.token('exchange', { signal: leaving.signal }).catch((error: unknown) => error);
      const others = Promise.all(Array.from({ length: 10 }, () => tokens.token('exchange')));
      leaving.abort(new Error('left'));
      expect(await left).toMatchObject({ message: 'left' });
      expect(new Set(await others).size).toBe(1);
      expect(on.tokenRequests() - before).toBe(1);
    });

    it('a refused token is replaced by another one, once', async () => {
      const { on, node } = await signedIn();
      const tokens = node();
      const refused = await tokens.token('exchange');
      on.clock.advance(1000);
      const [one, two] = await Promise.all([
        tokens.token('exchange', { refused }),
        tokens.token('exchange', { refused }),
      ]);
      expect(one).toBe(two);
      expect(one).not.toBe(refused);
      expect(await tokens.token('exchange', { refused })).toBe(one);
    });

    it('saves the rotated refresh token before the access token is given away, and removes the former one', async () => {
      const { on, node, row, stored, binding } = await signedIn();
      const [former, before] = [await stored(), await row()];
      on.clock.advance(1000);
      await node().token('exchange');
      const after = await row();
      expect(await stored()).not.toBe(former);
      expect(after).toMatchObject({ version: before.version + 1, claim: '', renewed_at: on.clock.now(), state: 'ok' });
      await expect(on.services.secrets.reveal(refreshTokenOf(before), binding)).rejects.toThrow();
    });

    it('keeps a refresh token of any length', async () => {
      const { node, stored } = await signedIn({ refreshTokenCharacters: 60_000 });
      await node().token('exchange');
      expect(await stored()).toHaveLength(60_000);
    });

    it('loses no sign-in however it is killed: at each step, with a server that ends rotated tokens', async () => {
      let killed = 0;
      for (let steps = 1; ; steps += 1) {
        const { on, node, row, stored } = await signedIn({ strictRotation: true });
        const former = await stored();
        const mortal = mortalNode(on.services, steps);
        const given = await node(mortal.services)
          .token('exchange')
          .catch(() => undefined);
        const now = await stored();
        // A token is given away only with the rotated refresh token in its place.
        if (given !== undefined) expect(now).not.toBe(former);
        expect((await row()).state).toBe('ok');
        // Another node, which knows nothing of it, goes on: after the lease where the claim was left behind.
        expect(await node().token('exchange')).toMatch(/^eyJ/);
        expect(await node().token('exchange')).toMatch(/^eyJ/);
        expect(await row()).toMatchObject({ state: 'ok', claim: '' });
        if (!mortal.died()) break;
        killed += 1;
      }
      expect(killed).toBeGreaterThanOrEqual(9);
    });

    it('two nodes that renew at once do it one after the other, each with the newest refresh token', async () => {
      const { on, node, stored } = await signedIn();
      const former = await stored();
      const shared = { now: 0, most: 0 };
      const nodes = [1, 2, 3].map(() => watchedNode(on.services, { shared }));
      const given = await Promise.all(nodes.map(({ services }) => node(services).token('exchange')));
      expect(new Set(given).size).toBe(3);
      expect(shared.most).toBe(1);
      const sent = nodes.flatMap((one) => one.sent);
      expect(sent).toHaveLength(3);
      expect(new Set(sent).size).toBe(3);
      expect(sent).toContain(former);
      expect(sent).not.toContain(await stored());
    });

    it('a claim that is left behind is taken over after a whole lease on the waiter’s own clock, never sooner', async () => {
      const { on, node, patch, row } = await signedIn();
      await patch({ claim: 'a-node-that-died' });
      // The waiter's wall clock is years off; only its monotonic one counts.
      const clock = { ...testClock(Date.UTC(1999, 0, 1)), now: on.clock.now };
      expect(await node({ ...on.services, clock }).token('exchange')).toMatch(/^eyJ/);
      expect(clock.slept[0]).toBe(500);
      expect(clock.slept.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThanOrEqual(60_000);
      expect((await row()).claim).toBe('');
    });

    it('a claim that moves on is waited for anew', async () => {
      const { on, node, patch } = await signedIn();
      await patch({ claim: 'first' });
      const clock = testClock();
      let moved = 0;
      const waiting = {
        ...clock,
        now: on.clock.now,
        sleep: async (milliseconds: number) => {
          await clock.sleep(milliseconds);
          if (clock.monotonic() < 50_000 || moved > 0) return;
          moved = clock.monotonic();
          await patch({ claim: 'second' });
        },
      };
      await node({ ...on.services, clock: waiting }).token('exchange');
      expect(clock.monotonic() - moved).toBeGreaterThanOrEqual(60_000);
    });

    it('waiting for another node ends at once with the signal, and after minutes with an error', async () => {
      const { on, node, patch } = await signedIn();
      await patch({ claim: 'held' });
      const leaving = new AbortController();
      const clock = testClock();
      let turn = 0;
      const renamed = {
        ...clock,
        sleep: async (milliseconds: number, signal?: AbortSignal) => {
          turn += 1;
          await patch({ claim: `held-${turn}` });
          await clock.sleep(milliseconds, signal);
        },
      };
      expect((await errorOf(node({ ...on.services, clock: renamed }).token('exchange'))).code).toBe(
        'MAIL_RENEWAL_BUSY',
      );
      const aborting = {
        ...clock,
        sleep: async (milliseconds: number, signal?: AbortSignal) => {
          leaving.abort(new Error('stopped'));
          await clock.sleep(milliseconds, signal);
        },
      };
      const stopped = node({ ...on.services, clock: aborting }).token('exchange', { signal: leaving.signal });
      await expect(stopped).rejects.toThrow('stopped');
    });

    it('a node that was taken over while it waited for Entra drops its answer and begins anew', async () => {
      const { on, node, row, stored } = await signedIn();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let first = true;
      const slow = watchedNode(on.services, {
        hold: () => {
          if (!first) return Promise.resolve();
          first = false;
          return held;
        },
      });
      const late = node(slow.services).token('exchange');
      while (slow.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect((await row()).claim).not.toBe('');
      // Another node finds the claim unchanged for a whole lease.
      await node({ ...on.services, clock: { ...testClock(), now: on.clock.now } }).token('exchange');
      const between = await stored();
      release();
      expect(await late).toMatch(/^eyJ/);
      expect(slow.sent).toHaveLength(2);
      expect(slow.sent[1]).toBe(between);
      expect(await row()).toMatchObject({ claim: '', version: 3, state: 'ok' });
    });

    it('a new sign-in during a renewal wins: the answer of the older one is stored nowhere', async () => {
      const { on, account, node, row, stored } = await signedIn();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let first = true;
      const slow = watchedNode(on.services, {
        hold: () => {
          if (!first) return Promise.resolve();
          first = false;
          return held;
        },
      });
      const late = node(slow.services).token('exchange');
      while (slow.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
      on.clock.advance(1000);
      await on.signIn(account);
      const fresh = await stored();
      release();
      await late;
      expect(slow.sent[1]).toBe(fresh);
      expect((await row()).signed_in_at).toBe(on.clock.now());
    });

    const ends: readonly (readonly [number, (on: Stage) => void])[] = [
      [50173, (on) => on.tenant.revokeSessions(on.user)],
      [50133, (on) => on.tenant.changePassword(on.user)],
      [700082, (on) => on.tenant.expireRefreshTokens(on.user)],
      [50057, (on) => on.tenant.disableUser(on.user)],
      [50076, (on) => on.tenant.requireSecondFactor(on.user)],
      [
        53003,
        (on) => {
          on.tenant.identity.controls.policy.blocked = 53003;
        },
      ],
      [
        70043,
        (on) => {
          on.tenant.identity.controls.policy.signInFrequencySeconds = 60;
          on.clock.advance(120_000);
        },
      ],
      ...[70008, 50132, 50089, 50079, 50078, 50158, 530032, 50034].map(
        (number) =>
          [
            number,
            (on: Stage) => void on.running.simulator.faults.enable('entra-refusal', { number, times: 1 }),
          ] as const,
      ),
    ];
    it.each(ends)(
      '%i ends the sign-in: it is noted, nothing else is touched, and later calls fail alike',
      async (number, end) => {
        const { on, node, row, stored } = await signedIn();
        const before = await row();
        end(on);
        const error = await errorOf(node().token('exchange'));
        expect(error).toMatchObject({ code: 'MAIL_SIGN_IN_DEAD', details: { aadsts: number } });
        expect(error.remedy('en')).toContain('Sign in again');
        expect(error.remedy('de')).toContain('erneut an');
        const after = await row();
        expect(after).toEqual({
          ...before,
          state: 'dead',
          failed_code: after.failed_code,
          failed_number: number,
          failed_at: on.clock.now(),
        });
        expect(await stored()).toMatch(/^1\.AT/);
        const requests = on.tokenRequests();
        const again = await errorOf(node().token('exchange'));
        expect([again.code, again.text('en'), again.remedy('de')]).toEqual([
          error.code,
          error.text('en'),
          error.remedy('de'),
        ]);
        expect(on.tokenRequests()).toBe(requests);
      },
    );

    it('a new sign-in brings an ended one back, with nothing else to do', async () => {
      const { on, account, node, row } = await signedIn();
      on.tenant.revokeSessions(on.user);
      const tokens = node();
      await errorOf(tokens.token('exchange'));
      on.clock.advance(1000);
      await on.signIn(account);
      expect(await tokens.token('exchange')).toMatch(/^eyJ/);
      expect(await row()).toMatchObject({ state: 'ok', failed_number: 0, failed_code: '', failed_at: null });
    });

    it('a token of the former sign-in is not used after a new one', async () => {
      const { on, account, node } = await signedIn();
      const tokens = node();
      const former = await tokens.token('exchange');
      on.clock.advance(1000);
      await on.signIn(account);
      expect(await tokens.token('exchange')).not.toBe(former);
    });

    it('a sign-in that is forgotten leaves neither row nor secret, and can be forgotten again', async () => {
      const { on, account, node, row, binding } = await signedIn();
      const tokens = node();
      await tokens.token('exchange');
      const ref = refreshTokenOf(await row());
      await forgetSignIn(on.services, account.id);
      await forgetSignIn(on.services, account.id);
      expect((await errorOf(tokens.token('exchange'))).code).toBe('MAIL_SIGN_IN_MISSING');
      await expect(on.services.secrets.reveal(ref, binding)).rejects.toThrow();
    });

    it('a sign-in that ended on another node fails here at once, though a token is still held', async () => {
      const { on, node } = await signedIn();
      const [here, there] = [node(), node()];
      await here.token('exchange');
      on.tenant.revokeSessions(on.user);
      await errorOf(there.token('exchange'));
      expect((await errorOf(here.token('exchange'))).code).toBe('MAIL_SIGN_IN_DEAD');
    });

    it.each([90055, 90033, 90024, 50196, 50087, 50053, 65001, 50105, 7000112, 700016, 4242424])(
      '%i does not end the sign-in',
      async (number) => {
        const { on, node, row } = await signedIn();
        const before = await row();
        const fault = on.running.simulator.faults.enable('entra-refusal', { number });
        const error = await errorOf(node().token('exchange'));
        expect(error.code).toMatch(/^ENTRA_/);
        expect(await row()).toEqual(before);
        fault.disable();
        expect(await node().token('exchange')).toMatch(/^eyJ/);
      },
    );

    it('an outage, an answer that is no JSON and a dead network do not end the sign-in', async () => {
      const { on, node, row } = await signedIn();
      const before = await row();
      const { faults } = on.running.simulator;
      for (const name of ['token-server-error', 'token-not-json', 'token-empty-object'] as const) {
        const fault = faults.enable(name);
        await errorOf(node().token('exchange'));
        fault.disable();
        expect(await row()).toEqual(before);
      }
      const { http: _, ...services } = on.services;
      const dead = mortalNode(on.services, 0).services.http;
      expect((await errorOf(node({ ...services, http: dead }).token('exchange'))).code).toBe('GRAPH_UNREACHABLE');
      expect(await row()).toEqual(before);
    });

    it('an outage that passes is waited for within the call', async () => {
      const { on, node } = await signedIn();
      on.running.simulator.faults.enable('token-server-error', { times: 2 });
      expect(await node().token('exchange')).toMatch(/^eyJ/);
    });

    it('a refresh token of another person is refused and stored nowhere', async () => {
      const { on, node, patch, binding, row } = await signedIn();
      const foreign = on.account({ mailbox: on.other });
      await on.signIn(foreign, { user: on.other });
      const [theirs] = await test.db.read((trx) => trx.rows(grants, (query) => query.where({ account: foreign.id })));
      if (theirs === undefined) throw new Error('no row');
      const token = await on.services.secrets.reveal(refreshTokenOf(theirs), {
        ...binding,
        owner: `mail-oauth.accounts/${foreign.id}`,
      });
      await patch({ refresh_token: await on.services.secrets.store(token, binding) });
      const before = await row();
      const error = await errorOf(node().token('exchange'));
      expect(error).toMatchObject({ code: 'MAIL_OTHER_ACCOUNT', details: { signedIn: on.other, expected: on.user } });
      expect(await row()).toEqual(before);
    });

    it('a refresh token that was cut short ends the sign-in, and a reference of another account is not revealed', async () => {
      const { on, node, patch, binding, stored } = await signedIn();
      const cut = await on.services.secrets.store((await stored()).slice(0, 500), binding);
      const moved = await on.services.secrets.store(await stored(), { ...binding, owner: 'mail-oauth.accounts/other' });
      await patch({ refresh_token: moved });
      expect((await errorOf(node().token('exchange'))).code).toBe('MAIL_SIGN_IN_UNREADABLE');
      await patch({ refresh_token: cut });
      expect(await errorOf(node().token('exchange'))).toMatchObject({
        code: 'MAIL_SIGN_IN_DEAD',
        details: { aadsts: 70000 },
      });
    });

    it('without a sign-in, or with one for another application, it says to sign in and asks nobody', async () => {
      const { on, account } = await signedIn();
      const requests = on.tokenRequests();
      expect((await errorOf(on.tokens(on.account()).token('exchange'))).code).toBe('MAIL_SIGN_IN_MISSING');
      const changed = on.application({ clientId: '6a1c1c1e-0000-4000-8000-000000000009' });
      expect((await errorOf(on.tokens(account, changed).token('exchange'))).code).toBe('MAIL_SIGN_IN_OUTDATED');
      expect(on.tokenRequests()).toBe(requests);
    });

    it('MAIL-02: without a registered application there is no token and no request', async () => {
      const on = await stage();
      const make = () => createAccountTokens({ account: on.account(), application: undefined, services: on.services });
      expect(make).toThrow(expect.objectContaining({ code: 'MAIL_APPLICATION_UNKNOWN' }));
      expect(() => on.tokens(on.account(), on.application({ clientId: 'ACMP' }))).toThrow(
        expect.objectContaining({ code: 'CLIENT_INVALID' }),
      );
      expect(on.tokenRequests()).toBe(0);
    });

    it('renews what rested for a week, so that the 90 days never run out, and nothing sooner', async () => {
      const { on, account, row } = await signedIn();
      const signal = new AbortController().signal;
      const due = () =>
        renewDue({
          services: on.services,
          now: on.clock.now(),
          tokensOf: async (id) => (id === account.id ? on.tokens(account) : undefined),
          signal,
        });
      on.clock.advance(7 * day - 1);
      expect(await due()).toEqual([]);
      // 40 weeks, far beyond the 90 days after which the simulator ends an unused token.
      for (let week = 0; week < 40; week += 1) {
        on.clock.advance(7 * day);
        expect(await due()).toEqual([{ account: account.id, error: undefined }]);
        expect((await row()).renewed_at).toBe(on.clock.now());
      }
      on.clock.advance(91 * day);
      expect((await due())[0]?.error).toMatchObject({ code: 'MAIL_SIGN_IN_DEAD', details: { aadsts: 700082 } });
      expect(await due()).toEqual([]);
    });

    it('MAIL-25: a second factor that is asked for later ends nothing but the unproved sign-in', async () => {
      const { on, account, node } = await signedIn();
      on.tenant.requireSecondFactor(on.user);
      const error = await errorOf(node().token('exchange'));
      expect(error.remedy('en')).toContain('do not switch the second factor off');
      on.clock.advance(1000);
      await on.signIn(account, { secondFactor: 'passed' });
      expect(await node().token('exchange')).toMatch(/^eyJ/);
    });
  });
