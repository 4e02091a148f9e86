import type { Instant, Text } from '@itsm-m365/plugin-api';

const hour = 60 * 60_000;

export type FullReason =
  | 'first'
  | 'no-delta'
  | 'conditions'
  | 'due'
  | 'held'
  | 'new-licences'
  | 'delta-expired'
  | 'many-changes'
  | 'guard'
  | 'consumed';

export type Reading =
  | { readonly mode: 'full'; readonly reason: FullReason }
  | { readonly mode: 'changes'; readonly link: string };

/** Why everything is listed, as an administrator reads it. */
export const fullReasons: Readonly<Record<FullReason, Text>> = {
  first: { en: 'this is the first import', de: 'dies ist der erste Import' },
  'no-delta': {
    en: 'there is no point from which changes could be read',
    de: 'es gibt keinen Stand, ab dem Änderungen gelesen werden könnten',
  },
  conditions: {
    en: 'exclusions, cloud or the reading itself changed',
    de: 'Ausnahmen, Cloud oder das Leseverfahren haben sich geändert',
  },
  due: { en: 'the last complete listing is old enough', de: 'die letzte vollständige Liste ist alt genug' },
  held: { en: 'the last import was held', de: 'der letzte Import wurde angehalten' },
  'new-licences': { en: 'licences were added to the import', de: 'Lizenzen sind zum Import hinzugekommen' },
  'delta-expired': {
    en: 'Microsoft no longer knows the changes since the last import',
    de: 'Microsoft kennt die Änderungen seit dem letzten Import nicht mehr',
  },
  'many-changes': {
    en: 'so many users changed that listing all needs fewer requests',
    de: 'so viele Benutzer haben sich geändert, dass die vollständige Liste weniger Anfragen braucht',
  },
  guard: {
    en: 'the changes would have ended many assignments, and were checked',
    de: 'die Änderungen hätten viele Zuweisungen beendet und wurden überprüft',
  },
  consumed: {
    en: 'Microsoft’s count of assigned units moved differently from ours',
    de: 'Microsofts Zahl zugewiesener Einheiten hat sich anders entwickelt als unsere',
  },
};

/** Reasons that an administrator should see: something out of the ordinary was repaired. */
export const remarkable: ReadonlySet<FullReason> = new Set(['delta-expired', 'guard', 'consumed']);

export interface ReadingFacts {
  readonly deltaLink: string;
  readonly fingerprint: string;
  readonly storedFingerprint: string;
  readonly lastFullAt: Instant | null;
  readonly held: boolean;
  /** SKUs to import whose assignments the last import did not read. */
  readonly newSkus: number;
  readonly fullListingHours: number;
  readonly now: Instant;
}

/** Decides between a full listing and the changes since the stored link. Pure; a clock set back makes a listing due. */
export const planReading = (facts: ReadingFacts): Reading => {
  if (facts.lastFullAt === null) return { mode: 'full', reason: 'first' };
  if (facts.deltaLink === '') return { mode: 'full', reason: 'no-delta' };
  if (facts.fingerprint !== facts.storedFingerprint) return { mode: 'full', reason: 'conditions' };
  if (facts.held) return { mode: 'full', reason: 'held' };
  if (facts.newSkus > 0) return { mode: 'full', reason: 'new-licences' };
  const age = facts.now - facts.lastFullAt;
  if (age >= facts.fullListingHours * hour || age < 0) return { mode: 'full', reason: 'due' };
  return { mode: 'changes', link: facts.deltaLink };
};

/** A page of a listing holds 999 users, a batch 20: beyond this many changes the listing needs fewer requests. */
export const tooManyChanges = (changed: number, usersBefore: number): boolean =>
  Math.ceil(changed / 20) > Math.ceil(usersBefore / 999) + 1;
