import { Worker } from 'node:worker_threads';
import { databaseErrors } from '../errors.ts';
import type { Bindable } from '../rows.ts';

/** What the thread is told; see `writer-worker.js`. */
export type Order =
  | { readonly kind: 'open' | 'close' }
  | { readonly kind: 'query'; readonly sql: string; readonly bindings: readonly unknown[] }
  | { readonly kind: 'script'; readonly sql: string }
  | { readonly kind: 'insert'; readonly sql: string; readonly rows: readonly (readonly Bindable[])[] };

export type Reply = { readonly inTransaction: boolean } & (
  | { readonly result: unknown }
  | { readonly failure: { readonly message: string; readonly code: string | undefined } }
);

export interface WriterSettings {
  readonly filename: string;
  /** Milliseconds that a statement waits for a lock. */
  readonly timeout: number;
  readonly pragmas: readonly string[];
}

interface Asked {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * A connection that lives in a thread of its own, so that neither a long statement nor a commit, which may copy a log of
 * gigabytes, holds up the event loop. Answers come in the order of the questions. A thread that ends early is a lost
 * connection: what it had not committed is undone. It keeps the process alive only while it works.
 */
export class WriterThread {
  readonly #settings: WriterSettings;
  readonly #worker: Worker;
  readonly #asked: Asked[] = [];
  readonly #ended: Promise<void>;
  #alive = true;
  #inTransaction = false;

  private constructor(settings: WriterSettings) {
    this.#settings = settings;
    this.#worker = new Worker(new URL('./writer-worker.js', import.meta.url), {
      name: 'sqlite-writer',
      workerData: settings,
      // Pages of rows pass through; what they leave is soon collected.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
      env: {},
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#answered(reply));
    let reason = 'its thread ended';
    this.#worker.on('error', (error) => {
      reason = error.message;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#alive = false;
        const error = databaseErrors.DATABASE_UNREACHABLE({ place: settings.filename, reason });
        for (const asked of this.#asked.splice(0)) asked.reject(error);
        resolve();
      });
    });
  }

  /** Starts the thread and opens the file. Rejects with SQLite's error, the thread ended. */
  static async open(settings: WriterSettings): Promise<WriterThread> {
    const thread = new WriterThread(settings);
    try {
      await thread.#ask({ kind: 'open' });
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** As of the last answer. */
  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Rows, or what better-sqlite3 says of a statement without rows. */
  query(sql: string, bindings: readonly unknown[]): Promise<unknown> {
    return this.#ask({ kind: 'query', sql, bindings });
  }

  async script(sql: string): Promise<void> {
    await this.#ask({ kind: 'script', sql });
  }

  /** Runs one insert for each row. */
  async insert(sql: string, rows: readonly (readonly Bindable[])[]): Promise<void> {
    await this.#ask({ kind: 'insert', sql, rows });
  }

  /** Runs after everything asked before. Never rejects. */
  close(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage({ kind: 'close' } satisfies Order);
    return this.#ended;
  }

  async #ask(order: Order): Promise<unknown> {
    if (!this.#alive)
      throw databaseErrors.DATABASE_UNREACHABLE({ place: this.#settings.filename, reason: 'it is closed' });
    const reply = await new Promise<Reply>((resolve, reject) => {
      // Before it is noted: what cannot be sent to a thread throws here.
      this.#worker.postMessage(order);
      this.#asked.push({ resolve, reject });
      this.#worker.ref();
    });
    this.#inTransaction = reply.inTransaction;
    if (!('failure' in reply)) return reply.result;
    const { message, code } = reply.failure;
    throw Object.assign(new Error(message), { code });
  }

  #answered(reply: Reply): void {
    this.#asked.shift()?.resolve(reply);
    if (this.#asked.length === 0) this.#worker.unref();
  }
}
