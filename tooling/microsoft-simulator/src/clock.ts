/** Milliseconds since 1970. Passed in; the machine is asked by its default alone. */
export interface Clock {
  now(): number;
}

/** A clock that follows another one and can be pushed ahead by tests or the control surface. */
export interface AdvanceableClock extends Clock {
  advance(milliseconds: number): void;
}

export const advanceable = (base: Clock): AdvanceableClock => {
  let offset = 0;
  return {
    now: () => base.now() + offset,
    advance: (milliseconds) => {
      offset += milliseconds;
    },
  };
};

export const day = 86_400_000;

const hour = 3_600_000;
const hours = new Map<number, string>();

/** `2026-11-21T08`, remembered: most generated instants share few hours, and Date is slow in a page of thousands. */
const hourText = (number: number): string => {
  let text = hours.get(number);
  if (text === undefined) {
    if (hours.size > 50_000) hours.clear();
    text = new Date(number * hour).toISOString().slice(0, 13);
    hours.set(number, text);
  }
  return text;
};

const two = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** Graph writes instants without fractions: `2026-11-21T08:00:00Z`. */
export const instant = (milliseconds: number): string => {
  const number = Math.floor(milliseconds / hour);
  const seconds = Math.floor((milliseconds - number * hour) / 1000);
  return `${hourText(number)}:${two[Math.floor(seconds / 60)] ?? '00'}:${two[seconds % 60] ?? '00'}Z`;
};

/** The machine's clock, where none is passed in. */
export const machineClock: Clock = { now: () => Date.now() };
