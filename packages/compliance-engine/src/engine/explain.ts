import { type ExplanationId, explanationTexts } from './explanation-texts.ts';
import type { EntitlementRule, Instant, SyncReason, Text } from './facts.ts';
import type { Cause, Figures } from './figures.ts';
import type { RestKind } from './rests.ts';
import type { StatusId } from './statuses.ts';

/** One sentence of an explanation: which, and the values in it. Words are put in when it is read. */
export interface Explanation {
  readonly id: ExplanationId;
  readonly values: Readonly<Record<string, string | number>>;
}

interface Explained {
  readonly status: StatusId;
  readonly reason: SyncReason | undefined;
  readonly cause: Cause | undefined;
  readonly figures: Figures | undefined;
  readonly restsOn: readonly RestKind[];
  readonly restsUntil: Instant | undefined;
}

const latest = Date.UTC(9999, 11, 31);

/** The day of an instant, UTC. Beyond the calendar a `Date` throws, so there it is the last or first day. */
const day = (at: Instant): string => new Date(Math.min(Math.max(at, 0), latest)).toISOString().slice(0, 10);

const say = (id: ExplanationId, values: Explanation['values'] = {}): Explanation => ({ id, values });

const seats = ({ shares, counted, available }: Figures, rule: EntitlementRule): Explanation[] => {
  const warning = shares.grace + shares.trialInGrace;
  const enabled = shares.paid + shares.trial;
  const terms: number[] = [enabled];
  const lines = [say('seats-enabled', { count: enabled })];
  if (warning > 0) {
    const counts = rule.units !== 'enabled';
    lines.push(say(counts ? 'seats-grace' : 'seats-grace-not-counted', { count: warning }));
    if (counts) terms.push(warning);
  }
  if (shares.suspended > 0) {
    const counts = counted.suspended > 0;
    lines.push(say(counts ? 'seats-suspended' : 'seats-suspended-not-counted', { count: shares.suspended }));
    if (counts) terms.push(shares.suspended);
  }
  if (shares.lockedOut > 0) lines.push(say('seats-locked-out', { count: shares.lockedOut }));
  const refused = terms.reduce((left, right) => left + right, 0) - available;
  if (refused > 0) lines.push(say('seats-trial-not-counted', { count: refused }));
  const sum = `${terms.join(' + ')}${refused > 0 ? ` − ${refused}` : ''}`;
  return [...lines, say('available', { sum, count: available })];
};

const need = (figures: Figures): Explanation[] => {
  const company = figures.required - figures.consumers;
  return [
    ...(company === 0 || figures.consumers > 0 ? [say('consumers', { count: figures.consumers })] : []),
    ...(company > 0 ? [say('company', { count: company })] : []),
    say('balance', { available: figures.available, required: figures.required, balance: figures.balance }),
    ...(figures.waiting > 0 ? [say('waiting', { count: figures.waiting })] : []),
    ...(figures.difference === 0
      ? []
      : [
          say('microsoft-differs', {
            reported: figures.consumedReported,
            counted: figures.required,
            difference: figures.difference,
          }),
        ]),
  ];
};

const rests = ({ restsOn, restsUntil }: Explained, asOf: Instant): Explanation[] => {
  const lines = restsOn.map((kind) => say(`rests-on-${kind}`));
  if (restsUntil !== undefined)
    lines.push(say(restsUntil > asOf ? 'rests-until' : 'rests-ended', { day: day(restsUntil) }));
  return lines;
};

/** The verdict in sentences: its sum, its need, what is noteworthy. Figures of what cannot be synchronised are the last known. */
export const explain = (verdict: Explained, rule: EntitlementRule, asOf: Instant): readonly Explanation[] => [
  ...(verdict.reason === undefined ? [] : [say(`reason-${verdict.reason}`), say('figures-kept')]),
  ...(verdict.cause === undefined ? [] : [say(`cause-${verdict.cause.id}`, { figure: verdict.cause.figure })]),
  ...(verdict.figures === undefined ? [] : [...seats(verdict.figures, rule), ...need(verdict.figures)]),
  ...rests(verdict, asOf),
];

/** A sentence in words. A value that is missing stays visible as its name in braces. */
export const explanationText = ({ id, values }: Explanation): Text => {
  const fill = (template: string) =>
    template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  return { en: fill(explanationTexts[id].en), de: fill(explanationTexts[id].de) };
};
