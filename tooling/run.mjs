// The door of the two commands: brings pnpm, installs what is missing, hands over to turbo. Needs Node and npm only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, '.tools');
const windows = process.platform === 'win32';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpmVersion = manifest.packageManager.replace('pnpm@', '');
const pnpmHome = join(tools, `pnpm-${pnpmVersion}`);

const [command = 'start', ...rest] = process.argv.slice(2);

/** node-gyp compiles better-sqlite3 where no prebuilt binary can be had: it finds the running Node's own headers here. */
const nodeHeaders = () => {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? prefix : undefined;
};

const env = {
  ...process.env,
  PATH: [join(pnpmHome, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  ...(process.env.npm_config_nodedir === undefined && nodeHeaders() !== undefined
    ? { npm_config_nodedir: nodeHeaders() }
    : {}),
};

const run = (program, args, options = {}) => {
  const result = spawnSync(program, args, { cwd: root, env, stdio: 'inherit', shell: windows, ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
};

/** What is said while making ready goes to standard error: standard output is the command's own, and may go to a file. */
const aside = { stdio: ['inherit', 2, 2] };

const stop = (status, message) => {
  if (message) process.stderr.write(`${message}\n`);
  process.exit(status);
};

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(1, `Node ${process.versions.node} is too old: install Node 20.19 or newer (20, 22 and 24 are supported).`);
}

const bringPnpm = () => {
  if (existsSync(join(pnpmHome, 'node_modules', '.bin', windows ? 'pnpm.cmd' : 'pnpm'))) return;
  process.stderr.write(`Installing pnpm ${pnpmVersion} into .tools\n`);
  mkdirSync(pnpmHome, { recursive: true });
  writeFileSync(join(pnpmHome, 'package.json'), '{"private":true}\n');
  const status = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `pnpm@${pnpmVersion}`], {
    cwd: pnpmHome,
    ...aside,
  });
  if (status !== 0) stop(status, 'pnpm could not be installed: check that npm reaches its registry (proxy, firewall).');
};

const lockHash = () => {
  const hash = createHash('sha256').update(process.version);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

const install = () => {
  const stamp = join(tools, 'installed');
  const wanted = lockHash();
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (done && existsSync(join(root, 'node_modules'))) return;
  const status = run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], aside);
  if (status !== 0) {
    stop(
      status,
      [
        'The dependencies could not be installed.',
        'Where no prebuilt better-sqlite3 can be downloaded it is compiled, which needs a C++ compiler, make and Python 3:',
        '  Debian and Ubuntu: apt-get install -y build-essential python3',
        nodeHeaders() === undefined
          ? "  Node's own headers were not found beside the running Node: apt-get install -y libnode-dev, or use Node's own archive."
          : '',
      ]
        .filter(Boolean)
        .join('\n'),
    );
  }
  writeFileSync(stamp, wanted);
};

const turbo = (...args) =>
  run('pnpm', ['exec', 'turbo', 'run', ...args, '--output-logs=errors-only', '--log-order=grouped'], aside);

const build = (...filters) => {
  const status = turbo('build', ...filters);
  if (status !== 0) stop(status, 'The build failed; see above.');
};

const commands = {
  start: () => {
    build('--filter=@itsm-m365/reference-host...', '--filter=@itsm-m365/microsoft-simulator...');
    return run(process.execPath, [join('apps', 'reference-host', 'dist', 'main.js'), ...rest]);
  },
  simulator: () => {
    build('--filter=@itsm-m365/microsoft-simulator...');
    return run(process.execPath, [join('tooling', 'microsoft-simulator', 'dist', 'main.js'), ...rest]);
  },
  test: () =>
    run('pnpm', [
      'exec',
      'turbo',
      'run',
      'test',
      '--concurrency=2',
      '--output-logs=new-only',
      '--log-order=grouped',
      ...(process.env.CI ? ['--force'] : []),
      ...rest,
    ]),
  static: () => {
    const style = run('pnpm', ['exec', 'biome', 'check', '.']);
    return turbo('typecheck') || style;
  },
  bench: () => {
    build();
    return run(process.execPath, [join('tooling', 'bench', 'dist', 'main.js'), ...rest]);
  },
  soak: () => {
    build();
    return run('pnpm', ['--filter', '@itsm-m365/end-to-end', 'run', 'soak', ...rest]);
  },
};

if (!(command in commands)) stop(2, `Unknown command "${command}": one of ${Object.keys(commands).join(', ')}.`);
mkdirSync(tools, { recursive: true });
bringPnpm();
install();
process.exit(commands[command]());
