import { shownReply } from '../transport/shown-reply.ts';

/**
 * A foreign text made fit for a report: one line, bounded, without control characters, tokens and keys. Channels clean
 * what they hand on; a report is copied and printed (ADV-29), so that it is cleaned once more, with what has no secret at
 * hand to compare: bearer values, and XOAUTH2's words, which begin with `user=` in base64.
 */
export const shown = (value: string, limit = 1000): string =>
  shownReply(value.slice(0, limit * 4).replace(/[\u200e\u200f]/g, ''))
    .replace(/(?:dXNlcj|eyJ)[\w+/=-]{10,}(?:\.[\w-]*){0,2}/g, '[redacted]')
    .replace(/\b(Bearer)[ =:]+[\w.~+/-]{8,}=*/gi, '$1 [redacted]')
    .slice(0, limit);
