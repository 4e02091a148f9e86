import type { ThrottleOptions } from '../options.ts';

/** Token buckets of resource units per app and tenant. Graph page: Throttling limits, identity and access. */
export interface Buckets {
  /** Takes the units, or tells how many seconds to wait. */
  take(key: string, units: number, tenantSize: number): number | undefined;
  refund(key: string, units: number): void;
}

const sizeLimit = (users: number): number => (users < 50 ? 3_500 : users <= 500 ? 5_000 : 8_000);

export const createBuckets = (now: () => number, options: ThrottleOptions | false | undefined): Buckets => {
  const windowMs = ((options === false ? undefined : options?.windowSeconds) ?? 10) * 1000;
  const levels = new Map<string, { level: number; at: number }>();
  return {
    take: (key, units, tenantSize) => {
      if (options === false) return undefined;
      const capacity = options?.resourceUnits ?? sizeLimit(tenantSize);
      const rate = capacity / windowMs;
      const bucket = levels.get(key) ?? { level: capacity, at: now() };
      bucket.level = Math.min(capacity, bucket.level + (now() - bucket.at) * rate);
      bucket.at = now();
      levels.set(key, bucket);
      if (bucket.level >= units) {
        bucket.level -= units;
        return undefined;
      }
      return Math.max(1, Math.ceil((units - bucket.level) / rate / 1000));
    },
    refund: (key, units) => {
      const bucket = levels.get(key);
      if (bucket !== undefined) bucket.level += units;
    },
  };
};
