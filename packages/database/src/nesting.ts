import { AsyncLocalStorage } from 'node:async_hooks';
import type { Access } from './engine.ts';
import { databaseErrors } from './errors.ts';

interface Frame {
  readonly access: Access;
  readonly outer: Frame | undefined;
  /** False once the transaction has ended: what it left running in the background may open its own then. */
  active: boolean;
}

const meets = (outer: Access, inner: Access, oneConnection: boolean): boolean =>
  oneConnection || (outer === 'read') === (inner === 'read');

/**
 * Refuses a transaction inside another that uses the same connection. On SQLite it would wait for ever; on SQL Server
 * it would hold two connections and may wait for its own locks, so the rule is the same there.
 */
export class Nesting {
  readonly #frames = new AsyncLocalStorage<Frame>();
  readonly #oneConnection: boolean;

  constructor(oneConnection: boolean) {
    this.#oneConnection = oneConnection;
  }

  /** @throws DATABASE_TRANSACTION_NESTED */
  check(access: Access): void {
    for (let frame = this.#frames.getStore(); frame !== undefined; frame = frame.outer)
      if (frame.active && meets(frame.access, access, this.#oneConnection))
        throw databaseErrors.DATABASE_TRANSACTION_NESTED({ inner: access, outer: frame.access });
  }

  async run<T>(access: Access, work: () => Promise<T>): Promise<T> {
    const frame: Frame = { access, outer: this.#frames.getStore(), active: true };
    try {
      return await this.#frames.run(frame, work);
    } finally {
      frame.active = false;
    }
  }
}
