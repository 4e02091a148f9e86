import { apiVersion, definePlugin } from '@itsm-m365/plugin-api';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import serverTasks from '../http/plugin.ts';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { testHost } from '../testing/host.ts';

const title = { en: 'Sample', de: 'Beispiel' };
const notice = { code: 'SAMPLE', severity: 'info', message: { en: 'Hello', de: 'Hallo' } } as const;

let tasks: ServerTasks | undefined;
afterEach(async () => {
  await tasks?.stop();
  tasks = undefined;
});

describe('an event', () => {
  it('is told to plugins that tell people, and then to the host, once', async () => {
    const told: string[] = [];
    const host = testHost();
    const plugin = definePlugin({
      id: 'sample',
      apiVersion,
      title,
      tell: async ({ key }) => {
        told.push(`${key} after ${host.told.length}`);
      },
    });
    tasks = await createServerTasks(host, [plugin]);
    await tasks.services.notify.send({ key: 'a', notice });
    await tasks.services.notify.send({ key: 'a', notice });
    expect(told).toEqual(['a after 0']);
    expect(host.told.map(({ key }) => key)).toEqual(['a']);
  });

  it('comes again to all where a plugin could not tell it, and the host hears it once', async () => {
    let failing = true;
    const host = testHost();
    const plugin = definePlugin({
      id: 'sample',
      apiVersion,
      title,
      tell: () => (failing ? Promise.reject(new Error('no')) : Promise.resolve()),
    });
    tasks = await createServerTasks(host, [plugin]);
    await tasks.services.notify.send({ key: 'a', notice });
    expect(host.told).toEqual([]);
    failing = false;
    await tasks.services.notify.send({ key: 'a', notice });
    expect(host.told.map(({ key }) => key)).toEqual(['a']);
  });
});

describe('a static page of a plugin', () => {
  it('is served to anybody, with its policy and without a referrer', async () => {
    const host = testHost();
    const page = {
      path: '/done',
      summary: 'Says done',
      contentType: 'text/html; charset=utf-8',
      content: '<p>Done</p>',
      policy: "default-src 'none'",
    };
    tasks = await createServerTasks(host, [definePlugin({ id: 'sample', apiVersion, title, staticPages: [page] })]);
    const app = Fastify();
    await app.register(serverTasks, { prefix: '/itsm', tasks });
    host.signedIn = undefined;
    const answer = await app.inject('/itsm/sample/done?code=secret');
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe(page.content);
    expect(answer.headers).toMatchObject({
      'content-type': page.contentType,
      'content-security-policy': page.policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    await app.close();
  });
});
