import { headerText, type StoredMessage } from '../message.ts';
import { bodyStructureOf, envelopeOf } from './structure.ts';
import { ArgumentError, itemsOf, type Token } from './syntax.ts';

interface BodyItem {
  readonly label: string;
  readonly section: string;
  readonly partial: readonly [number, number] | undefined;
}

export interface FetchPlan {
  readonly items: readonly (string | BodyItem)[];
  /** BODY[…] without PEEK marks the message as read. */
  readonly marksSeen: boolean;
}

const simple = new Set(['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODYSTRUCTURE', 'BODY']);

const macros: Readonly<Record<string, readonly string[]>> = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
};

const bodyItem = (text: string): (BodyItem & { readonly peek: boolean }) | undefined => {
  const found = /^BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?$/is.exec(text);
  if (found === null) return undefined;
  const [, peek, section = '', offset, count] = found;
  const partial = offset === undefined ? undefined : ([Number(offset), Number(count)] as const);
  const label = `BODY[${section.toUpperCase()}]${partial === undefined ? '' : `<${partial[0]}>`}`;
  return { label, section: section.toUpperCase(), partial, peek: peek !== undefined };
};

/** Reads the items of a FETCH (RFC 9051 6.4.5). `BODY[HEADER.FIELDS (…)]` reaches here as one atom. */
export const planFetch = (token: Token | undefined, withUid: boolean): FetchPlan => {
  const words = itemsOf(token).map((item) => {
    if (item.kind !== 'atom') throw new ArgumentError();
    return item.text;
  });
  const single = words.length === 1 ? macros[(words[0] ?? '').toUpperCase()] : undefined;
  let marksSeen = false;
  const items = (single ?? words).map((word) => {
    if (simple.has(word.toUpperCase())) return word.toUpperCase();
    if (word.toUpperCase() === 'RFC822') {
      marksSeen = true;
      return { label: 'RFC822', section: '', partial: undefined };
    }
    if (word.toUpperCase() === 'RFC822.HEADER')
      return { label: 'RFC822.HEADER', section: 'HEADER', partial: undefined };
    const body = bodyItem(word);
    if (body === undefined) throw new ArgumentError();
    if (!body.peek) marksSeen = true;
    return body;
  });
  return { items: withUid && !items.includes('UID') ? ['UID', ...items] : items, marksSeen };
};

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (value: number): string => String(value).padStart(2, '0');

/** `" 1-Nov-2026 08:00:00 +0000"` (RFC 9051 9, date-time). */
export const internalDate = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `"${day}-${months[date.getUTCMonth()] ?? ''}-${date.getUTCFullYear()} ${time} +0000"`;
};

const wantedFields = (
  section: string,
): { readonly names: ReadonlySet<string>; readonly others: boolean } | undefined => {
  const found = /^HEADER\.FIELDS(\.NOT)? \((.*)\)$/s.exec(section);
  if (found === null) return undefined;
  const names = new Set((found[2] ?? '').split(' ').map((name) => name.replaceAll('"', '')));
  return { names, others: found[1] !== undefined };
};

const sectionOf = (raw: Buffer, section: string): Buffer | undefined => {
  if (section === '') return raw;
  const header = headerText(raw);
  if (section === 'HEADER') return Buffer.from(header, 'latin1');
  // The one part of a message that is no multipart is its text.
  if (section === 'TEXT' || section === '1') return raw.subarray(Buffer.byteLength(header, 'latin1'));
  const wanted = wantedFields(section);
  if (wanted === undefined) return undefined;
  const kept = header
    .split(/\r?\n(?![ \t])/)
    .filter(
      (field) => field.includes(':') && wanted.names.has((field.split(':')[0] ?? '').toUpperCase()) !== wanted.others,
    );
  return Buffer.from(`${kept.join('\r\n')}${kept.length === 0 ? '' : '\r\n'}\r\n`, 'latin1');
};

/** The untagged answer for one message, in pieces so that bodies stay bytes. */
export const fetchAnswer = (
  plan: FetchPlan,
  number: number,
  message: StoredMessage,
  raw: Buffer,
): readonly (string | Buffer)[] => {
  const pieces: (string | Buffer)[] = [`* ${number} FETCH (`];
  plan.items.forEach((item, at) => {
    if (at > 0) pieces.push(' ');
    if (typeof item !== 'string') {
      const whole = sectionOf(raw, item.section);
      const [offset, count] = item.partial ?? [0, whole?.length ?? 0];
      const part = whole?.subarray(offset, offset + count);
      if (part === undefined) pieces.push(`${item.label} NIL`);
      else pieces.push(`${item.label} {${part.length}}\r\n`, part);
      return;
    }
    const values: Readonly<Record<string, () => string>> = {
      UID: () => String(message.uid),
      FLAGS: () => `(${[...message.flags].join(' ')})`,
      INTERNALDATE: () => internalDate(message.internalDate),
      'RFC822.SIZE': () => String(raw.length),
      ENVELOPE: () => envelopeOf(raw),
      BODYSTRUCTURE: () => bodyStructureOf(raw),
      BODY: () => bodyStructureOf(raw),
    };
    pieces.push(`${item} ${values[item]?.() ?? 'NIL'}`);
  });
  pieces.push(')\r\n');
  return pieces;
};
