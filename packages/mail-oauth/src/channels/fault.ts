/** Where in a conversation with a mail server something failed; also the stages of the diagnosis, in their order. */
export type Stage =
  | 'settings'
  | 'address'
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'token'
  | 'claims'
  | 'login'
  | 'folder'
  | 'list'
  | 'read'
  | 'acknowledge'
  | 'sender'
  | 'recipient'
  | 'data'
  | 'sent-items';

export interface FaultFacts {
  readonly stage: Stage;
  readonly protocol: 'imap' | 'pop' | 'smtp' | 'graph';
  /** `host:port`. */
  readonly server: string;
  /** Of the network, of TLS, of the library or of us: `ENOTFOUND`, `CERT_HAS_EXPIRED`, `ETHROTTLE`, `TIMEOUT`. `''`: the server answered. */
  readonly code: string;
  /** The server's own words, at most 1,000 characters, without control characters and without anything we sent. */
  readonly reply: string;
  /** SMTP reply code or HTTP status; 0 where there is none. */
  readonly status: number;
  /** Enhanced status code `5.7.139` (RFC 3463), Graph's error code, or IMAP's response code; `''` without one. */
  readonly reason: string;
  /** Milliseconds that the server asks to wait; 0 where it does not. */
  readonly waitMs: number;
  /** The connection broke after the message was given and before it was accepted: nobody here knows whether it went. */
  readonly outcomeUnknown: boolean;
}

/**
 * A failure of a mail channel, as facts. What it means, whose it is and what to do is told by the tables of `diagnosis/`,
 * which are pure; nothing but them turns it into a known error. Never holds a token, a password or a line of a message.
 */
export class ChannelFault extends Error {
  override readonly name = 'ChannelFault';
  readonly facts: FaultFacts;

  constructor(facts: Pick<FaultFacts, 'stage' | 'protocol' | 'server'> & Partial<FaultFacts>, options?: ErrorOptions) {
    super(`${facts.protocol} ${facts.stage}: ${facts.code || facts.reply || 'refused'}`, options);
    this.facts = { code: '', reply: '', status: 0, reason: '', waitMs: 0, outcomeUnknown: false, ...facts };
  }
}

/** Matched by name: two copies of this package may be loaded in one host. */
export const isChannelFault = (value: unknown): value is ChannelFault =>
  value instanceof Error && value.name === 'ChannelFault' && 'facts' in value;
