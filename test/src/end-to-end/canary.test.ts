import { createPrivateKey, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SimulatorTenant, selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import type { RunDetail } from '@itsm-m365/server-tasks';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterAccount, enterApplication } from '../mail/surroundings.ts';
import { describedBy, fillPath, knownIds, operationsOf } from './surroundings/crawl.ts';
import { type EchoMode, Points, startEcho } from './surroundings/echo.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, portalOf, section } from './surroundings/portals.ts';
import { built, endAll, runNode } from './surroundings/processes.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';

const canary = (name: string): string => `canary~${name}.${randomBytes(18).toString('base64url')}`;

const pair = selfSignedCertificate();
const passphrase = canary('passphrase');
const encryptedKey = createPrivateKey(pair.privateKeyPem)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
  .toString();
const secrets = { value: canary('secret'), wrong: canary('wrong'), misplaced: canary('misplaced'), passphrase };

/** Lines from the middle of a PEM text: whoever shows a part of the key shows one of them. */
const linesOf = (pem: string): string[] => pem.split('\n').slice(5, 12);

/** A canary as it may look when it comes out: as typed, in a URL, in base64. */
const forms = (text: string): string[] => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').slice(0, -4),
];

const needles = [...Object.values(secrets).flatMap(forms), ...linesOf(pair.privateKeyPem), ...linesOf(encryptedKey)];

/** What of the canaries, and of anything that looks like a token, stands in a text. */
const leaksIn = (text: string): string[] => [
  ...needles.filter((needle) => text.includes(needle)),
  ...[...text.matchAll(/\beyJ[\w-]{10,}\.[\w-]{10,}/g)].map(([token]) => `token ${token.slice(0, 40)}`),
];

const filesIn = (folder: string): readonly (readonly [string, string])[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString('latin1')]);

