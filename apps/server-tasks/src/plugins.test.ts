import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import serverTasks from './http/plugin.ts';
import { allPlugins } from './plugins.ts';
import { createServerTasks } from './server-tasks.ts';
import { testHost } from './testing/host.ts';

describe('all plugins', () => {
  it('M365-30: start together and bring the import and the recalculation', async () => {
    const tasks = await createServerTasks(testHost(), allPlugins);
    expect(tasks.plugins.failed.map(({ error }) => error.message)).toEqual([]);
    expect([...tasks.core.registry.tasks.keys()]).toEqual(
      expect.arrayContaining([
        'm365-import.import-licences',
        'compliance-engine.recalculate',
        'compliance-engine.recalculate-completely',
      ]),
    );
    await tasks.stop();
  });

  it('are served and described together, and answer nobody', async () => {
    const host = testHost();
    const tasks = await createServerTasks(host, allPlugins);
    const app = Fastify();
    await app.register(serverTasks, { prefix: '/itsm', tasks });
    const { paths } = (await app.inject('/itsm/openapi.json')).json();
    expect(Object.keys(paths).length).toBeGreaterThan(30);
    host.signedIn = undefined;
    for (const [path, operations] of Object.entries<object>(paths)) {
      if (path.startsWith('/health/') || path === '/mail-oauth/sign-in' || !('get' in operations)) continue;
      const response = await app.inject(`/itsm${path.replace(/\{\w+\}/g, 'x')}`);
      expect([path, response.statusCode]).toEqual([path, 401]);
    }
    await app.close();
    await tasks.stop();
  });
});
