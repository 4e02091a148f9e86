import type { RetryAfterFormat } from './faults/table.ts';

/** The Retry-After header in each form seen in the field; RFC 9110 10.2.3 plus the fractional seconds of Graph's docs. */
export const retryAfterHeader = (
  seconds: number,
  format: RetryAfterFormat,
  now: number,
): Readonly<Record<string, string>> => {
  switch (format) {
    case 'absent':
      return {};
    case 'fractional':
      return { 'retry-after': (Number.isInteger(seconds) ? seconds - 0.5 : seconds).toFixed(3) };
    case 'http-date':
      return { 'retry-after': new Date(Math.ceil((now + seconds * 1000) / 1000) * 1000).toUTCString() };
    case 'integer':
      return { 'retry-after': String(Math.ceil(seconds)) };
  }
};
