import { addressesIn, headerFields, headerText } from '../message.ts';
import { nstring, quote } from './syntax.ts';

const addressList = (value: string | undefined): string => {
  const list = addressesIn(value).map(({ name, address }) => {
    const at = address.lastIndexOf('@');
    return `(${nstring(name)} NIL ${nstring(address.slice(0, at))} ${nstring(address.slice(at + 1))})`;
  });
  return list.length === 0 ? 'NIL' : `(${list.join('')})`;
};

/** ENVELOPE (RFC 9051 7.5.2); sender and reply-to are From where they are absent. */
export const envelopeOf = (raw: Buffer): string => {
  const fields = headerFields(raw);
  const field = (name: string): string | undefined => fields.find((entry) => entry.name === name)?.value;
  const from = field('from');
  const parts = [
    nstring(field('date')),
    nstring(field('subject')),
    addressList(from),
    addressList(field('sender') ?? from),
    addressList(field('reply-to') ?? from),
    addressList(field('to')),
    addressList(field('cc')),
    addressList(field('bcc')),
    nstring(field('in-reply-to')),
    nstring(field('message-id')),
  ];
  return `(${parts.join(' ')})`;
};

/** BODYSTRUCTURE of the outermost part alone; what is inside a multipart is passed off as one text. */
export const bodyStructureOf = (raw: Buffer): string => {
  const fields = headerFields(raw);
  const field = (name: string): string | undefined => fields.find((entry) => entry.name === name)?.value;
  const [media = 'text/plain', ...parameters] = (field('content-type') ?? 'text/plain').split(';');
  const [type = 'text', subtype = 'plain'] = media.trim().split('/');
  const pairs = parameters.flatMap((parameter) => {
    const equals = parameter.indexOf('=');
    if (equals < 0) return [];
    const value = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/s, '$1');
    return [`${quote(parameter.slice(0, equals).trim().toUpperCase())} ${quote(value)}`];
  });
  const body = raw.subarray(Buffer.byteLength(headerText(raw), 'latin1'));
  const lines = body.toString('latin1').split('\n').length - 1;
  const encoding = quote((field('content-transfer-encoding') ?? '7bit').toUpperCase());
  const list = pairs.length === 0 ? 'NIL' : `(${pairs.join(' ')})`;
  if (type.toLowerCase() === 'multipart') {
    return `(("TEXT" "PLAIN" NIL NIL NIL "7BIT" ${body.length} ${lines}) ${quote(subtype.toUpperCase())} ${list} NIL NIL)`;
  }
  const text = type.toLowerCase() === 'text' ? ` ${lines}` : '';
  return `(${quote(type.toUpperCase())} ${quote(subtype.toUpperCase())} ${list} NIL NIL ${encoding} ${body.length}${text})`;
};
