/** Modified UTF-7, in which IMAP4rev1 writes folder names (RFC 3501 5.1.3). */
export const encodeName = (name: string): string =>
  name.replaceAll(/&|[^\x20-\x7e]+/g, (part) => {
    if (part === '&') return '&-';
    const bytes = Buffer.from(part, 'utf16le').swap16();
    return `&${bytes.toString('base64').replaceAll('=', '').replaceAll('/', ',')}-`;
  });

export const decodeName = (name: string): string =>
  name.replaceAll(/&([A-Za-z0-9+,]*)-/g, (_, part: string) => {
    if (part === '') return '&';
    const bytes = Buffer.from(part.replaceAll(',', '/'), 'base64');
    return bytes
      .subarray(0, bytes.length - (bytes.length % 2))
      .swap16()
      .toString('utf16le');
  });

/** LIST's wildcards: `*` is anything, `%` anything within one level (RFC 9051 6.3.9). */
export const matcher = (pattern: string): ((path: string) => boolean) => {
  const source = pattern
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('%', '[^/]*');
  const expression = new RegExp(`^${source}$`, 'is');
  return (path) => expression.test(path);
};
