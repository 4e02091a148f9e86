import type { RetryAfterFormat } from './faults/table.ts';

/** A Retry-After header and the wait it asks for; what is enforced is read off what is announced. */
export interface Announcement {
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds from now; undefined when the client is told nothing. */
  readonly wait: number | undefined;
}

/**
 * The Retry-After header in each form seen in the field; RFC 9110 10.2.3 plus the fractional seconds of Graph's docs.
 * `now` is the service's own idea of the time, which a date is written in.
 */
export const announce = (seconds: number, format: RetryAfterFormat, now: number): Announcement => {
  switch (format) {
    case 'absent':
      return { headers: {}, wait: undefined };
    case 'fractional': {
      const text = (Number.isInteger(seconds) ? Math.max(0, seconds - 0.5) : seconds).toFixed(3);
      return { headers: { 'retry-after': text }, wait: Number(text) * 1000 };
    }
    case 'http-date': {
      const date = Math.ceil((now + seconds * 1000) / 1000) * 1000;
      return { headers: { 'retry-after': new Date(date).toUTCString() }, wait: date - now };
    }
    case 'integer': {
      const whole = Math.ceil(seconds);
      return { headers: { 'retry-after': String(whole) }, wait: whole * 1000 };
    }
  }
};
