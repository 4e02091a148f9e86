import type { Actor, Language, Permission, Scope } from '@itsm-m365/plugin-api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';

/** A request that passed: its input is checked, its actor known. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  readonly language: Language;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** @throws FORBIDDEN */
  require(permission: Permission, scope?: Scope): Promise<void>;
  allows(permission: Permission, scope?: Scope): Promise<boolean>;
}

/**
 * Who may call. A permission is asked for before the handler runs. `handler`: the handler asks itself, since it depends
 * on what the request is about; a handler that answers without a permission having been granted is refused afterwards.
 * `anyone`: no actor at all.
 */
export type Access = Permission | 'handler' | 'anyone';

/** Text that is no JSON, with its type. */
export class Raw {
  readonly type: string;
  readonly content: string | NodeJS.ReadableStream;

  constructor(type: string, content: string | NodeJS.ReadableStream) {
    this.type = type;
    this.content = content;
  }
}

/** A route as data: mounted, checked and documented from this one description. */
export interface Endpoint<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/runs/:run`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  /** Whether the response is checked before it is sent: a plugin's is. */
  readonly checked?: boolean;
  readonly status?: number;
  readonly bodyLimit?: number;
  readonly produces?: string;
  handle(call: Call<Static<P>, Static<Q>, Static<B>>): Promise<Static<R> | Raw>;
}

/** Identity, for inference. */
export const defineEndpoint = <P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>(
  endpoint: Endpoint<P, Q, B, R>,
): Endpoint<P, Q, B, R> => endpoint;
