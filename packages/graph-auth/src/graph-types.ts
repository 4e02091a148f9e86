import type { Clock, Logger, Randomness } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import type { CloudId } from './clouds.ts';
import type { RetryLimits } from './retry.ts';
import type { TokenSource } from './token.ts';

export interface GraphLimits extends RetryLimits {
  /** For one exchange, milliseconds. Default 100 s, as Graph itself gives up then. */
  readonly timeoutMs: number;
  /** Bytes of a body, compressed or not. Default 32 MiB; a page of 999 users has about 1 MiB. */
  readonly maxBytes: number;
  /** Levels of objects and arrays in each other. Default 32. */
  readonly maxDepth: number;
  /** Pages of one listing. Default 20,000, twenty million users. */
  readonly maxPages: number;
}

export interface GraphClientOptions {
  readonly cloud: CloudId;
  readonly token: TokenSource;
  readonly http: Dispatcher;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly logger: Logger;
  readonly limits?: Partial<GraphLimits>;
}

export interface GraphOptions {
  /** Sent with each page again: Graph does not keep `ConsistencyLevel` in its links. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface PagesOptions extends GraphOptions {
  /** Fetches the next page while the consumer works on this one. Default true. */
  readonly prefetch?: boolean;
}

/** A JSON object of Graph, not yet decoded. */
export type GraphObject = Readonly<Record<string, unknown>>;

export interface GraphPage {
  /** As parsed, never copied; may be empty while a `nextLink` follows. The caller's: whoever empties it frees the memory. */
  readonly value: unknown[];
  readonly nextLink?: string;
  /** Only on the last page of a delta round. */
  readonly deltaLink?: string;
  /** `@odata.count`, on the first page only. */
  readonly count?: number;
  readonly requestId: string;
}

export interface BatchRequest {
  readonly id: string;
  /** Relative, below the version: `/users/…`. Read only, as this product is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BatchAnswer {
  readonly id: string;
  readonly status: number;
  readonly body: GraphObject;
  /** The next page of an item that is a listing: followed with `pages`, outside the batch. */
  readonly nextLink?: string;
  /** For an item that failed for good; the others stand. */
  readonly error?: Error;
}

export interface GraphStatistics {
  readonly requests: number;
  readonly retries: number;
  readonly waitedMs: number;
  /** Received, before decompression. */
  readonly bytes: number;
}

/** Microsoft Graph v1.0, read only, of one cloud, by one application. */
export interface GraphClient {
  /**
   * Reads one object or one page. `path` is below the version (`/organization`) or a link of Graph's. Waits out throttling
   * and outages within the limits; rejects at once when `signal` aborts, also while waiting. Throws `GRAPH_*`, and what the
   * token source throws. Safe to call any number of times.
   */
  get(path: string, options?: GraphOptions): Promise<GraphObject>;
  /**
   * Streams a listing page by page; memory holds two pages. Leaving the loop aborts the page on its way. Throws
   * `GRAPH_PAGE_TOKEN_EXPIRED` or `GRAPH_DELTA_EXPIRED` where the listing has to begin again, `GRAPH_FOREIGN_LINK` before
   * a token is sent, and `GRAPH_PAGE_LOOP`. A listing that throws is incomplete: do not publish what came before.
   */
  pages(path: string, options?: PagesOptions): AsyncGenerator<GraphPage, void, undefined>;
  /**
   * Sends 1 to 20 reads in one request and answers each by id. Throttled and failed items are sent again, alone, after
   * the longest wait that any asked for. Items refused for good carry an `error`; the call throws only as a whole.
   */
  batch(requests: readonly BatchRequest[], options?: GraphOptions): Promise<ReadonlyMap<string, BatchAnswer>>;
  /** Totals since the client was made. */
  statistics(): GraphStatistics;
}
