import type { RestoredReason } from '../store/tables.ts';

/** What a place outside of the database remembers of it. */
export interface Mark {
  readonly place: string;
  /** How often the database moved on under this place. */
  readonly generation: number;
  /** The last time restored mode was entered, by its id; `''`: never. */
  readonly restored: string;
}

/** What the database says to a mark. */
export interface MarkFacts {
  /** The generation that the database knows of the place; undefined: it does not know the place. */
  readonly generation: number | undefined;
  /** Whether it knows the restored mode that the mark names. */
  readonly knows: boolean;
  /** The last restored mode it knows. */
  readonly latest: string;
  /** Places that outlive their process, known to the database. */
  readonly places: number;
  /** No place, and no run: it was made a moment ago. */
  readonly fresh: boolean;
  /** The database is one process's own, and so is the place. */
  readonly alone: boolean;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a mark's text; undefined where it is none: then nothing is remembered. */
export const parseMark = (text: string | undefined): Mark | undefined => {
  if (text === undefined || text.length > 1000) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { place, generation, restored } = value as Readonly<Record<string, unknown>>;
    if (typeof place !== 'string' || !uuid.test(place)) return undefined;
    if (typeof generation !== 'number' || !Number.isSafeInteger(generation) || generation < 0) return undefined;
    if (typeof restored !== 'string' || (restored !== '' && !uuid.test(restored))) return undefined;
    return { place, generation, restored };
  } catch {
    return undefined;
  }
};

export const writeMark = ({ place, generation, restored }: Mark): string =>
  JSON.stringify({ place, generation, restored });

/**
 * Tells whether the database is an older one than the mark remembers, and how; undefined: it is sound. Pure. The database
 * is written before the mark, so a kill between leaves the mark behind and never ahead.
 *
 * Each place compares with what the database knows of *it*: a node that was away while another went on, on a restored
 * database, is not deceived by how far that came. A shortfall is settled where restored mode was entered since the mark.
 */
export const judgeMark = (mark: Mark | undefined, facts: MarkFacts): RestoredReason | undefined => {
  if (facts.fresh) return undefined;
  // A database of one process has one place. Without it, it was copied here from elsewhere; on a server it is a new node.
  if (mark === undefined) return facts.alone && facts.places > 0 ? 'moved' : undefined;
  if (!facts.knows) return 'older';
  if (facts.generation !== undefined && facts.generation >= mark.generation) return undefined;
  if (facts.latest !== mark.restored) return undefined;
  return facts.generation === undefined ? 'unknown' : 'older';
};
