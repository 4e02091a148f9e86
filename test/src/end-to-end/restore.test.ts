import { join } from 'node:path';
import type { RestoredView, RunDetail } from '@itsm-m365/server-tasks';
import Sqlite from 'better-sqlite3';
import { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The reference host is an application: it has no entry for others, so its parts are taken by their place.
import { backUp } from '../../../apps/reference-host/src/backup.ts';
import { readConfiguration } from '../../../apps/reference-host/src/configuration.ts';
import { restore } from '../../../apps/reference-host/src/restore.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { type RunningHost, startReferenceHost } from './surroundings/hosts.ts';
import { addPortal, changePortal, portalOf, readPortal } from './surroundings/portals.ts';
import { ended, runToEnd, start, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { expectedFigures, holdersOf, skuNamed } from './surroundings/truth.ts';
import { compliance, consumersOf, contacts, figuresOf, ofSku } from './surroundings/views.ts';

interface Interval {
  readonly licence: number;
  readonly person: number;
  readonly path: string;
  readonly valid_from: number;
  readonly valid_to: number;
}

const intervalsIn = (file: string): readonly Interval[] => {
  const db = new Sqlite(file, { readonly: true });
  try {
    return db
      .prepare<[], Interval>(
        `SELECT licence, person, path, valid_from, valid_to FROM lic_assignment
         ORDER BY licence, person, path, valid_from`,
      )
      .all();
  } finally {
    db.close();
  }
};

const keyOf = ({ licence, person, path }: Interval): string => `${licence} ${person} ${path}`;
const at = (intervals: readonly Interval[], instant: number): readonly string[] =>
  intervals.filter((one) => one.valid_from <= instant && one.valid_to > instant).map(keyOf);

/** The way to Microsoft, on which a request can be made to wait. */
class StoppableWay extends Dispatcher {
  readonly #inner: Dispatcher;
  #stop: { readonly part: string; readonly reached: () => void } | undefined;
  #waiting: (() => void)[] = [];

  constructor(inner: Dispatcher) {
    super();
    this.#inner = inner;
  }

  /** Resolves when a request whose path has the part is about to leave; it waits until `goOn`. */
  stopAt(part: string): Promise<void> {
    return new Promise((resolve) => {
      this.#stop = { part, reached: resolve };
    });
  }

  goOn(): void {
    this.#stop = undefined;
    for (const leave of this.#waiting.splice(0)) leave();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#stop === undefined || !decodeURIComponent(options.path).includes(this.#stop.part))
      return this.#inner.dispatch(options, handler);
    this.#waiting.push(() => this.#inner.dispatch(options, handler));
    this.#stop.reached();
    return true;
  }
}

// One story: each test goes on where the one before ended.
describe('The life of an installation that is restored', () => {
  let folder: Folder;
  let data: string;
  let copy: string;
  let simulated: Simulated;
  let way: StoppableWay;
  let host: RunningHost;
  let portal = '';
  let underWay: RunDetail;
  let beforeBackup = 0;
  let beforeIntervals: readonly Interval[] = [];

  const configuration = () => readConfiguration(['--data', data], {});
  const startHost = () => startReferenceHost({ folder: data, http: way });
  const restored = () => host.get<RestoredView>('/restored');
  const expectTruth = async () => {
    const tenant = simulated.tenant();
    const rows = await compliance(host);
    expect(figuresOf(rows)).toEqual(expectedFigures(tenant));
    const { skuId } = skuNamed(tenant, 'SPE_E3');
    expect(await consumersOf(host, ofSku(rows, skuId).id)).toEqual(holdersOf(tenant, skuId));
  };

  beforeAll(async () => {
    folder = temporaryFolder();
    data = join(folder.path, 'data');
    copy = join(folder.path, 'copy');
    simulated = await simulate({ users: 300 });
    way = new StoppableWay(simulated.http);
    host = await startHost();
    portal = (await addPortal(host, portalOf(simulated.tenant(), 'Contoso'))).id;
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
  }, 40_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  const changeTenant = (users: number) => {
    const holders = [...simulated.tenant().truth.users()].filter(({ held }) => held.length > 0);
    for (const user of holders.slice(0, users)) simulated.tenant().removeUser(user.id);
  };

  it('is backed up in the midst of an import', async () => {
    beforeBackup = Date.now();
    changeTenant(3);
    await changePortal(host, portal, { description: 'as in the backup', fullListingHours: 1 });
    // A condition of the reading changes, so that everybody is listed.
    const excluded = skuNamed(simulated.tenant(), 'SPE_E3').skuId;
    await changePortal(host, portal, { exclusions: [excluded] });
    const reached = way.stopAt('$top=999');
    underWay = (await start(host, tasks.import)).run;
    await reached;
    await backUp(configuration(), copy);
    const copied = new Sqlite(join(copy, 'itsm.sqlite'), { readonly: true });
    const state = copied
      .prepare<[string], { state: string }>('SELECT state FROM task_run WHERE id = ?')
      .get(underWay.id);
    expect(copied.pragma('integrity_check', { simple: true })).toBe('ok');
    copied.close();
    expect(state?.state).toBe('running');
    way.goOn();
    expect((await ended(host, underWay.id)).state).toBe('succeeded');
    beforeIntervals = intervalsIn(join(copy, 'itsm.sqlite'));
  });

  it('goes on: persons leave, settings change, imports follow', async () => {
    changeTenant(4);
    await changePortal(host, portal, { description: 'after the backup', exclusions: [] });
    await addPortal(host, portalOf(simulated.tenant(), 'Second', { tenantId: '99999999-1111-4111-8111-111111111111' }));
    await runToEnd(host, tasks.import);
  });

  it('starts in restored mode after the restore, and says so wherever people look', async () => {
    await host.close();
    await restore(configuration(), copy);
    host = await startHost();
    expect(await host.get('/health/ready')).toEqual({ status: 'ok', restored: true });
    expect(host.told()).toContain('RESTORED_MODE');
    const page = await fetch(host.url.replace('/itsm', '/'), { headers: { 'accept-language': 'de' } });
    expect(await page.text()).toContain('Die Datenbank wurde wiederhergestellt');
    const view = await restored();
    expect(view).toMatchObject({
      on: true,
      mode: { reason: 'told', forgotten: { 'm365-import.deltaLinks': 1, runsEnded: 1 } },
      tasks: ['mail-oauth.fetch', 'mail-oauth.send'],
      cursors: [{ plugin: 'm365-import', item: portal, subject: { type: 'portal', name: 'Contoso' }, held: false }],
    });
    expect(view.cursors[0]?.position.de).toContain('liest alle Benutzer');
  });

  it('has ended the import of the backup, and goes on with the settings of the backup', async () => {
    const run = await host.get<RunDetail>(`/runs/${underWay.id}`);
    expect(run).toMatchObject({ state: 'cancelled', stopReason: 'restored', items: [{ state: 'cancelled' }] });
    expect(run.notices.map(({ notice }) => notice.code)).toEqual(['RUN_ENDED_BY_RESTORE']);
    expect((await readPortal(host, portal)).value).toMatchObject({ description: 'as in the backup' });
    const { items } = await host.get<{ items: readonly unknown[] }>('/settings/m365-import.portals/items');
    expect(items.length).toBe(1);
  });

  it('imports in restored mode: everybody is listed, and the figures are the truth again', async () => {
    await changePortal(host, portal, { exclusions: [] });
    const requests = await runToEnd(host, tasks.completely);
    expect(requests.state).toBe('succeeded');
    await expectTruth();
    const names = (await contacts(host)).map(({ userPrincipalName }) => userPrincipalName.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it('is released by whom saw it', async () => {
    const { mode, seen } = await restored();
    const released = await host.post<RestoredView>('/restored/release', { restored: mode?.id, seen });
    expect(released.on).toBe(false);
    expect(await host.get('/health/ready')).toEqual({ status: 'ok' });
    const audit = await host.get<{ items: readonly { action: string; actor: { name: string } }[] }>('/audit');
    const entries = audit.items.filter(({ action }) => action.startsWith('restored.'));
    expect(entries.map(({ action, actor }) => [action, actor.name])).toEqual([
      ['restored.released', 'admin'],
      ['restored.entered', 'System'],
    ]);
    expect((await runToEnd(host, tasks.import)).state).toBe('succeeded');
    await expectTruth();
  });

  it('keeps the history of before the backup, with no interval doubled and none that overlaps another', async () => {
    await host.close();
    const now = intervalsIn(join(data, 'itsm.sqlite'));
    expect(beforeIntervals.length).toBeGreaterThan(100);
    expect(at(now, beforeBackup)).toEqual(at(beforeIntervals, beforeBackup));
    const last = new Map<string, Interval>();
    for (const interval of now) {
      const key = keyOf(interval);
      expect(interval.valid_to).toBeGreaterThan(interval.valid_from);
      expect(interval.valid_from).toBeGreaterThanOrEqual(last.get(key)?.valid_to ?? 0);
      last.set(key, interval);
    }
    host = await startHost();
    expect(await restored()).toMatchObject({ on: false });
  });
});
