import { openEnd } from '@itsm-m365/plugin-api';
import type { StagedPerson } from '../model.ts';

/** What a listing says, applied to history the slow and obvious way: the oracle of the laws. */
export interface Listing {
  readonly mode: 'full' | 'changes';
  readonly licences: readonly number[];
  readonly persons: readonly StagedPerson[];
  readonly at: number;
}

export interface NaiveInterval {
  readonly key: string;
  readonly from: number;
  to: number;
  readonly value: string;
}

const isOpen = ({ to }: NaiveInterval): boolean => to === openEnd;

export class NaiveHistory {
  assignments: NaiveInterval[] = [];
  facts: NaiveInterval[] = [];
  readonly contacts = new Set<string>();

  publish({ mode, licences, persons, at }: Listing): void {
    const last = new Map(persons.map((person) => [person.objectId, person]));
    const wanted = new Map<string, string>();
    const concerned = new Set<string>();
    for (const person of last.values()) {
      const own = person.removed === true ? [] : person.assignments.filter(({ licence }) => licences.includes(licence));
      if (own.length > 0) this.contacts.add(person.objectId);
      if (!this.contacts.has(person.objectId)) continue;
      concerned.add(person.objectId);
      for (const { licence, path, holds, state, error } of own)
        wanted.set(`${licence}|${person.objectId}|${path}`, `${holds}|${state}|${error}`);
      if (person.removed !== true) this.#open('facts', person.objectId, person.facts.department, at);
    }
    for (const interval of this.assignments.filter(isOpen)) {
      const [licence = '', person = ''] = interval.key.split('|');
      const inScope = licences.includes(Number(licence)) && (mode === 'full' || concerned.has(person));
      if (inScope && !wanted.has(interval.key)) this.#close('assignments', interval, at);
    }
    for (const [key, value] of wanted) this.#open('assignments', key, value, at);
  }

  asOf(what: 'assignments' | 'facts', at: number): string[] {
    return this[what]
      .filter(({ from, to }) => from <= at && at < to)
      .map(({ key, value }) => `${key} = ${value}`)
      .sort();
  }

  #open(what: 'assignments' | 'facts', key: string, value: string, at: number): void {
    const current = this[what].find((interval) => interval.key === key && isOpen(interval));
    if (current?.value === value) return;
    if (current !== undefined) this.#close(what, current, at);
    this[what].push({ key, from: at, to: openEnd, value });
  }

  #close(what: 'assignments' | 'facts', interval: NaiveInterval, at: number): void {
    if (interval.from === at) this[what] = this[what].filter((other) => other !== interval);
    else interval.to = at;
  }
}
