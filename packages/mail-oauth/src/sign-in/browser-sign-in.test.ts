import { eachDatabase } from '@itsm-m365/database/testing';
import { describe, expect, it } from 'vitest';
import { grants, signIns } from '../tables.ts';
import { accountOfAnswer, beginSignIn, completeSignIn } from './browser-sign-in.ts';
import { sweepSignIns } from './sign-in-rows.ts';
import { everyScope, nativeClient, type Stage, webRedirect } from './testing/stage.ts';
import { errorOf, stagesOn } from './testing/stages.ts';

const signal = new AbortController().signal;

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the sign-in in the browser on ${engine.name}`, () => {
    const stages = stagesOn(engine);
    const { stage } = stages;
    const grantOf = async (account: string) =>
      (await stages.db.read((trx) => trx.rows(grants, (query) => query.where({ account }))))[0];
    const begin = async (on: Stage, account = on.account(), application = on.application(), redirect = 'paste') => {
      const options = on.context(account, application);
      const begun = await beginSignIn({ ...options, redirect });
      const complete = (answer: string, changes: { readonly binding?: string; readonly actor?: string } = {}) =>
        completeSignIn({ ...options, answer, binding: begun.binding, signal, ...changes });
      return { account, begun, complete, query: new URL(begun.address).searchParams };
    };

    it('MAIL-19: a sign-in stores the refresh token as a secret, and who signed in, when and by whom', async () => {
      const on = await stage();
      const account = on.account();
      expect(await on.signIn(account)).toEqual({
        user: on.user,
        signedInAt: on.clock.now(),
        signedInBy: 'administrator',
      });
      const row = await grantOf(account.id);
      expect(row).toMatchObject({
        tenant: on.tenant.tenantId,
        client: on.tenant.clientId,
        user_name: on.user,
        signed_in_by: 'administrator',
        state: 'ok',
        claim: '',
        version: 1,
      });
      expect(row?.refresh_token).toMatch(/^secret-\d+$/);
    });

    it('MAIL-07: asks for exactly the delegated Exchange scopes that the account needs, and for offline_access', async () => {
      const on = await stage();
      const account = on.account();
      const { query } = await begin(on, account);
      const prefix = 'https://outlook.office.com';
      expect(query.get('scope')?.split(' ').sort()).toEqual(
        [`${prefix}/IMAP.AccessAsUser.All`, `${prefix}/SMTP.Send`, 'offline_access', 'openid', 'profile'].sort(),
      );
      const pop = on.account({ receiving: { ...account.value.receiving, protocol: 'pop' } });
      expect((await begin(on, pop)).query.get('scope')).toContain(`${prefix}/POP.AccessAsUser.All`);
    });

    it('MAIL-08: a registration of one organisation signs in at its directory, any other one at organizations', async () => {
      const on = await stage({ app: { accountTypes: 'organizations' } });
      const path = async (accountType: 'directory' | 'organizations') =>
        new URL((await begin(on, on.account(), on.application({ accountType }))).begun.address).pathname;
      expect(await path('directory')).toBe(`/${on.tenant.tenantId}/oauth2/v2.0/authorize`);
      expect(await path('organizations')).toBe('/organizations/oauth2/v2.0/authorize');
    });

    it('MAIL-20: only client id and account type are given; the user comes from the account, and the token from organizations', async () => {
      const on = await stage({ app: { accountTypes: 'organizations' } });
      const account = on.account();
      const application = on.application({ accountType: 'organizations', tenantId: '' });
      const { query, begun } = await begin(on, account, application);
      expect([query.get('client_id'), begun.user]).toEqual([on.tenant.clientId, on.user]);
      expect((await on.signIn(account, { application })).user).toBe(on.user);
      expect(await on.tokens(account, application).token('exchange')).toMatch(/^eyJ/);
    });

    it('MAIL-09: without a public address the browser goes to the nativeclient page, whose address is pasted', async () => {
      const on = await stage();
      const { begun, complete, query } = await begin(on);
      expect([begun.redirect, query.get('redirect_uri')]).toEqual([nativeClient, nativeClient]);
      const answer = on.browse(begun);
      expect(answer.startsWith(`${nativeClient}?`)).toBe(true);
      expect((await complete(`  ${answer}\n`)).user).toBe(on.user);
    });

    it('MAIL-10: a public client signs in with PKCE and shows no credential', async () => {
      const on = await stage();
      const { begun, complete, query } = await begin(on);
      expect(query.get('code_challenge_method')).toBe('S256');
      // The simulator checks the verifier against the challenge, and refuses a credential of a public client (700025).
      expect((await complete(on.browse(begun))).user).toBe(on.user);
    });

    it('MAIL-11: an application registered as Web is named, with the platform to register instead', async () => {
      const on = await stage({ app: { platform: 'web', secretsRequired: true } });
      const error = await errorOf(on.signIn(on.account()));
      expect(error).toMatchObject({ code: 'MAIL_REGISTERED_AS_WEB', details: { aadsts: 7000218 } });
      expect(error.text('en')).toContain('client_assertion');
      for (const language of ['en', 'de'] as const)
        expect(error.remedy(language)).toMatch(/Mobile and desktop|Mobilgerät/);
    });

    it('MAIL-12: the client id is the only value of the registration; with a secret stored, a confidential one works too', async () => {
      const on = await stage();
      expect((await on.signIn(on.account())).user).toBe(on.user);
      const confidential = await stage({ app: { platform: 'web', secrets: ['a~Secret.of-8Q~kQ7'] } });
      const plain = confidential.application();
      const value = await confidential.services.secrets.store('a~Secret.of-8Q~kQ7', {
        owner: `mail-oauth.applications/${plain.id}`,
        field: 'credential.value',
        boundTo: { tenantId: plain.value.tenantId, clientId: plain.value.clientId },
      });
      const application = confidential.application({ credential: { type: 'secret', value, validUntil: '2099-12-31' } });
      expect((await confidential.signIn(confidential.account(), { application })).user).toBe(confidential.user);
    });

    it('MAIL-21: a sign-in as another person than the mailbox’s user is refused at once and changes nothing', async () => {
      const on = await stage();
      const account = on.account();
      await on.signIn(account);
      const before = await grantOf(account.id);
      const error = await errorOf(on.signIn(account, { user: on.other }));
      expect(error.code).toBe('MAIL_OTHER_ACCOUNT_BROWSER');
      expect(error.text('de')).toContain(on.other);
      expect(error.text('de')).toContain(on.user);
      expect(await grantOf(account.id)).toEqual(before);
      expect(await on.tokens(account).token('exchange')).toMatch(/^eyJ/);
    });

    it('MAIL-18: mailbox and user have to be the same person, or the user principal name is entered', async () => {
      const on = await stage();
      const account = on.account({ mailbox: 'help@contoso.example' });
      const error = await errorOf(on.signIn(account, { user: on.user }));
      expect(error.remedy('en')).toContain('user principal name');
      const entered = { ...account, value: { ...account.value, signInUser: on.user.toUpperCase() } };
      expect((await on.signIn(entered)).user).toBe(on.user);
    });

    it('MAIL-22: the choice of account is always asked for, so that single sign-on does not take the Windows user', async () => {
      const on = await stage();
      const { begun, complete, query } = await begin(on);
      expect(query.get('prompt')).toBe('select_account');
      expect(query.has('login_hint')).toBe(false);
      // A browser that is signed in as somebody else, and a person who picks the right account.
      expect((await on.signIn(on.account(), { singleSignOn: on.other, user: on.user })).user).toBe(on.user);
      // Without it the browser would have handed over the other one, unasked: then the proof of the token names it.
      const silent = begun.address.replace('prompt=select_account', 'prompt=none');
      const error = await errorOf(complete(on.browse({ address: silent }, { singleSignOn: on.other })));
      expect(error).toMatchObject({ code: 'MAIL_OTHER_ACCOUNT_BROWSER', details: { signedIn: on.other } });
    });

    it('MAIL-23: the refusal of another account names single sign-on and the ways around it', async () => {
      const on = await stage();
      const error = await errorOf(on.signIn(on.account(), { user: on.other }));
      expect(error.remedy('en')).toMatch(/single sign-on[\s\S]*private window[\s\S]*browser profile[\s\S]*Windows/);
      expect(error.remedy('de')).toMatch(/Single Sign-on[\s\S]*privaten Fenster[\s\S]*Browserprofil[\s\S]*Windows/);
    });

    it('MAIL-24: a refusal that a change may explain says to wait some minutes', async () => {
      const on = await stage({ app: { platform: 'web', secretsRequired: true } });
      const { complete, begun } = await begin(on);
      const answer = on.browse(begun);
      on.running.simulator.faults.enable('entra-refusal', { number: 65001, endpoint: 'token' });
      const error = await errorOf(complete(answer));
      expect(error.details.aadsts).toBe(65001);
      expect(error.remedy('en')).toContain('wait some minutes');
      expect(error.remedy('de')).toContain('einige Minuten');
    });

    it('MAIL-25: a person with a second factor signs in once and renewals go on without it', async () => {
      const on = await stage();
      on.tenant.requireSecondFactor(on.user);
      const account = on.account();
      await on.signIn(account);
      expect(await on.tokens(account).token('exchange')).toMatch(/^eyJ/);
    });

    it('MAIL-26: a shared mailbox is opened with the delegate’s token, without a password or licence of its own', async () => {
      const on = await stage();
      const account = on.account({ mailbox: 'support@contoso.example', signInUser: on.user });
      expect((await on.signIn(account)).user).toBe(on.user);
      const graph = { ...account.value.receiving, protocol: 'graph' } as const;
      const { query } = await begin(on, on.account({ ...account.value, receiving: graph }));
      expect(query.get('scope')).toContain('https://graph.microsoft.com/Mail.ReadWrite.Shared');
    });

    it('the same answer ends a sign-in once, however often it comes', async () => {
      const on = await stage();
      const { begun, complete } = await begin(on);
      const answer = on.browse(begun);
      const outcomes = await Promise.allSettled([complete(answer), complete(answer), complete(answer)]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(on.tokenRequests()).toBe(1);
      expect((await errorOf(complete(answer))).code).toBe('SIGN_IN_USED');
    });

    it('another browser, person or account cannot end a sign-in, and does not use it up', async () => {
      const on = await stage();
      const { begun, complete, account } = await begin(on);
      const answer = on.browse(begun);
      const other = await begin(on);
      expect((await errorOf(complete(answer, { binding: other.begun.binding }))).code).toBe('SIGN_IN_FOREIGN');
      expect((await errorOf(complete(answer, { actor: 'somebody' }))).code).toBe('SIGN_IN_FOREIGN');
      expect((await errorOf(other.complete(answer))).code).toBe('SIGN_IN_FOREIGN');
      expect(await accountOfAnswer(stages.db, answer)).toBe(account.id);
      expect((await complete(answer)).user).toBe(on.user);
    });

    it('ten minutes after it was begun a sign-in has expired, and a day later it is forgotten', async () => {
      const on = await stage();
      const { begun, complete } = await begin(on);
      const answer = on.browse(begun);
      on.clock.advance(10 * 60_000);
      expect((await errorOf(complete(answer))).code).toBe('SIGN_IN_EXPIRED');
      on.clock.advance(24 * 60 * 60_000);
      expect(await sweepSignIns(on.services, on.clock.now())).toBeGreaterThan(0);
      expect((await errorOf(complete(answer))).code).toBe('SIGN_IN_UNKNOWN');
      expect(await sweepSignIns(on.services, on.clock.now())).toBe(0);
    });

    it('an answer at another address than the one asked for is refused, and the sign-in stays open', async () => {
      const on = await stage();
      const { begun, complete } = await begin(on, on.account(), on.application(), webRedirect);
      const answer = on.browse(begun);
      for (const wrong of [
        answer.replace('itsm.example.test', 'evil.example'),
        answer.replace('/sign-in?', '/sign-in/x?'),
        answer.replace('https://', 'http://'),
      ])
        expect((await errorOf(complete(wrong))).code).toBe('SIGN_IN_ADDRESS_INVALID');
      expect((await complete(answer)).user).toBe(on.user);
    });

    it('a person who cancels gets Entra’s own words with the row of the number', async () => {
      const on = await stage();
      const { begun, complete } = await begin(on);
      const error = await errorOf(complete(on.browse(begun, { deny: true })));
      expect(error).toMatchObject({ code: 'ENTRA_REFUSED', details: { aadsts: 65004, acts: 'user' } });
      expect(error.remedy('de')).toContain('Administrator zustimmen');
      expect(on.tokenRequests()).toBe(0);
    });

    it('a code of another sign-in, cut short or redeemed elsewhere is refused', async () => {
      const on = await stage();
      const account = on.account();
      const [first, second] = [await begin(on, account), await begin(on, account)];
      const [one, two] = [on.browse(first.begun), on.browse(second.begun)];
      const codeOf = (address: string) => new URL(address).searchParams.get('code') ?? '';
      const swapped = await errorOf(first.complete(one.replace(codeOf(one), codeOf(two))));
      expect(swapped.details.aadsts).toBe(501481);
      const cut = await errorOf(second.complete(two.replace(codeOf(two), codeOf(two).slice(0, 60))));
      expect(cut.details.aadsts).toBe(70000);
      expect(await grantOf(account.id)).toBeUndefined();
    });

    it('a sign-in for a directory that the person is not in is refused', async () => {
      const on = await stage({
        tenants: [
          {
            users: 10,
            apps: [
              {
                platform: 'public',
                redirectUris: [nativeClient],
                accountTypes: 'organizations',
                delegatedScopes: everyScope,
                clientId: '6a1c1c1e-0000-4000-8000-000000000001',
              },
            ],
            domain: 'one.example',
          },
          {
            users: 10,
            apps: [
              {
                platform: 'public',
                redirectUris: [nativeClient],
                accountTypes: 'organizations',
                delegatedScopes: everyScope,
                clientId: '6a1c1c1e-0000-4000-8000-000000000001',
              },
            ],
            domain: 'two.example',
          },
        ],
      });
      const two = on.running.simulator.tenants[1];
      two?.addUser({ userPrincipalName: 'guest@two.example' });
      const account = on.account({ mailbox: 'guest@two.example' });
      const options = on.context(account);
      const begun = await beginSignIn({ ...options, redirect: 'paste' });
      const elsewhere = begun.address.replace(`/${on.tenant.tenantId}/`, '/organizations/');
      const answer = on.browse({ address: elsewhere }, { user: 'guest@two.example' });
      const error = await errorOf(completeSignIn({ ...options, answer, binding: begun.binding, signal }));
      expect(error.kind).toBe('credentials');
      expect(await grantOf(account.id)).toBeUndefined();
    });

    it('a proof that was stored for another application is not used', async () => {
      const on = await stage();
      const { begun, account } = await begin(on);
      const answer = on.browse(begun);
      const changed = on.application({ clientId: '6a1c1c1e-0000-4000-8000-000000000009' });
      const error = await errorOf(
        completeSignIn({ ...on.context(account, changed), answer, binding: begun.binding, signal }),
      );
      expect(error.code).toBe('MAIL_SIGN_IN_UNREADABLE');
    });

    it('a sign-in begins only where a person signs in, and comes back only to https', async () => {
      const on = await stage();
      const own = begin(on, on.account(), on.application({ flow: 'app-only' }));
      expect((await errorOf(own)).code).toBe('SIGN_IN_NOT_DELEGATED');
      for (const redirect of [
        'http://itsm.example.test/x',
        'https://a:b@itsm.example.test/x',
        'https://itsm.example.test/x?y=1',
        'nonsense',
      ])
        expect((await errorOf(begin(on, on.account(), on.application(), redirect))).code).toBe(
          'SIGN_IN_REDIRECT_INVALID',
        );
      const loopback = await begin(on, on.account(), on.application(), 'http://127.0.0.1:8080/sign-in');
      expect(loopback.begun.redirect).toBe('http://127.0.0.1:8080/sign-in');
    });

    it('state, binding and verifier are kept as fingerprints or secrets only', async () => {
      const on = await stage();
      const { begun, query } = await begin(on);
      const rows = JSON.stringify(await stages.db.read((trx) => trx.rows(signIns)));
      for (const value of [query.get('state') ?? '', begun.binding]) {
        expect(value).toMatch(/^[\w-]{43}$/);
        expect(rows).not.toContain(value);
      }
    });
  });
