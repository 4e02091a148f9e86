import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { endAll, root, runNode, startNode } from './surroundings/processes.ts';

const packageFolder = join(root, 'test');

const hostModule = `import { lendHost } from '@itsm-m365/test-host';

const lent = await lendHost({ folder: process.env.HOST_FOLDER ?? '' });
lent.people.hire('root', [{ permission: '*' }]);
export const { host, close } = lent;
`;

/** What a product adds around the snippet: it says where it listens, and when told it ends, what it lends last. */
const around = `
import { close } from './host.ts';
process.stdout.write(\`listening on \${JSON.stringify(app.addresses()[0])}\\n\`);
process.once('SIGTERM', () => app.close().then(close));
`;

const snippetOf = (file: string): string => {
  const blocks = [...readFileSync(join(root, file), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code = '']) => code,
  );
  const snippet = blocks.find((code) => code.includes('createServerTasks(host, allPlugins)'));
  if (snippet === undefined) throw new Error(`${file} shows no embedding`);
  return snippet;
};

describe('the embedding of the README', () => {
  let folder: Folder;
  let project = '';
  beforeAll(() => {
    folder = temporaryFolder();
    // Inside this package, so that its dependencies are found as an embedding product finds its own; nobody else looks there.
    project = mkdtempSync(join(packageFolder, 'node_modules', '.readme-'));
    const options = {
      extends: '../../../tooling/tsconfig/build.json',
      compilerOptions: { outDir: 'out', declaration: false },
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ ...options, include: ['*.ts'] }));
    writeFileSync(join(project, 'host.ts'), hostModule);
    // The one change: a port that is free for certain.
    writeFileSync(join(project, 'main.ts'), snippetOf('README.md').replace('port: 3000', 'port: 0') + around);
    writeFileSync(join(project, 'package-readme.ts'), snippetOf(join('apps', 'server-tasks', 'README.md')));
  });
  afterAll(() => {
    endAll();
    rmSync(project, { recursive: true, force: true });
    folder.remove();
  });

  it('compiles in strict mode, runs, serves the API and ends cleanly', async () => {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = await runNode(compiler, ['-p', join(project, 'tsconfig.json')]);
    expect(compiled.stdout + compiled.stderr).toBe('');
    expect(compiled.code).toBe(0);

    const started = startNode(join(project, 'out', 'main.js'), [], { env: { HOST_FOLDER: folder.path } });
    const [, port] = await started.says(/listening on .*"port":(\d+)/);
    const api = `http://127.0.0.1:${port}/itsm`;
    expect(await (await fetch(`${api}/health/ready`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${api}/tasks`)).status).toBe(401);
    const tasks = await (await fetch(`${api}/tasks`, { headers: { 'x-person': 'root' } })).json();
    expect(tasks).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ mayStart: true })]) });

    started.child.kill('SIGTERM');
    expect(await started.ended).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);
});
