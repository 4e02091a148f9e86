/** A number in [0, 1); passed in so that a run can be repeated. */
export type Random = () => number;

/** murmur3's 32-bit finaliser: a bijection, so ids made with it can be turned back into indices. */
const scramble = (value: number): number => {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
};

const unscramble = (value: number): number => {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7ed1b41d);
  h ^= (h >>> 13) ^ (h >>> 26);
  h = Math.imul(h, 0xa5cb9243);
  h ^= h >>> 16;
  return h >>> 0;
};

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return scramble(state) / 4_294_967_296;
  };
};

/** A 32-bit number that depends on (seed, index, salt) alone: the ground all generated users stand on. */
export const hash = (seed: number, index: number, salt: number): number =>
  scramble((scramble((seed ^ Math.imul(salt, 0x9e3779b9)) >>> 0) + Math.imul(index, 0x27d4eb2f)) >>> 0);

const words = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
const word = (value: number): string => words[value & 0xffff] ?? '0000';

const format = (a: number, b: number, c: number, d: number): string =>
  `${word(a >>> 16)}${word(a)}-${word(b >>> 16)}-${word((b & 0x0fff) | 0x4000)}-${word(((c >>> 16) & 0x3fff) | 0x8000)}-${word(c)}${word(d >>> 16)}${word(d)}`;

/** A version 4 shaped GUID whose first group hides the index: see {@link indexOfGuid}. */
export const guidOf = (seed: number, index: number, salt = 0): string => {
  const key = scramble((seed ^ Math.imul(salt + 1, 0x85ebca6b)) >>> 0);
  return format(scramble((index ^ key) >>> 0), hash(key, index, 101), hash(key, index, 102), hash(key, index, 103));
};

/** The index a GUID of {@link guidOf} was made from, or undefined for any other text. */
export const indexOfGuid = (seed: number, guid: string, salt = 0): number | undefined => {
  const key = scramble((seed ^ Math.imul(salt + 1, 0x85ebca6b)) >>> 0);
  const index = (unscramble(Number.parseInt(guid.slice(0, 8), 16) >>> 0) ^ key) >>> 0;
  return guidOf(seed, index, salt) === guid.toLowerCase() ? index : undefined;
};

export const randomGuid = (random: Random): string => {
  const next = () => Math.floor(random() * 4_294_967_296);
  return format(next(), next(), next(), next());
};
