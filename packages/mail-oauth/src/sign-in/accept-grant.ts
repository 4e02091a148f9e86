import type { TokenReply } from '@itsm-m365/graph-auth';
import { refreshTokenBinding, refreshTokenOf, saveSignIn } from '../tokens/grant-rows.ts';
import { delegatedScopes } from '../tokens/resources.ts';
import { ownerOf } from '../tokens/token-owner.ts';
import { signInErrors } from './errors.ts';
import type { SignedIn, SignInContext, SignInPlan } from './sign-in-context.ts';

/** Entra writes Graph's scopes without their prefix, and not always in the letters they were asked in. */
const plain = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1).toLowerCase();

const missingOf = (asked: readonly string[], granted: string): readonly string[] => {
  if (granted === '') return [];
  const have = new Set(granted.split(/\s+/).map(plain));
  return asked.filter((scope) => !have.has(plain(scope)));
};

/**
 * Stores what a sign-in gave, in the place of the former one, after it was proved that it is the right person's (MAIL-18,
 * MAIL-21) and enough for the account (MAIL-07). Refused, it leaves everything as it was. The access token is dropped: the
 * first use asks for one of its own. Throws `SIGN_IN_WITHOUT_REFRESH`, `SIGN_IN_SCOPES_MISSING` and what `ownerOf` throws.
 */
export const acceptGrant = async (
  context: SignInContext,
  { registration, tokenUser, resources }: SignInPlan,
  reply: TokenReply,
  browser: boolean,
): Promise<SignedIn> => {
  const { account, actor, services } = context;
  const { db, secrets, clock } = services;
  const { authority, clientId, cloud } = registration;
  const now = clock.now();
  const owner = ownerOf(reply, { authority, clientId, tokenUser, now, browser });
  if (reply.refreshToken === undefined) throw signInErrors.SIGN_IN_WITHOUT_REFRESH();
  const missing = missingOf(delegatedScopes(account.value, resources[0], cloud), reply.scope);
  if (missing.length > 0) throw signInErrors.SIGN_IN_SCOPES_MISSING({ scopes: missing.map(plain).join(', ') });
  const ref = await secrets.store(reply.refreshToken, refreshTokenBinding(account.id, registration));
  const former = await saveSignIn(db, {
    account: account.id,
    refresh_token: ref,
    tenant: authority,
    client: clientId,
    user_id: owner.id,
    user_name: owner.name,
    scopes: reply.scope.slice(0, 1000),
    signed_in_at: now,
    signed_in_by: actor,
    renewed_at: now,
  });
  if (former !== undefined && former.refresh_token !== '') {
    await secrets.remove(refreshTokenOf(former)).catch(() => {
      services.logger.warn({ account: account.id }, 'A replaced refresh token could not be removed');
    });
  }
  services.logger.info({ account: account.id, user: owner.id }, 'Stored a new sign-in');
  return { user: owner.name, signedInAt: now, signedInBy: actor };
};
