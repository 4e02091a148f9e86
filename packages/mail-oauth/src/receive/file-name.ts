const maxLength = 150;

/** Separators of paths, what Windows does not allow in names, control characters, and what turns the reading direction. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Names of devices on Windows, with any extension. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

const extensions: Readonly<Record<string, string>> = {
  'message/rfc822': '.eml',
  'text/calendar': '.ics',
  'message/delivery-status': '.txt',
  'application/pkcs7-mime': '.p7m',
  'application/pkcs7-signature': '.p7s',
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'application/pdf': '.pdf',
};

const shorten = (name: string): string => {
  const characters = [...name];
  if (characters.length <= maxLength) return name;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= 20 ? characters.slice(dot) : [];
  return [...characters.slice(0, maxLength - extension.length), ...extension].join('');
};

/**
 * A name that an attachment can be stored and shown under: never a path, no leading dots, nothing that hides the extension
 * by turning the direction of reading. Without a usable one it is `attachment-3.pdf`, by its place and type.
 */
export const safeFileName = (name: string, contentType: string, place: number): string => {
  const clean = name
    .replace(forbidden, '_')
    .replace(/\p{Surrogate}/gu, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (clean.replace(/[_ .]/g, '') === '') return `attachment-${place}${extensions[contentType] ?? ''}`;
  return shorten(clean.replace(device, '_$1'));
};
