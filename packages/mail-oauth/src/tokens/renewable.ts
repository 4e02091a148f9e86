import type { AccountTokens } from './access.ts';

/** Access tokens whose sign-in can be kept alive. */
export interface RenewableTokens extends AccountTokens {
  /** Renews the stored sign-in now, whether or not a token is needed; nothing to do where an application signs in. */
  renew(signal?: AbortSignal): Promise<void>;
}
