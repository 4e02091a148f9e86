/** One header field as it stands in the message, unfolded; the name in lower case. Untrusted. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A text of a stranger for a list or a log: control characters and line ends become spaces, and it is cut to `length`. */
export const shown = (value: string, length: number): string => {
  const clean = value.replace(controls, ' ').replace(/ {2,}/g, ' ').trim();
  const cut = clean.slice(0, length);
  // A pair that was cut in two would be stored as a replacement character.
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
};

/** Exchange takes no longer one; References of a long thread have thousands of characters, the nearest at the end. */
const longestField = 65_536;

/** Unfolds a raw field (RFC 5322, 2.2.3). Fields without a colon have no name and say nothing. */
export const headerOf = (line: string): Header => {
  const colon = line.indexOf(':');
  return colon < 1
    ? { name: '', value: '' }
    : { name: line.slice(0, colon).trim().toLowerCase(), value: shown(line.slice(colon + 1), longestField) };
};

export const allOf = (headers: readonly Header[], name: string): readonly string[] =>
  headers.filter((header) => header.name === name).map(({ value }) => value);

export const firstOf = (headers: readonly Header[], name: string): string => allOf(headers, name)[0] ?? '';

const maxIds = 100;

/**
 * Message ids of a field (RFC 5322, 3.6.4), in angle brackets. A single word without brackets, as some programs write it,
 * is put into them. Of more than 100 the last are kept: they are the nearest in the thread.
 */
export const messageIdsOf = (value: string): readonly string[] => {
  const found = value.match(/<[^<>\s]{1,996}>/g) ?? [];
  if (found.length > 0) return found.slice(-maxIds);
  return /^[^<>\s]{1,996}$/.test(value) ? [`<${value}>`] : [];
};
