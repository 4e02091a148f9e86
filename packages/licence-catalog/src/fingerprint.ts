/** A separator that no directory value holds, so that moving text from one field to the next changes the result. */
const between = '\u001F';

/**
 * 53 bits of the fields (cyrb53, public domain, github.com/bryc/code). Tells a change from none; it is no protection of
 * the values, so it is set to 0 when a person is erased.
 */
export const fingerprint = (fields: readonly string[]): number => {
  const text = fields.join(between);
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
};
