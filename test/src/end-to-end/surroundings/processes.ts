import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..', '..', '..');

/** A built file; turbo builds before this package's tests. */
export const built = (...path: readonly string[]): string => {
  const file = join(root, ...path);
  if (!existsSync(file)) throw new Error(`${file} is missing: build first (pnpm build)`);
  return file;
};

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>;
  output(): string;
  /** Resolves when the output matches; rejects where the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
}

const running = new Set<ChildProcess>();

/** Ends what a test left running: its own children, by their own pid. */
export const endAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

/** Runs a script with this Node, without what this process was told by its environment. */
export const startNode = (script: string, args: readonly string[], options: StartOptions = {}): Started => {
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), script, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LANG: 'C.UTF-8', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const out = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text;
      for (const watch of watchers) watch();
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, ...out });
      for (const watch of watchers) watch();
    });
  });
  const output = (): string => `${out.stdout}\n${out.stderr}`;
  return {
    child,
    ended,
    output,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = pattern.exec(output());
          if (found !== null) resolve(found);
          else if (!running.has(child)) reject(new Error(`ended without ${pattern}: ${output()}`));
          else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
  };
};

export const runNode = (script: string, args: readonly string[], options: StartOptions = {}): Promise<Ended> =>
  startNode(script, args, options).ended;
