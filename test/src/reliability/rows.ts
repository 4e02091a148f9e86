import type { FaultName } from '@itsm-m365/microsoft-simulator';
import type { Cell, Outcome } from './cell.ts';
import type { Entry } from './matrix.ts';
import { places, type Start, starts } from './places.ts';

const states = { succeeded: 'succeeds', failed: 'fails', held: 'held', cancelled: 'cancelled' } as const;

const stateOf = ({ state, retries }: Outcome, counted: boolean): string => {
  if (state !== 'succeeded' || retries === 0) return states[state];
  // How often it is tried while a fault lasts is a matter of time, and drawn by chance.
  if (!counted) return `${states[state]}, after retries`;
  return `${states[state]}, ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
};

const codesOf = ({ code, notices }: Outcome): string =>
  [...(code === '' ? [] : [code]), ...notices].map((one) => `\`${one}\``).join(', ');

/** What a cell says, without where it is. */
export const wordsOf = ({ once, lasting }: NonNullable<Cell>): readonly string[] => {
  const [first, second] = [codesOf(once), codesOf(lasting)];
  const reads = first === second ? [first] : [`once: ${first || '–'}`, `lasting: ${second || '–'}`];
  return [stateOf(once, true), once.changed, stateOf(lasting, false), lasting.changed, reads.join('<br>')];
};

/** Several cells that say the same: each of the places with each of the kinds of import. */
export interface Row {
  readonly fault: FaultName;
  readonly places: readonly string[];
  /** `all`: in each that comes by the place. */
  readonly starts: readonly Start[] | 'all';
  readonly words: readonly string[];
}

const append = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  map.set(key, [...(map.get(key) ?? []), value]);
};

/** Groups equal cells of each fault; `words` undefined for cells where it never struck are left out. */
export const groupRows = (
  entries: readonly Entry[],
  words: (entry: Entry) => readonly string[] | undefined,
): readonly Row[] => {
  const rows: Row[] = [];
  for (const fault of new Set(entries.map((entry) => entry.fault))) {
    const byWords = new Map<string, Entry[]>();
    for (const entry of entries.filter((one) => one.fault === fault)) {
      const said = words(entry);
      if (said !== undefined) append(byWords, said.join('\n'), entry);
    }
    for (const [said, equal] of byWords) {
      const byStarts = new Map<string, string[]>();
      for (const { id, title, starts: possible } of places) {
        const at = possible.filter((start) => equal.some((one) => one.place.id === id && one.start === start));
        if (at.length > 0) append(byStarts, at.length === possible.length ? 'all' : at.join(), title);
      }
      for (const [at, titles] of byStarts) {
        const ids = at.split(',');
        const found = starts.filter(({ id }) => ids.includes(id)).map(({ id }) => id);
        rows.push({ fault, places: titles, starts: at === 'all' ? 'all' : found, words: said.split('\n') });
      }
    }
  }
  return rows;
};
