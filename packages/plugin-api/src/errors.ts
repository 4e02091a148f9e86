import { type Details, fill, type Language, type Placeholders, type Text } from './text.ts';

/**
 * Whose fault an error is. It decides the HTTP status and whether trying again can help:
 * configuration and credentials are the administrator's, network the surroundings', remote Microsoft's,
 * conflict a matter of timing, internal ours.
 */
export type ErrorKind = 'configuration' | 'credentials' | 'network' | 'remote' | 'conflict' | 'internal';

export interface KindFacts {
  readonly retry: boolean;
  readonly status: number;
}

export const errorKinds: Readonly<Record<ErrorKind, KindFacts>> = {
  configuration: { retry: false, status: 422 },
  credentials: { retry: false, status: 424 },
  network: { retry: true, status: 502 },
  remote: { retry: true, status: 502 },
  conflict: { retry: true, status: 409 },
  internal: { retry: false, status: 500 },
};

/** One entry of an error catalogue. `status` overrides the HTTP status of the kind where HTTP has a better one (404, 403). */
export interface ErrorDefinition {
  readonly kind: ErrorKind;
  readonly message: Text;
  readonly remedy: Text;
  readonly status?: number;
}

/**
 * An error with a code, a cause and a remedy, in both languages. Match it with {@link isKnownError} by code, never by
 * `instanceof`: two copies of this package may be loaded in one host.
 */
export class KnownError extends Error {
  override readonly name = 'KnownError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly status: number;
  readonly details: Details;
  readonly definition: ErrorDefinition;

  constructor(code: string, definition: ErrorDefinition, details: Details, options?: ErrorOptions) {
    super(fill(definition.message.en, details), options);
    this.code = code;
    this.kind = definition.kind;
    this.status = definition.status ?? errorKinds[definition.kind].status;
    this.details = details;
    this.definition = definition;
  }

  /** The message in the language asked for. */
  text(language: Language): string {
    return fill(this.definition.message[language], this.details);
  }

  /** What the administrator has to do, in the language asked for. */
  remedy(language: Language): string {
    return fill(this.definition.remedy[language], this.details);
  }
}

type DetailsOf<D extends ErrorDefinition> =
  | Placeholders<D['message']['en']>
  | Placeholders<D['message']['de']>
  | Placeholders<D['remedy']['en']>
  | Placeholders<D['remedy']['de']>;

type Create<D extends ErrorDefinition> = [DetailsOf<D>] extends [never]
  ? (details?: Details, options?: ErrorOptions) => KnownError
  : (details: Readonly<Record<DetailsOf<D>, string | number>> & Details, options?: ErrorOptions) => KnownError;

/** A catalogue: one function per code that makes the error, and the entries as data for documentation and tests. */
export type ErrorCatalogue<D extends Record<string, ErrorDefinition> = Record<string, ErrorDefinition>> = {
  readonly [Code in keyof D]: Create<D[Code]>;
} & { readonly definitions: D };

/**
 * Makes an error catalogue. `throw graphErrors.GRAPH_UNREACHABLE({ hosts }, { cause })`: the placeholders of the four
 * texts are checked by the compiler.
 */
export const defineErrors = <const D extends Record<string, ErrorDefinition>>(definitions: D): ErrorCatalogue<D> => {
  const entries = Object.entries(definitions).map(([code, definition]) => [
    code,
    (details: Details = {}, options?: ErrorOptions) => new KnownError(code, definition, details, options),
  ]);
  return { ...Object.fromEntries(entries), definitions } as ErrorCatalogue<D>;
};

/** Tells a known error, of this or another copy of the package, optionally of one of the codes given. */
export const isKnownError = (value: unknown, ...codes: readonly string[]): value is KnownError =>
  value instanceof Error &&
  value.name === 'KnownError' &&
  'code' in value &&
  typeof value.code === 'string' &&
  'kind' in value &&
  (codes.length === 0 || codes.includes(value.code));
