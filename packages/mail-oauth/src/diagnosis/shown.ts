import { shownText } from '@itsm-m365/graph-auth';
import { shownReply } from '../transport/shown-reply.ts';

/** What looks like a secret without one at hand to compare: tokens, keys, bearer values, XOAUTH2's words (`user=` in base64). */
const redacted = (text: string): string =>
  text
    .replace(/(?:dXNlcj|eyJ)[\w+/=-]{10,}(?:\.[\w-]*){0,2}/g, '[redacted]')
    .replace(/\b(Bearer)[ =:]+[\w.~+/-]{8,}=*/gi, '$1 [redacted]')
    .replace(/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*/gs, '[redacted]');

/**
 * A foreign text made fit for a report: one line, bounded, without control characters, tokens and keys. Channels clean
 * what they hand on; a report is copied and printed (ADV-29), so that it is cleaned once more.
 */
export const shown = (value: string, limit = 1000): string =>
  redacted(shownReply(value.slice(0, limit * 4).replace(/[\u200e\u200f]/g, ''))).slice(0, limit);

/** A text of a report, ours with foreign words in it, as one line. */
export const printable = (value: string, limit = 8_000): string =>
  redacted(
    shownText(value, limit)
      .replace(/[\u200e\u200f]/g, '')
      .replace(/\s+/g, ' '),
  ).trim();