hostSuite('Secrets', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let echo: Awaited<ReturnType<typeof startEcho>>;
  let host: RunningHost;
  let choose: (origin: string) => Dispatcher;
  const heard: string[] = [];

  beforeAll(async () => {
    folder = temporaryFolder();
    const apps = [{ secrets: [secrets.value], certificates: [pair.certificatePem] }];
    simulated = await simulate({ users: 20, apps });
    echo = await startEcho();
    choose = () => simulated.http;
    host = await startHost({ folder: folder.path, http: new Points((origin) => choose(origin)) });
  }, 30_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    await echo?.close();
    folder.remove();
  });

  const keep = async (method: string, path: string, body?: unknown): Promise<number> => {
    const answer = await host.call(method, path, body === undefined ? {} : { body });
    heard.push(`${method} ${path} ${JSON.stringify([...answer.headers])} ${answer.text}`);
    return answer.status;
  };
  const withSecret = (value: string, name: string, more: object = {}) =>
    portalOf(simulated.tenant(), name, { credential: { type: 'secret', value, validUntil: '2099-12-31', ...more } });
  const certificate = { type: 'certificate', certificate: pair.certificatePem, privateKey: encryptedKey, passphrase };
  const leaks = (): string[] =>
    heard.flatMap((text) => leaksIn(text).map((leak) => `${leak} in ${text.slice(0, 300)}`));

  it('stay inside when portals are stored, tested, refused and imported', async () => {
    await addPortal(host, withSecret(secrets.value, 'Secret'));
    await addPortal(host, portalOf(simulated.tenant(), 'Certificate', { credential: certificate }));
    await addPortal(host, withSecret(secrets.wrong, 'Wrong'));
    const application = await enterApplication(host, simulated.tenant(), 'app-only', secrets.value);
    const mailbox = 'a@contoso.example';
    await enterAccount(host, { authority: '' }, { name: 'OAuth', mailbox, application });
    const byPassword = { name: 'Password', mailbox, method: 'password', password: secrets.value };
    await enterAccount(host, { authority: '' }, byPassword);
    const bad: readonly object[] = [
      withSecret(secrets.wrong, ''),
      withSecret(secrets.wrong, 'Bad', { extra: secrets.misplaced }),
      withSecret(secrets.wrong, 'Bad', { validUntil: secrets.misplaced }),
      { ...withSecret(secrets.wrong, 'Bad'), tenantId: 'no-guid', cloud: 'moon' },
      portalOf(simulated.tenant(), 'Bad', { credential: { ...certificate, passphrase: secrets.wrong } }),
      portalOf(simulated.tenant(), 'Bad', { credential: { ...certificate, certificate: encryptedKey } }),
      portalOf(simulated.tenant(), 'Bad', { credential: { ...certificate, privateKey: pair.certificatePem } }),
      portalOf(simulated.tenant(), 'Bad', { credential: secrets.misplaced }),
    ];
    for (const value of bad) {
      expect(await keep('POST', `${section}/items`, { value })).toBe(422);
      await keep('POST', `${section}/validate`, { value });
      await keep('POST', `${section}/test`, { value });
    }
    await keep('POST', `${section}/test`, { value: withSecret(secrets.wrong, 'Test') });
    await keep('POST', `${section}/test`, { value: portalOf(simulated.tenant(), 'Test', { credential: certificate }) });
    expect((await runToEnd(host, tasks.completely)).state).toBe('partial');
    expect(leaks()).toEqual([]);
  });

  it.each<EchoMode>(['error', 'page', 'success'])(
    'stay inside when what was sent comes back as %s',
    async (mode) => {
      echo.repeat(mode);
      for (const repeated of [/login/, /graph/]) {
        choose = (origin) => (repeated.test(origin) ? echo.http : simulated.http);
        await keep('POST', `${section}/test`, { value: withSecret(secrets.value, 'Test') });
        const run = await runToEnd(host, tasks.import);
        expect(run.items.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
        heard.push(JSON.stringify(run));
      }
      choose = () => simulated.http;
      expect(leaks()).toEqual([]);
    },
    40_000,
  );

  it('are in no answer of any route that reads', async () => {
    await runToEnd(host, tasks.completely);
    const known = await knownIds(host);
    const paths = operationsOf(await describedBy(host))
      .filter(({ method }) => method === 'GET')
      .flatMap(({ path }) => ({ path, filled: fillPath(path, known) }));
    expect(paths.filter(({ filled }) => filled.length === 0).map(({ path }) => path)).toEqual([]);
    const statuses = new Map<number, number>();
    for (const path of paths.flatMap(({ filled }) => filled)) {
      const status = await keep('GET', path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses.get(200)).toBeGreaterThan(60);
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    expect(leaks()).toEqual([]);
  });

  it('are in no log, notice or notification', async () => {
    const run = await host.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.import}&limit=1`);
    expect(run.items).toHaveLength(1);
    expect(host.told().length).toBeGreaterThan(100);
    expect(leaksIn(host.told())).toEqual([]);
  });

  it('are in no file of the host but as ciphertext', async () => {
    await host.close();
    const files = filesIn(folder.path);
    expect(files.map(([name]) => name).some((name) => /sqlite|\.db/.test(name))).toBe(true);
    expect(files.flatMap(([name, text]) => leaksIn(text).map((leak) => `${leak} in ${name}`))).toEqual([]);
    host = { ...host, close: async () => undefined };
  });
});

describe('The process of the reference host', () => {
  let folder: Folder;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => {
    endAll();
    folder.remove();
  });

  it('writes no secret to the terminal or into its folder, however much it logs', async () => {
    const tenant: Pick<SimulatorTenant, 'tenantId' | 'clientId'> = {
      tenantId: '0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60',
      clientId: '7b1c4e92-35d8-4f0a-b6c7-2e9d8a5f1304',
    };
    const keys = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(keys.path, name), text);
      return join(keys.path, name);
    };
    const secretsKey = randomBytes(32).toString('base64');
    // A proxy that nobody answers at: nothing leaves this machine.
    const shared = { HTTPS_PROXY: 'http://127.0.0.1:1', LOG_LEVEL: 'trace', SECRETS_KEY: secretsKey };
    const ids = { M365_TENANT_ID: tenant.tenantId, M365_CLIENT_ID: tenant.clientId };
    const bySecret = { M365_CLIENT_SECRET: secrets.value, M365_CLIENT_SECRET_EXPIRES: '2099-12-31' };
    const byCertificate = {
      M365_CERTIFICATE_FILE: file('public.crt', pair.certificatePem),
      M365_KEY_FILE: file('private.pem', encryptedKey),
      M365_KEY_PASSPHRASE: passphrase,
    };
    const runs = await Promise.all(
      [bySecret, byCertificate].map((credential, number) =>
        runNode(
          built('apps', 'reference-host', 'dist', 'main.js'),
          ['--once', '--language', 'en', '--data', join(folder.path, String(number))],
          { env: { ...shared, ...ids, ...credential } },
        ),
      ),
    );
    keys.remove();
    for (const { code, stdout, stderr } of runs) {
      expect(stdout + stderr).toMatch(/Could not connect to GraphAPI server/);
      expect(code, stderr).not.toBe(0);
      expect(leaksIn(stdout + stderr)).toEqual([]);
      expect(stdout + stderr).not.toContain(secretsKey);
    }
    const files = filesIn(folder.path);
    expect(files.flatMap(([name, text]) => leaksIn(text).map((leak) => `${leak} in ${name}`))).toEqual([]);
    expect(files.some(([, text]) => text.includes(secretsKey))).toBe(false);
  }, 40_000);
});
