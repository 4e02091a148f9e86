/** A message as it lies in a folder. */
export interface StoredMessage {
  readonly uid: number;
  /** Stays the same when the message is moved to another folder (Graph page: Obtain immutable identifiers). */
  readonly id: string;
  /** POP3's unique id. */
  readonly uidl: string;
  readonly raw: Buffer;
  /** Milliseconds since 1970. */
  readonly internalDate: number;
  readonly flags: Set<string>;
}

const end = /\r?\n\r?\n/;

/** The header of a message with the empty line that ends it (RFC 5322 2.1), one character per byte. */
export const headerText = (raw: Buffer): string => {
  // Headers are short; a message may be large.
  const text = raw.subarray(0, 262_144).toString('latin1');
  const found = end.exec(text);
  return found === null ? text : text.slice(0, found.index + found[0].length);
};

/** Header fields in their order, unfolded (RFC 5322 2.2.3). */
export const headerFields = (raw: Buffer): readonly { readonly name: string; readonly value: string }[] =>
  headerText(raw)
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1
        ? []
        : [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }];
    });

export const headerValue = (raw: Buffer, name: string): string | undefined =>
  headerFields(raw).find((field) => field.name === name)?.value;

export interface NamedAddress {
  readonly name: string;
  readonly address: string;
}

/** Addresses of a header field: enough for what tests send, not for every form of RFC 5322 3.4. */
export const addressesIn = (value: string | undefined): readonly NamedAddress[] =>
  (value ?? '')
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => {
      const angle = /^(.*)<([^<>]*)>\s*$/s.exec(part.trim());
      return angle === null
        ? { name: '', address: part.trim() }
        : { name: (angle[1] ?? '').trim().replace(/^"(.*)"$/s, '$1'), address: (angle[2] ?? '').trim() };
    })
    .filter(({ address }) => address.includes('@'));

/** Message-IDs are compared as they stand, without what surrounds them. */
export const messageIdOf = (raw: Buffer): string | undefined => headerValue(raw, 'message-id');
