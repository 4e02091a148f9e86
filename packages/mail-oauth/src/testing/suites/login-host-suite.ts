import { describe, expect, it } from 'vitest';
import { faultRows } from '../../diagnosis/rows.ts';
import type { DiagnosisWorld } from '../diagnosis-world.ts';
import { scriptedServer } from '../scripted-server.ts';
import { scriptedWeb, type WebHost } from '../web-hosts.ts';
import { loginHost, tokenStep, webWith } from './token-step.ts';

/** Table 7a, its last line, and answers of the login host that are no refusals. */
export const loginHostSuite = (world: () => DiagnosisWorld): void => {
  describe('a login host that cannot be asked', () => {
    const closed = async (): Promise<WebHost> => {
      const web = await scriptedWeb(200, {});
      await web.close();
      return { plain: web.port };
    };
    const inspected = async (): Promise<WebHost> => ({
      tls: world().keep(await scriptedServer(() => undefined, { host: loginHost })).port,
    });
    const withoutTls = async (): Promise<WebHost> => ({ tls: world().keep(await scriptedWeb(200, {})).port });

    it.each([
      ['no name server knows it', 'web-name-unknown', 'ENOTFOUND', async (): Promise<WebHost> => 'unknown'],
      ['a firewall rejects the connection', 'web-refused', 'ECONNREFUSED', closed],
      [
        'a device with an authority of its own inspects TLS',
        'web-certificate',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        inspected,
      ],
      ['a proxy without TLS answers', 'web-tls', 'ERR_SSL_WRONG_VERSION_NUMBER', withoutTls],
    ] as const)('is told with the inner cause where %s, and asked again', async (_, row, reply, place) => {
      const slept = world().clock.now();
      const { step } = await tokenStep(world(), webWith(world(), await place()));
      expect(step).toMatchObject({
        outcome: 'failed',
        code: 'MAIL_LOGIN_HOST_UNREACHABLE',
        evidence: { row, reply, server: `${loginHost}:443`, acts: 'network', retry: 'yes', stage: 'token' },
      });
      const [cause] = faultRows.find(({ id }) => id === row)?.causes ?? [];
      for (const language of ['en', 'de'] as const)
        expect(step.remedy?.[language]).toBe(`${cause?.cause[language]} ${cause?.remedy[language]}`);
      expect(world().clock.now()).toBeGreaterThan(slept);
    });

    it.each([
      ['a proxy answers with a page', 'token-not-json', {}, 'GRAPH_REPLY_UNREADABLE', 'network', true],
      ['it answers with nothing', 'token-empty-object', {}, 'GRAPH_REPLY_UNREADABLE', 'network', true],
      ['it is out of order', 'token-server-error', { status: 503 }, 'ENTRA_UNAVAILABLE', 'nobody', true],
      // Longer than a test waits: the next run asks again.
      ['it throttles', 'token-too-many-requests', { retryAfterSeconds: 900 }, 'ENTRA_UNAVAILABLE', 'nobody', false],
      ['it gives a number of no table', 'entra-refusal', { number: 4_242_424 }, 'ENTRA_REFUSED', 'entra', false],
    ] as const)('is told as such where %s', async (_, fault, parameters, code, acts, again) => {
      world().simulator.faults.enable(fault, parameters as object);
      const { step, asked } = await tokenStep(world());
      const retry = code === 'ENTRA_REFUSED' ? 'no' : 'yes';
      expect(step).toMatchObject({ outcome: 'failed', code, evidence: { acts, retry } });
      expect(asked > 1).toBe(again);
    });
  });
};
