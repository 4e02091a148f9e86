export type EndpointName =
  | 'token'
  | 'authorize'
  | 'devicecode'
  | 'openid-configuration'
  | 'keys'
  | 'instance-discovery'
  | 'organization'
  | 'subscribedSkus'
  | 'subscriptions'
  | 'users'
  | 'users-delta'
  | 'users-count'
  | 'user'
  | 'groups'
  | 'group'
  | 'batch'
  | 'mail-folders'
  | 'messages'
  | 'messages-delta'
  | 'message'
  | 'message-value'
  | 'send-mail'
  | 'imap'
  | 'pop'
  | 'smtp'
  | 'unknown';

export const endpointNames: readonly EndpointName[] = [
  'token',
  'authorize',
  'devicecode',
  'openid-configuration',
  'keys',
  'instance-discovery',
  'organization',
  'subscribedSkus',
  'subscriptions',
  'users',
  'users-delta',
  'users-count',
  'user',
  'groups',
  'group',
  'batch',
  'mail-folders',
  'messages',
  'messages-delta',
  'message',
  'message-value',
  'send-mail',
  'imap',
  'pop',
  'smtp',
  'unknown',
];

export interface SimRequest {
  readonly method: string;
  /** Host the client believes it talks to, without port, lower case. */
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Calls back when the answer has left, or cannot; absent where requests have no duration. */
  readonly onFinished?: (listener: () => void) => void;
}

/** Damage done to an answer on its way out; applied by the server, not visible to {@link Simulator.handle}. */
export type WireDamage =
  | { readonly kind: 'reset' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  | { readonly kind: 'hang' }
  /** The connection ends before any of the answer. */
  | { readonly kind: 'drop' };

export interface SimReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** In place of the body, where it is no UTF-8 text. */
  readonly bytes?: Buffer;
  readonly wire?: WireDamage;
  /** Sent as it is although the client accepts gzip. */
  readonly uncompressed?: boolean;
}

export interface Target {
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/** `+` is a blank in Graph queries; names such as `$select` are compared without case. */
const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

/** Splits path and query; undefined when a percent sequence is broken. */
export const parseTarget = (target: string): Target | undefined => {
  const mark = target.indexOf('?');
  const path = decode((mark < 0 ? target : target.slice(0, mark)).replaceAll('+', '%2B'));
  if (path === undefined) return undefined;
  const query = new Map<string, string>();
  for (const pair of mark < 0 ? [] : target.slice(mark + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    query.set(name.startsWith('$') ? name.toLowerCase() : name, value);
  }
  return { path, query };
};

export const jsonReply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): SimReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
