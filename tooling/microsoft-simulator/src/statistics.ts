import { type EndpointName, endpointNames } from './http.ts';

export interface Violation {
  readonly kind: 'early-retry';
  readonly endpoint: EndpointName;
  readonly tenantId: string | undefined;
  readonly at: number;
  /** How many milliseconds too soon. */
  readonly earlyBy: number;
}

export interface RequestRecord {
  readonly at: number;
  readonly endpoint: EndpointName;
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly status: number;
  /** Undefined where the request named none. */
  readonly tenantId?: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface StatisticsReport {
  /** HTTP requests, and items of batches, by endpoint. */
  readonly requests: Readonly<Record<EndpointName, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** HTTP round trips; a batch counts once. */
  readonly roundTrips: number;
  readonly resourceUnits: number;
  readonly tokensIssued: number;
  readonly violations: readonly Violation[];
  readonly throttled: number;
  /** Body bytes as produced, before compression. */
  readonly bytes: number;
  /** Body bytes on the wire; counted by the server. */
  readonly wireBytes: number;
}

const recentLimit = 1_000;

/** Counts what clients did, so that a test can ask how polite and how economical they were. */
export interface Statistics {
  report(): StatisticsReport;
  /** Requests of one tenant by endpoint; items of batches are not among them. */
  requestsOf(tenantId: string): Readonly<Record<EndpointName, number>>;
  /** The last thousand requests, oldest first; authorization headers are left out. */
  recent(): readonly RequestRecord[];
  reset(): void;
  countRequest(record: RequestRecord, bytes: number): void;
  countItem(endpoint: EndpointName, status: number): void;
  countToken(): void;
  countUnits(units: number): void;
  countViolation(violation: Violation): void;
  countWireBytes(bytes: number): void;
}

const zero = (): Record<EndpointName, number> =>
  Object.fromEntries(endpointNames.map((name) => [name, 0])) as Record<EndpointName, number>;

export const createStatistics = (): Statistics => {
  let requests = zero();
  let statuses: Record<string, number> = {};
  let violations: Violation[] = [];
  let recent: RequestRecord[] = [];
  const byTenant = new Map<string, Record<EndpointName, number>>();
  let totals = { roundTrips: 0, resourceUnits: 0, tokensIssued: 0, throttled: 0, bytes: 0, wireBytes: 0 };

  const countItem = (endpoint: EndpointName, status: number): void => {
    requests[endpoint] += 1;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 429) totals.throttled += 1;
  };

  return {
    report: () => ({ requests: { ...requests }, statuses: { ...statuses }, violations: [...violations], ...totals }),
    requestsOf: (tenantId) => ({ ...(byTenant.get(tenantId.toLowerCase()) ?? zero()) }),
    recent: () => [...recent],
    reset: () => {
      byTenant.clear();
      requests = zero();
      statuses = {};
      violations = [];
      recent = [];
      totals = { roundTrips: 0, resourceUnits: 0, tokensIssued: 0, throttled: 0, bytes: 0, wireBytes: 0 };
    },
    countRequest: (record, bytes) => {
      countItem(record.endpoint, record.status);
      if (record.tenantId !== undefined) {
        const counts = byTenant.get(record.tenantId) ?? zero();
        counts[record.endpoint] += 1;
        byTenant.set(record.tenantId, counts);
      }
      totals.roundTrips += 1;
      totals.bytes += bytes;
      recent.push(record);
      if (recent.length > recentLimit) recent = recent.slice(-recentLimit / 2);
    },
    countItem,
    countToken: () => {
      totals.tokensIssued += 1;
    },
    countUnits: (units) => {
      totals.resourceUnits += units;
    },
    countViolation: (violation) => {
      violations.push(violation);
    },
    countWireBytes: (bytes) => {
      totals.wireBytes += bytes;
    },
  };
};
