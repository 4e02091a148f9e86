/** One DER value (X.690): its tag and where its content lies. */
interface Value {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const sequence = 0x30;
const integer = 0x02;
const octets = 0x04;
/** Values looked at before giving up; certificates and key files have a few hundred. */
const maxValues = 20_000;
const maxDepth = 24;

/** Reads a value's head; undefined where there is none, or where BER's indefinite length is used. */
const valueAt = (bytes: Uint8Array, at: number, limit: number): Value | undefined => {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined;
  if (first < 0x80) {
    const end = at + 2 + first;
    return end <= limit ? { tag, start: at + 2, end } : undefined;
  }
  const size = first & 0x7f;
  if (size === 0 || size > 4 || at + 2 + size > limit) return undefined;
  let length = 0;
  for (let index = 0; index < size; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + size;
  return start + length <= limit ? { tag, start, end: start + length } : undefined;
};

const childrenOf = (bytes: Uint8Array, parent: Value): Value[] | undefined => {
  const children: Value[] = [];
  for (let at = parent.start; at < parent.end; ) {
    const child = valueAt(bytes, at, parent.end);
    if (child === undefined || children.length > maxValues) return undefined;
    children.push(child);
    at = child.end;
  }
  return children;
};

const numberOf = (bytes: Uint8Array, value: Value): number => {
  let number = 0;
  for (let at = value.start; at < value.end; at += 1) number = number * 256 + (bytes[at] ?? 0);
  return number;
};

/** The tags of the first values inside the outermost sequence: enough to tell the key formats apart. */
export const shapeOf = (bytes: Uint8Array): readonly number[] | undefined => {
  const outer = valueAt(bytes, 0, bytes.length);
  if (outer === undefined || outer.tag !== sequence) return undefined;
  return childrenOf(bytes, outer)
    ?.slice(0, 3)
    .map(({ tag }) => tag);
};

/** PKCS#12 by content (RFC 7292, 4): a sequence that begins with the version 3 and a content info. DER or BER. */
export const looksLikePfx = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== sequence) return false;
  const first = bytes[1] ?? 0;
  const at = 2 + (first > 0x80 ? first & 0x7f : 0);
  return bytes[at] === integer && bytes[at + 1] === 1 && bytes[at + 2] === 3 && bytes[at + 3] === sequence;
};

/**
 * The largest iteration count stated in a key file: the integer after a salt, as in PBES1, PBES2's PBKDF2, scrypt's cost
 * and PKCS#12's MacData. Looks into octet strings, where PKCS#12 hides its contents. 0 where none is visible.
 */
export const largestIteration = (bytes: Uint8Array): number => {
  let largest = 0;
  let seen = 0;
  const visit = (value: Value, depth: number): void => {
    seen += 1;
    if (depth > maxDepth || seen > maxValues) return;
    const isOctets = value.tag === octets;
    if (!isOctets && (value.tag & 0x20) === 0) return;
    const children = childrenOf(bytes, value);
    if (children === undefined) return;
    children.forEach((child, index) => {
      const next = children[index + 1];
      if (value.tag === sequence && child.tag === octets && next?.tag === integer)
        largest = Math.max(largest, numberOf(bytes, next));
      visit(child, depth + 1);
    });
  };
  const outer = valueAt(bytes, 0, bytes.length);
  if (outer !== undefined) visit(outer, 0);
  return largest;
};
