import type { Language } from '@itsm-m365/plugin-api';

/** What was answered, with its body as JSON where it says so. Tests look into it by the shapes they expect. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

export interface Sent {
  readonly body?: unknown;
  /** Instead of `body`, as it is. */
  readonly raw?: string | Buffer;
  readonly type?: string;
  /** Headers that sign somebody in; null: nobody. Default: the one who may do everything. */
  readonly as?: SignedIn | null;
  readonly language?: Language;
  readonly headers?: Readonly<Record<string, string>>;
}

export type SignedIn = Readonly<Record<string, string>>;

export interface Client {
  call<T = unknown>(method: string, path: string, sent?: Sent): Promise<Answer<T>>;
  /** The body of a call that has to succeed. */
  get<T>(path: string, sent?: Sent): Promise<T>;
  post<T>(path: string, body: unknown, sent?: Sent): Promise<T>;
  put<T>(path: string, body: unknown, sent?: Sent): Promise<T>;
}

const contentOf = (sent: Sent): string | Buffer | undefined =>
  sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));

export const createClient = (base: string, everything: SignedIn): Client => {
  const call = async <T>(method: string, path: string, sent: Sent = {}): Promise<Answer<T>> => {
    const content = contentOf(sent);
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(sent.as === undefined ? everything : (sent.as ?? {})),
        ...(content === undefined ? {} : { 'content-type': sent.type ?? 'application/json' }),
        ...(sent.language === undefined ? {} : { 'accept-language': sent.language }),
        ...sent.headers,
      },
      ...(content === undefined ? {} : { body: content }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
    return { status: answer.status, headers: answer.headers, text, body: (json ? JSON.parse(text) : text) as T };
  };
  const succeed = async <T>(method: string, path: string, sent: Sent): Promise<T> => {
    const answer = await call<T>(method, path, sent);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  return {
    call,
    get: (path, sent = {}) => succeed('GET', path, sent),
    post: (path, body, sent = {}) => succeed('POST', path, { ...sent, body }),
    put: (path, body, sent = {}) => succeed('PUT', path, { ...sent, body }),
  };
};

/** Every item of a list that is cut into pages by a cursor: `parameter` carries `next` of the page before. */
export const everyItem = async <T>(client: Client, path: string, parameter: 'after' | 'cursor'): Promise<T[]> => {
  const items: T[] = [];
  let next: string | number | undefined;
  do {
    const mark = path.includes('?') ? '&' : '?';
    const page: { items: T[]; next?: string | number } = await client.get(
      next === undefined ? path : `${path}${mark}${parameter}=${encodeURIComponent(next)}`,
    );
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return items;
};
