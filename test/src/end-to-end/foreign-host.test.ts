import type { Clock } from '@itsm-m365/plugin-api';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { machineClock } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from './surroundings/client.ts';
import { describedBy, operationsOf } from './surroundings/crawl.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { addPortal, portalOf } from './surroundings/portals.ts';
import { ended, runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';

const minute = 60_000;

/** Polls until something is there, and fails after ten seconds. */
const come = async <T>(look: () => Promise<T | false | undefined>): Promise<T> => {
  const latest = performance.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > latest) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('A host of another make', () => {
  let folder: Folder;
  let simulated: Simulated;
  let host: TestHost;
  let ahead = 0;

  /** The machine's clock, whose hands a test moves forward. */
  const clock: Clock = { ...machineClock, now: () => machineClock.now() + ahead };
  const client = () => createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' });
  const own = (path: string, init: RequestInit = {}) =>
    fetch(`${host.url}${path}`, { ...init, headers: { 'content-type': 'application/json' } });

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 20 });
    host = await startTestHost({ folder: folder.path, simulatorUrl: simulated.url, clock });
  }, 30_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  it('keeps its own validation, serialisation and error handling', async () => {
    const body = JSON.stringify({ size: '7', tags: 'one', unknown: true });
    const made = await own('/gadgets', { method: 'POST', body });
    expect(await made.json()).toEqual({ envelope: { size: 7, colour: 'red', tags: ['one'] } });
    const broken = await own('/gadgets/broken');
    expect([broken.status, await broken.json()]).toEqual([500, { envelope: { oops: 'a gadget broke' } }]);
    const wrong = await own('/gadgets', { method: 'POST', body: '{"size":"many"}' });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ envelope: { oops: expect.stringMatching(/size/) } });
    const large = await own('/gadgets', { method: 'POST', body: JSON.stringify({ size: 1, more: 'x'.repeat(5000) }) });
    expect(large.status).toBe(413);
    const nowhere = await own('/nowhere');
    expect([nowhere.status, await nowhere.json()]).toEqual([404, { oops: 'nowhere' }]);
  });

  it('keeps its own description of its own routes', async () => {
    const document = (await (await own('/documentation/json')).json()) as { envelope: { paths: object; info: object } };
    expect(Object.keys(document.envelope.paths)).toEqual(['/gadgets', '/gadgets/broken']);
    expect(document.envelope.info).toMatchObject({ title: 'Foreign host', version: '9' });
  });

  it('finds every route of the plugins in their own description, and no other', async () => {
    const served = host.routes
      .filter((route) => route.includes(` ${host.prefix}/`))
      .map((route) => route.replace(host.prefix, '').replaceAll(/:(\w+)/g, '{$1}'));
    const described = operationsOf(await describedBy(client())).map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual(served.sort());
  });

  it('gets nothing removed, coerced or filled in by its own validation on routes of the plugins', async () => {
    const strict = await host.call('POST', '/settings/m365-import.portals/items', { body: { value: {}, extra: 1 } });
    expect(strict).toMatchObject({ status: 422, body: { problems: [{ path: '/body/extra' }] } });
    const coerced = await host.call('PUT', `/tasks/${tasks.import}/schedule`, {
      body: { enabled: 'false', schedule: null, timeoutMinutes: null, ifVersion: 0 },
    });
    expect(coerced).toMatchObject({ status: 422, body: { problems: [{ path: '/body/enabled' }] } });
    const missing = await host.call('GET', '/nowhere');
    expect(missing).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(missing.headers).toMatchObject({
      'content-type': expect.stringMatching(/problem\+json/),
      'x-foreign-host': 'known',
    });
  });

  it('has its hooks run before the routes of the plugins, and its refusals said in their words', async () => {
    const banned = await host.call('GET', '/tasks', { actor: 'banned' });
    expect(banned.status).toBeGreaterThanOrEqual(400);
    expect(banned.status).toBeLessThan(500);
    expect(banned.headers['content-type']).toMatch(/problem\+json/);
    expect((await host.call('GET', '/tasks', { actor: 'stranger' })).status).toBe(401);
  });

  it('M365-32: a task starts by its start condition when the host lets time pass, and not before', async () => {
    await addPortal(client(), portalOf(simulated.tenant(), 'Foreign'));
    const runs = async () => (await client().get<{ items: RunDetail[] }>(`/runs?task=${tasks.import}`)).items;
    ahead += 299 * minute;
    await host.tick();
    expect(await runs()).toEqual([]);
    ahead += 2 * minute;
    await host.tick();
    const [run] = await runs();
    expect(run).toMatchObject({ trigger: 'schedule', actor: { id: 'system' } });
    expect((await ended(client(), run?.id ?? '')).state).toBe('succeeded');
  });

  it('M365-30: of the two tasks the recalculation follows the import', async () => {
    const { items } = await client().get<{ items: RunDetail[] }>(`/runs?task=${tasks.recalculate}`);
    const last = items.find(({ trigger }) => trigger === 'follows');
    expect((await ended(client(), last?.id ?? '')).state).toBe('succeeded');
  });

  it('is told by its monitor and its notifications, also that a portal had no import for long', async () => {
    await runToEnd(client(), tasks.completely);
    expect(host.changes.filter(({ task }) => task === tasks.import).map(({ state }) => state)).toEqual(
      expect.arrayContaining(['running', 'succeeded']),
    );
    const [app] = simulated.tenant().apps;
    if (app !== undefined) app.disabled = true;
    // The watches are looked at in the background of a tick, so that none of them holds it up.
    const seen = async () => {
      const { items } = await client().get<{ items: { key: string; lastAt: number }[] }>('/events?limit=200');
      return items.find(({ key }) => key.startsWith('m365-import.stale/'));
    };
    ahead += 25 * 60 * minute;
    await host.tick();
    const first = await come(seen);
    await come(async () => host.told.find(({ key }) => key === first.key));
    ahead += 6 * minute;
    await host.tick();
    await come(async () => ((await seen())?.lastAt ?? 0) > first.lastAt);
    const stale = host.told.filter(({ key }) => key === first.key);
    expect(stale).toMatchObject([{ notice: { code: 'IMPORT_STALE', subject: { name: 'Foreign' } } }]);
  });
});
