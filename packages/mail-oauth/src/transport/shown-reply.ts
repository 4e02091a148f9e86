import { shownText } from '@itsm-m365/graph-auth';

/** As much of a server's words as is looked at, and as is shown. */
const looked = 8_192;
const longest = 1_000;

/** So many characters in a row are told from chance. */
const piece = 16;

const mask = '[redacted]';

/** Takes out everything that stands in a secret too, be it a part of it only: servers echo, and cut what they echo. */
const withoutPieces = (text: string, secrets: readonly string[]): string => {
  const hidden = new Uint8Array(text.length);
  for (let at = 0; at + piece <= text.length; at += 1) {
    const window = text.slice(at, at + piece);
    if (secrets.some((secret) => secret.includes(window))) hidden.fill(1, at, at + piece);
  }
  let shown = '';
  for (let at = 0; at < text.length; at += 1) {
    if (hidden[at] !== 1) shown += text[at];
    else if (hidden[at - 1] !== 1) shown += mask;
  }
  return shown;
};

const forms = (secret: string): readonly string[] =>
  // A secret within base64 looks different for each of three places where it may start.
  [
    secret,
    ...[0, 1, 2].map((shift) =>
      Buffer.from(`${' '.repeat(shift)}${secret}`)
        .toString('base64')
        .slice(shift && 4),
    ),
  ];

/**
 * A server's words as they may be shown and kept: one line, at most 1,000 characters, without control characters and bidi
 * overrides, and without what was sent in confidence: neither `secrets` (a token, a password, what SASL makes of them), nor
 * a part of them of 16 characters, nor any JSON web token, nor a long run of base64.
 */
export const shownReply = (text: string, secrets: readonly string[] = []): string => {
  const plain = shownText(text, looked)
    .replace(/[\t\r\n ]+/g, ' ')
    .trim();
  const known = secrets.filter((secret) => secret.length >= 4);
  const whole = known.reduce((shown, secret) => shown.replaceAll(secret, mask), plain);
  return withoutPieces(whole, known.flatMap(forms))
    .replace(/eyJ[\w-]{5,}\.[\w-]{2,}(\.[\w-]*)?/g, mask)
    .replace(/[\w+/=-]{120,}/g, mask)
    .slice(0, longest);
};

/** Milliseconds that Exchange asks to wait in words: `Suggested Backoff Time: 92415 milliseconds`; at most a day. */
export const askedWait = (reply: string): number => {
  const milliseconds = Number(/Backoff Time[:=\s]{1,5}(\d{1,9})/i.exec(reply)?.[1] ?? 0);
  return Math.min(milliseconds, 86_400_000);
};
