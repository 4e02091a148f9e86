import type { Instant } from '@itsm-m365/plugin-api';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322, 4.3: hours of the zones that have names; every other name counts as UTC. */
const zones: Readonly<Record<string, number>> = {
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

const pattern =
  /(?:^|[\s,])(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})[\s,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([+-]\d{4}|[a-z]{1,5})?/i;

const fullYear = (digits: string): number => {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
};

const offsetMinutes = (zone: string): number => {
  if (/^[+-]/.test(zone)) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
    return zone.startsWith('-') ? -minutes : minutes;
  }
  return (zones[zone.toLowerCase()] ?? 0) * 60;
};

/**
 * A Date field (RFC 5322, 3.3 and the old forms of 4.3) as an instant. Undefined where it is none, and never guessed: what
 * the machine's parser would take for a date in the machine's zone is no date here.
 */
export const mailDate = (value: string): Instant | undefined => {
  const found = pattern.exec(value.slice(0, 200));
  if (found === null) return undefined;
  const [, day = '', name = '', yearDigits = '', hour = '', minute = '', second = '0', zone = ''] = found;
  const month = months.indexOf(name.toLowerCase());
  const year = fullYear(yearDigits);
  const offset = offsetMinutes(zone);
  const outside =
    month < 0 ||
    year < 1900 ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 60 ||
    Math.abs(offset) > 1440;
  if (outside) return undefined;
  const instant = Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second)) - offset * 60_000;
  const startOfMonth = Date.UTC(year, month, 1);
  const daysInMonth = (Date.UTC(year, month + 1, 1) - startOfMonth) / 86_400_000;
  return Number(day) >= 1 && Number(day) <= daysInMonth ? instant : undefined;
};
