/** How much of a message is read before it is refused: it then stays in the mailbox and is listed. */
export interface ParseLimits {
  /** Of the whole message, and of its decoded attachments together. */
  readonly bytes: number;
  /** Of one part's header. */
  readonly headerBytes: number;
  /** Header fields of all parts together. */
  readonly headerFields: number;
  readonly parts: number;
  /** Multiparts within multiparts. */
  readonly depth: number;
  readonly attachments: number;
  /** Characters of text and HTML together. */
  readonly textLength: number;
  /** Characters of HTML beyond which no text is made of it where the message has none. */
  readonly htmlToText: number;
  /** Of From, To, Cc and Reply-To each; further ones are left out, and stand in the raw message. */
  readonly addresses: number;
  /** Milliseconds that the parser may take. */
  readonly parseMs: number;
}

/**
 * Exchange Online takes messages of 150 MB, 64 KB a header field, and 1,000 recipients; what people send is far below each
 * of these.
 */
export const parseLimits = (bytes: number): ParseLimits => ({
  bytes,
  headerBytes: 1024 * 1024,
  headerFields: 10_000,
  parts: 500,
  depth: 50,
  attachments: 250,
  textLength: 16 * 1024 * 1024,
  htmlToText: 2 * 1024 * 1024,
  addresses: 5000,
  parseMs: 120_000,
});
