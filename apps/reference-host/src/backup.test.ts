import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, SecretBinding, SecretRef } from '@itsm-m365/plugin-api';
import { createServerTasks, type ServerTasks } from '@itsm-m365/server-tasks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUp } from './backup.ts';
import { readConfiguration } from './configuration.ts';
import { openHost, type ReferenceHost } from './host.ts';
import { refuseUnfinished, restore } from './restore.ts';
import { rotateSecretsKey } from './rotate.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

interface Running extends ReferenceHost {
  readonly tasks: ServerTasks;
  stop(): Promise<void>;
}

const binding: SecretBinding = { owner: 'sample.accounts/one', field: 'password', boundTo: { host: 'one' } };

describe('backup and restore of the data folder', () => {
  let folder: string;
  let data: string;
  let copy: string;
  let running: Running[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'itsm-backup-'));
    data = join(folder, 'data');
    copy = join(folder, 'copy');
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const configuration = (...more: readonly string[]) => readConfiguration(['--data', data, ...more], {});

  const start = async (...more: readonly string[]): Promise<Running> => {
    const reference = await openHost(configuration(...more), { logger: silent, http: undefined });
    const { restored } = reference;
    const tasks = await createServerTasks(reference.host, [], {
      schedules: false,
      ...(restored === undefined ? {} : { restored }),
    });
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= tasks.stop().then(() => reference.close());
      return stopping;
    };
    const one = { ...reference, tasks, stop };
    running.push(one);
    return one;
  };

  const put = ({ host }: Running, id: string, value: string) =>
    host.settings.put('sample.things', id, { value }, { ifVersion: 0, actor: 'ann' });
  const things = async ({ host }: Running) => (await host.settings.list('sample.things')).map(({ id }) => id);
  const reasonOf = async ({ tasks }: Running) => {
    const { on, mode } = await tasks.restored.view();
    return on ? mode?.reason : undefined;
  };

  it('copies both databases while the host runs, and neither the key nor the mark', async () => {
    const host = await start();
    await put(host, 'before', '1');
    const { key } = await backUp(configuration(), copy);
    expect(readdirSync(copy).sort()).toEqual(['backup.json', 'host.sqlite', 'itsm.sqlite']);
    for (const name of readdirSync(copy)) expect([name, statSync(join(copy, name)).mode & 0o077]).toEqual([name, 0]);
    expect(key).toBe(join(data, 'secrets.key'));
    await put(host, 'after', '2');
    await expect(backUp(configuration(), copy)).rejects.toMatchObject({ code: 'BACKUP_FOLDER_TAKEN' });
    await host.stop();
    await restore(configuration(), copy);
    expect(await things(await start())).toEqual(['before']);
  });

  it('leaves backup and restore on SQL Server to the server', async () => {
    const server = readConfiguration(['--data', data], { DATABASE_URL: 'mssql://a:b@sql.example/itsm' });
    await expect(backUp(server, copy)).rejects.toMatchObject({ code: 'BACKUP_BY_SERVER' });
    await expect(restore(server, copy)).rejects.toMatchObject({ code: 'BACKUP_BY_SERVER' });
  });

  it('has nothing to copy from an empty folder, and leaves nothing that looks like a backup', async () => {
    await expect(backUp(configuration(), copy)).rejects.toMatchObject({ code: 'DATABASE_MISSING' });
    await expect(restore(configuration(), copy)).rejects.toMatchObject({ code: 'BACKUP_MISSING' });
  });

  it('starts in restored mode once after a restore, keeps what was there, and takes no old log of SQLite for new', async () => {
    const host = await start();
    await backUp(configuration(), copy);
    await put(host, 'after', '2');
    await host.stop();
    writeFileSync(join(data, 'itsm.sqlite-wal'), 'left behind by a kill');
    const { aside, made, missingKeys } = await restore(configuration(), copy);
    expect(new Date(made).toISOString()).toBe(made);
    expect(missingKeys).toEqual([]);
    expect(readdirSync(aside).sort()).toEqual(['host.sqlite', 'itsm.sqlite', 'itsm.sqlite-wal']);
    const again = await start();
    expect(await reasonOf(again)).toBe('told');
    expect(await things(again)).toEqual([]);
    const { mode, seen } = await again.tasks.restored.view();
    await again.tasks.restored.release({ restored: mode?.id ?? '', seen });
    await again.stop();
    expect(await reasonOf(await start())).toBeUndefined();
  });

  it('notices files that were put back by other means', async () => {
    const host = await start();
    await backUp(configuration(), copy);
    await host.stop();
    copyFileSync(join(copy, 'itsm.sqlite'), join(data, 'itsm.sqlite'));
    expect(await reasonOf(await start())).toBe('older');
  });

  it('notices that the settings alone were put back', async () => {
    const host = await start();
    await backUp(configuration(), copy);
    await put(host, 'after', '2');
    await host.stop();
    copyFileSync(join(copy, 'host.sqlite'), join(data, 'host.sqlite'));
    const again = await start();
    expect(await reasonOf(again)).toBe('told');
    const { mode, seen } = await again.tasks.restored.view();
    await again.tasks.restored.release({ restored: mode?.id ?? '', seen });
    await again.stop();
    expect(await reasonOf(await start())).toBeUndefined();
  });

  it('notices a copy that was started elsewhere', async () => {
    const host = await start();
    await backUp(configuration(), copy);
    await host.stop();
    data = join(folder, 'elsewhere');
    await restore(configuration(), copy);
    rmSync(join(data, 'database-mark.json'));
    expect(await reasonOf(await start())).toBe('moved');
  });

  it('is told of a restore by name, and hears each name once', async () => {
    for (const [name, reason] of [
      ['2026-11-21', 'told'],
      ['2026-11-21', undefined],
    ] as const) {
      const host = await start('--restored', name);
      expect(await reasonOf(host)).toBe(reason);
      const { mode, seen } = await host.tasks.restored.view();
      if (reason !== undefined) await host.tasks.restored.release({ restored: mode?.id ?? '', seen });
      await host.stop();
    }
  });

  it('changes nothing while a host runs, or where the backup is damaged', async () => {
    const host = await start();
    await put(host, 'there', '1');
    await backUp(configuration(), copy);
    await expect(restore(configuration(), copy)).rejects.toMatchObject({ code: 'DATABASE_LOCKED_BY_OTHER_PROCESS' });
    await host.stop();
    appendFileSync(join(copy, 'host.sqlite'), 'x');
    await expect(restore(configuration(), copy)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
      details: { file: 'host.sqlite' },
    });
    const again = await start();
    expect([await things(again), await reasonOf(again)]).toEqual([['there'], undefined]);
  });

  it('does not start on half a restore, and finishes it when it is run again', async () => {
    const host = await start();
    await backUp(configuration(), copy);
    await put(host, 'after', '2');
    await host.stop();
    // As a kill leaves it between the two files.
    writeFileSync(join(data, 'restore-under-way'), `${copy}\n`);
    rmSync(join(data, 'itsm.sqlite'));
    await expect(refuseUnfinished(configuration())).rejects.toMatchObject({
      code: 'RESTORE_UNFINISHED',
      details: { folder: copy },
    });
    await restore(configuration(), copy);
    await refuseUnfinished(configuration());
    const again = await start();
    expect([await things(again), await reasonOf(again)]).toEqual([[], 'told']);
  });

  it('asks for a credential again where its key is gone since the backup, and opens it where the key is put back', async () => {
    const host = await start();
    const ref: SecretRef = await host.host.secrets.store('hunter2', binding);
    await backUp(configuration(), copy);
    await host.stop();
    const keyFile = join(data, 'secrets.key');
    const formerKey = readFileSync(keyFile, 'utf8');
    await rotateSecretsKey(configuration(), silent);
    const { missingKeys, place } = await restore(configuration(), copy);
    expect([missingKeys.length, place]).toEqual([1, keyFile]);
    const lost = await start();
    await expect(lost.host.secrets.reveal(ref, binding)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      kind: 'credentials',
    });
    await lost.stop();
    appendFileSync(keyFile, formerKey);
    const found = await start();
    expect(await found.host.secrets.reveal(ref, binding)).toBe('hunter2');
  });

  it('keeps its mark readable by its owner only, and whole', async () => {
    const host = await start();
    const mark = join(data, 'database-mark.json');
    expect(statSync(mark).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(mark, 'utf8'))).toMatchObject({ own: 0, core: expect.stringContaining('"place"') });
    await host.stop();
    expect(readdirSync(data).filter((name) => name.endsWith('.new'))).toEqual([]);
    expect(existsSync(mark)).toBe(true);
  });
});
