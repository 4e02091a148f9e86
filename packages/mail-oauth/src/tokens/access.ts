/** What an access token is asked for. One resource a token: Exchange takes none of Graph's (exchange-docs #100). */
export type Resource = 'exchange' | 'graph';

/**
 * Access tokens of one account, whatever its flow. Cached until shortly before its
 * end, one request at a time, renewed with the rotated refresh token saved before it is used.
 */
export interface AccountTokens {
  token(resource: Resource, options?: { readonly refused?: string; readonly signal?: AbortSignal }): Promise<string>;
}
