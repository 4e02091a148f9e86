type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A body as a JSON object; an empty one is `{}`; undefined where it is none. */
export const parsedObject = (text: string): Fields | undefined => {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Code and message of an error body (Graph page "Error responses"), unbounded in length; both `''` where it is none. */
export const errorOf = (text: string): { readonly code: string; readonly message: string } => {
  const error = parsedObject(text)?.error;
  if (!isFields(error)) return { code: '', message: '' };
  const code = word(error.code);
  // Only what looks like a code of Graph's is one.
  return { code: /^[\w.]{1,100}$/.test(code) ? code : '', message: word(error.message) };
};

/** A day: a mistaken header must not stop a mailbox for ever. */
const longest = 86_400_000;

/** Milliseconds that `Retry-After` asks for (RFC 9110, 10.2.3), seconds or a date; 0 where it asks for nothing. */
export const waitOf = (header: unknown, date: unknown, now: number): number => {
  const value = word(Array.isArray(header) ? header[0] : header).trim();
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.min(longest, Math.ceil(Number(value) * 1000));
  const until = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  const server = Date.parse(word(date));
  return Number.isNaN(until) ? 0 : Math.min(longest, Math.max(0, until - (Number.isNaN(server) ? now : server)));
};
