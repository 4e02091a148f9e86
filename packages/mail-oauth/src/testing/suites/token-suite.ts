import type { TestReport } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { tokenWith } from '../../diagnosis/testing/tokens.ts';
import { type DiagnosisWorld, stepOf, type Tried } from '../diagnosis-world.ts';
import { clientSecret, person } from '../mail-tenant.ts';
import { fetchingBy, sendingBy } from '../provocations/provocation.ts';
import { scriptedWeb } from '../web-hosts.ts';
import { loginHost, tokenStep, webWith } from './token-step.ts';

const ways = {
  imap: { stage: 'incoming', tried: fetchingBy('imap') },
  pop: { stage: 'incoming', tried: fetchingBy('pop') },
  smtp: { stage: 'outgoing', tried: sendingBy('smtp') },
  graph: { stage: 'incoming', tried: fetchingBy('graph') },
} as const;

type Way = keyof typeof ways;

/** A connection by TLS costs some time: what no protocol tells apart is shown by one or two of them. */
const everyWay: readonly Way[] = ['imap', 'pop', 'smtp', 'graph'];

/** Tokens that a server has to refuse, and what the test of the account makes of it. */
export const tokenSuite = (world: () => DiagnosisWorld): void => {
  describe('a token that no server takes', () => {
    const elsewhere = '11111111-2222-4333-8444-555555555555';

    /** The token that Entra gives to the application now. */
    const genuine = (scope: string): string => {
      const { clientId } = world().app('app-only');
      const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope };
      const reply = world().simulator.handle({
        method: 'POST',
        host: loginHost,
        target: `/${world().tenant.tenantId}/oauth2/v2.0/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
      return JSON.parse(String(reply.body)).access_token;
    };
    const services = { graph: 'https://graph.microsoft.com', exchange: 'https://outlook.office365.com' } as const;
    const scopeOf = (way: Way): string => `${services[way === 'graph' ? 'graph' : 'exchange']}/.default`;

    /** A login host that hands out this in the place of the application's token. */
    const handingOut = async (change: (token: string) => string, way: Way) => {
      const access_token = change(genuine(scopeOf(way)));
      const body = { token_type: 'Bearer', expires_in: 3599, access_token };
      return webWith(world(), { plain: world().keep(await scriptedWeb(200, body)).port });
    };

    const refused = (report: TestReport, stage: string, first: string, acts: string): void => {
      const step = stepOf(report, stage);
      expect(step).toMatchObject({ outcome: 'failed', code: 'MAIL_LOGIN_REFUSED', evidence: { acts } });
      expect(step.remedy?.en.replace(/^Check in this order: \(1\) /, '')).toMatch(new RegExp(`^${first}`));
    };

    it.each([
      ['of another directory', () => ({ tid: elsewhere }), 'The token is of another directory: 1111'],
      ['of another application', () => ({ appid: elsewhere }), 'The token is of another application: 1111'],
      ['that has expired', () => ({ exp: world().clock.now() / 1000 - 60 }), 'The token has expired'],
    ])('%s is refused, and its contents tell why', async (_, claims, cause) => {
      world().app('app-only').extraClaims = claims();
      for (const way of ['imap', 'graph'] as const) {
        const { stage, tried } = ways[way];
        const report = await world().test(tried);
        expect(stepOf(report, 'claims')).toMatchObject({ outcome: 'warning', code: 'MAIL_CLAIMS_UNEXPECTED' });
        refused(report, stage, cause, 'operator');
      }
    });

    it('for the other service is refused, whatever it allows there, and its contents tell why', async () => {
      const other = (way: Way) => services[way === 'graph' ? 'exchange' : 'graph'];
      const misled = async (way: Way, more: Tried = {}): Promise<void> => {
        const { stage, tried } = ways[way];
        const report = await world().test({ ...tried, ...more });
        expect(stepOf(report, 'claims').evidence?.audience).toBe(other(way));
        refused(report, stage, `The token is for ${other(way)}, which is the wrong service`, 'operator');
      };
      // As Entra gives it for Graph; then one that differs from a good one in nothing else.
      await misled('imap', await handingOut(() => genuine(scopeOf('graph')), 'imap'));
      for (const way of everyWay) {
        world().app('app-only').extraClaims = { aud: other(way) };
        await misled(way);
      }
    });

    it.each([
      ['its contents', (token: string) => token.slice(0, token.indexOf('.') + 100)],
      ['its signature', (token: string) => token.slice(0, -40)],
      ['its beginning', (token: string) => token.slice(0, 20)],
    ])('cut short in %s is refused, and told as such', async (_, cut) => {
      for (const way of ['smtp', 'graph'] as const) {
        const { stage, tried } = ways[way];
        const report = await world().test({ ...tried, ...(await handingOut(cut, way)) });
        expect(stepOf(report, 'claims')).toMatchObject({ outcome: 'warning', evidence: { acts: 'network' } });
        refused(report, stage, 'The token is cut short', 'network');
      }
    });

    it('with a signature that is none of Entra’s is refused, though its contents are right', async () => {
      const forged = (token: string): string => tokenWith(JSON.parse(atob(token.split('.')[1] ?? '')));
      for (const way of ['pop', 'graph'] as const) {
        const { stage, tried } = ways[way];
        const report = await world().test({ ...tried, ...(await handingOut(forged, way)) });
        expect(stepOf(report, 'claims').outcome).toBe('passed');
        expect(stepOf(report, stage)).toMatchObject({ outcome: 'failed', code: 'MAIL_LOGIN_REFUSED' });
      }
    });

    it('that was revoked is refused, and Entra tells why there is no other one', async () => {
      for (const way of ['imap', 'graph'] as const) {
        const { stage, tried } = ways[way];
        await world().signIn();
        const delegated = { ...tried, application: 'delegated' } as const;
        expect((await world().test(delegated)).ok).toBe(true);
        world().tenant.revokeSessions(person, { accessTokens: true });
        const report = await world().testAgain();
        expect(stepOf(report, stage)).toMatchObject({
          outcome: 'failed',
          code: 'MAIL_SIGN_IN_DEAD',
          evidence: { aadsts: '50173', acts: 'user', retry: 'no' },
        });
      }
    });

    it('of an application that was disabled is refused, and Entra tells why there is no other one', async () => {
      const { stage, tried } = ways.smtp;
      expect((await world().test(tried)).ok).toBe(true);
      world().app('app-only').disabled = true;
      expect(stepOf(await world().testAgain(), stage)).toMatchObject({
        code: 'ENTRA_POLICY_BLOCKED',
        evidence: { aadsts: '7000112', acts: 'entra' },
      });
    });

    it('of another person is not even shown to a server', async () => {
      await world().signIn();
      world().app('delegated').extraClaims = { oid: elsewhere, upn: 'eve@contoso.example' };
      const { step } = await tokenStep(world(), { application: 'delegated' });
      expect(step).toMatchObject({
        outcome: 'failed',
        code: 'MAIL_OTHER_ACCOUNT',
        evidence: { acts: 'user', retry: 'no' },
      });
    });
  });
};
