import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** The system user the mail servers keep mailboxes as; made on the first start. */
export const mailUser = 'vmailtest';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

const program = (name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find((file) => existsSync(file));

/** Why Debian's mail servers cannot be started here, for the title of the skipped tests; undefined: they can. */
export const serversMissing = (...names: readonly string[]): string | undefined => {
  const missing = names.filter((name) => program(name) === undefined);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return process.getuid?.() === 0 ? undefined : 'mail servers are started by root only';
};

const userExists = (): boolean => {
  try {
    execFileSync('id', ['-u', mailUser], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};

export const ensureMailUser = (): void => {
  if (userExists()) return;
  try {
    const useradd = program('useradd') ?? 'useradd';
    execFileSync(useradd, ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', mailUser], {
      stdio: 'ignore',
      timeout: 10_000,
    });
  } catch (error) {
    // Another test file may have made it in between.
    if (!userExists()) throw error;
  }
};

/** Different ports that nobody listens on at the moment. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 1000) throw new Error('no free port was found');
    const port = randomInt(lowestPort, highestPort);
    if (await canListen(port)) ports.add(port);
  }
  return [...ports];
};

/** Below the ports that outgoing connections take by themselves: those may be gone a moment later. */
const lowestPort = 15_000;
const highestPort = 32_000;

/** Whether nobody listens on a port of loopback. */
export const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1_000, done(false));
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const exited = (child: ChildProcess, milliseconds: number): Promise<boolean> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(true)
    : new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), milliseconds);
        child.once('exit', () => {
          clearTimeout(timer);
          resolve(true);
        });
      });

export interface ServerProcess {
  /** Ends this server and no other; harmless when repeated. */
  stop(): Promise<void>;
}

/**
 * Runs a server in the foreground until it answers on all ports, 20 seconds at most. `pid` names the process to end where
 * the one started is only a wrapper around it.
 */
export const runServer = async (
  name: string,
  args: readonly string[],
  ports: readonly number[],
  pid: () => number | undefined = () => undefined,
): Promise<ServerProcess> => {
  const child = spawn(program(name) ?? name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = `${output}${chunk.toString()}`.slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  const signal = (which: NodeJS.Signals): void => {
    const inner = pid();
    try {
      if (inner !== undefined) process.kill(inner, which);
    } catch {
      // It has ended already.
    }
    child.kill(which);
  };
  const atExit = (): void => signal('SIGTERM');
  process.once('exit', atExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', atExit);
    if (child.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) signal('SIGTERM');
    if (await exited(child, 5_000)) return;
    signal('SIGKILL');
    await exited(child, 5_000);
  };
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.pid === undefined || child.exitCode !== null) break;
    if ((await Promise.all(ports.map(answers))).every(Boolean)) return { stop };
    await pause(100);
  }
  await stop();
  throw new Error(`${name} did not start: ${output}`);
};
