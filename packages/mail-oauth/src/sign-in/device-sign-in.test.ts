import { eachDatabase } from '@itsm-m365/database/testing';
import type { Database } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { grants, signIns } from '../tables.ts';
import { beginDeviceSignIn, pollDeviceSignIn } from './device-sign-in.ts';
import type { Stage } from './testing/stage.ts';
import { errorOf, stagesOn } from './testing/stages.ts';

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the sign-in with a device code on ${engine.name}`, () => {
    const stages = stagesOn(engine);
    const { stage } = stages;
    const signal = new AbortController().signal;
    const begin = async (on: Stage, value: { readonly deviceCode?: boolean } = { deviceCode: true }) => {
      const account = on.account();
      const context = on.context(account, on.application(value));
      const begun = await beginDeviceSignIn({ ...context, signal });
      const poll = (changes: Partial<Parameters<typeof pollDeviceSignIn>[0]> = {}) =>
        pollDeviceSignIn({ ...context, handle: begun.handle, binding: begun.binding, signal, ...changes });
      /** Lets something happen during the nth wait. */
      const during = (turn: number, act: () => void) => {
        let turns = 0;
        const sleep = async (milliseconds: number, aborted?: AbortSignal) => {
          turns += 1;
          if (turns === turn) act();
          await on.clock.sleep(milliseconds, aborted);
        };
        return { services: { ...on.services, clock: { ...on.clock, sleep } } };
      };
      return { account, begun, poll, during };
    };

    it('waits for the person, polls never sooner than Entra asks, and stores the sign-in', async () => {
      const on = await stage();
      const { account, begun, poll, during } = await begin(on);
      expect(begun.verificationAddress).toBe('https://microsoft.com/devicelogin');
      const approve = () => on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      const polled = await poll(during(3, approve));
      expect(polled).toMatchObject({ state: 'signed-in', signedIn: { user: on.user, signedInBy: 'administrator' } });
      expect(on.clock.slept).toEqual([5000, 5000, 5000]);
      expect(on.tokenRequests()).toBe(3);
      expect(await on.tokens(account).token('exchange')).toMatch(/^eyJ/);
      expect((await errorOf(poll())).code).toBe('SIGN_IN_USED');
    });

    it('MAIL-25: a second factor is passed with the code, and stays on', async () => {
      const on = await stage();
      on.tenant.requireSecondFactor();
      const { account, begun, poll } = await begin(on);
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user, secondFactor: 'passed' });
      expect((await poll()).state).toBe('signed-in');
      expect(await on.tokens(account).token('exchange')).toMatch(/^eyJ/);
    });

    it('is off unless the application allows it, and asks nobody then', async () => {
      const on = await stage();
      const error = await errorOf(begin(on, {}));
      expect(error.code).toBe('DEVICE_CODE_OFF');
      expect(error.remedy('en')).toContain('phishing');
      expect(on.running.simulator.statistics.report().roundTrips).toBe(0);
    });

    it('a policy that blocks the flow is told with its row, at the code or at the poll', async () => {
      const on = await stage();
      const { begun, poll } = await begin(on);
      on.tenant.identity.controls.policy.deviceCode = 53003;
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      const error = await errorOf(poll());
      expect(error).toMatchObject({ code: 'ENTRA_POLICY_BLOCKED', details: { aadsts: 53003, acts: 'entra' } });
      on.running.simulator.faults.enable('entra-refusal', { number: 53003, endpoint: 'devicecode' });
      expect((await errorOf(begin(on))).code).toBe('ENTRA_POLICY_BLOCKED');
    });

    it('slows down when Entra says so, for later calls too', async () => {
      const on = await stage();
      const { begun, poll } = await begin(on);
      const early = { ...on.services, clock: { ...on.clock, sleep: async () => on.clock.advance(1000) } };
      await poll({ services: early, waitMs: 7000 });
      const before = on.clock.slept.length;
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      await poll();
      expect(on.clock.slept[before]).toBeGreaterThanOrEqual(10_000);
    });

    it('polls once in every call, however short its time and long the interval', async () => {
      const on = await stage();
      const { begun, poll } = await begin(on);
      expect(await poll({ waitMs: 100 })).toEqual({ state: 'pending' });
      expect(on.tokenRequests()).toBe(1);
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      expect((await poll({ waitMs: 100 })).state).toBe('signed-in');
    });

    it('stays pending after the time given, ends with the code, and with the signal at once', async () => {
      const on = await stage();
      const { begun, poll } = await begin(on);
      expect(await poll({ waitMs: 12_000 })).toEqual({ state: 'pending' });
      expect(on.clock.slept).toEqual([5000, 5000]);
      const leaving = new AbortController();
      leaving.abort(new Error('stopped'));
      await expect(poll({ signal: leaving.signal })).rejects.toThrow('stopped');
      expect((await errorOf(poll())).code).toBe('SIGN_IN_EXPIRED');
      expect(on.clock.now()).toBe(begun.expiresAt);
    });

    it('a declined code, another person’s account, and another browser store nothing', async () => {
      const on = await stage();
      const declined = await begin(on);
      on.running.simulator.enterDeviceCode({ userCode: declined.begun.userCode, user: on.user, deny: true });
      expect((await errorOf(declined.poll())).details.aadsts).toBe(65004);
      const foreign = await begin(on);
      on.running.simulator.enterDeviceCode({ userCode: foreign.begun.userCode, user: on.other });
      expect((await errorOf(foreign.poll({ binding: declined.begun.binding }))).code).toBe('SIGN_IN_FOREIGN');
      const error = await errorOf(foreign.poll());
      expect(error).toMatchObject({ code: 'MAIL_OTHER_ACCOUNT', details: { signedIn: on.other } });
      expect(await stages.db.read((trx) => trx.rows(grants, (q) => q.where({ account: foreign.account.id })))).toEqual(
        [],
      );
    });

    it('is not ended by a second poll that Entra refuses because the first one has the token', async () => {
      const on = await stage();
      const { account, begun, poll } = await begin(on);
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      let second: Promise<unknown> | undefined;
      const db: Database = {
        ...stages.db,
        read: (work, options) => stages.db.read(work, options),
        // Between Entra's answer to the first and what it notes.
        write: async (work, options) => {
          second ??= poll();
          await second.catch(() => undefined);
          return stages.db.write(work, options);
        },
      };
      expect((await poll({ services: { ...on.services, db } })).state).toBe('signed-in');
      await expect(second).rejects.toMatchObject({ kind: 'credentials' });
      expect(await on.tokens(account).token('exchange')).toMatch(/^eyJ/);
    });

    it('an outage is waited for like a person', async () => {
      const on = await stage();
      const { begun, poll } = await begin(on);
      on.running.simulator.enterDeviceCode({ userCode: begun.userCode, user: on.user });
      on.running.simulator.faults.enable('token-server-error', { times: 2 });
      expect((await poll()).state).toBe('signed-in');
    });

    it('keeps code and handle as fingerprints or secrets only', async () => {
      const on = await stage();
      const { begun } = await begin(on);
      const rows = JSON.stringify(await stages.db.read((trx) => trx.rows(signIns)));
      for (const value of [begun.handle, begun.binding, begun.userCode]) expect(rows).not.toContain(value);
    });
  });
