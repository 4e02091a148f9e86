import { PublicClientApplication } from '@azure/msal-node';
import { clouds, type EntraReply, entraRefusal, metadataOf, redactorOf } from '@itsm-m365/graph-auth';
import { type Database, isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { tokenErrors } from '../tokens/errors.ts';
import { explained } from '../tokens/explained.ts';
import type { Registration } from '../tokens/registration.ts';
import { requestByCode } from '../tokens/requests.ts';
import { delegatedScopes } from '../tokens/resources.ts';
import { acceptGrant } from './accept-grant.ts';
import { readAnswer } from './answer-address.ts';
import { signInErrors } from './errors.ts';
import { challengeOf, fingerprint, unguessable } from './fingerprint.ts';
import { checkRedirect, nativeClientOf } from './redirect.ts';
import { planOf, type SignedIn, type SignInContext, type SignInPlan } from './sign-in-context.ts';
import {
  accountOfSignIn,
  addSignIn,
  openSignIn,
  proofBinding,
  proofOf,
  signInMs,
  sweepSignIns,
  useSignIn,
} from './sign-in-rows.ts';

export interface BeginSignInOptions extends SignInContext {
  /**
   * Where the browser comes back to, of the host's configured public address and never of a request; `paste`: to
   * Microsoft's blank page, whose address the person pastes (MAIL-09).
   */
  readonly redirect: string;
}

export interface BegunSignIn {
  /** Where the person's browser is to go. */
  readonly address: string;
  /** Kept by this browser alone and demanded at the end, for pasted addresses too. */
  readonly binding: string;
  /** Whom the person has to choose there, for the screen. */
  readonly user: string;
  /** The redirect address, as it has to be registered in Entra. */
  readonly redirect: string;
  readonly expiresAt: number;
}

const authorizeAddress = (
  { account }: SignInContext,
  { registration, resources }: SignInPlan,
  values: { readonly redirect: string; readonly state: string; readonly verifier: string },
): Promise<string> => {
  const { loginHost } = clouds[registration.cloud];
  // No credential: the address is not signed, and revealing one for it would be idle.
  const application = new PublicClientApplication({
    auth: {
      clientId: registration.clientId,
      authority: `https://${loginHost}/${registration.authority}`,
      knownAuthorities: [loginHost],
      authorityMetadata: metadataOf(clouds[registration.cloud], registration.authority),
    },
  });
  return application.getAuthCodeUrl({
    // Consent may be asked for several resources at once; a token is for one of them.
    scopes: resources.flatMap((resource) => delegatedScopes(account.value, resource, registration.cloud)),
    redirectUri: values.redirect,
    responseMode: 'query',
    state: values.state,
    codeChallenge: challengeOf(values.verifier),
    codeChallengeMethod: 'S256',
    prompt: 'select_account',
  });
};

/**
 * Begins a person's sign-in in the browser: authorization code with PKCE (RFC 7636), `prompt=select_account` (MAIL-22); a
 * second factor is asked for there and stays on (MAIL-25). Nothing is sent by us. Ends after ten minutes; any number may be
 * open. Throws `SIGN_IN_REDIRECT_INVALID` and what `planOf` throws.
 *
 * No `login_hint` stands beside it. Microsoft's pages describe the two apart; its own library leaves every hint out here,
 * since "AAD will throw if prompt=select_account is passed with an account hint" (msal-common, `protocol/Authorize.ts`;
 * microsoft-authentication-library-for-js #3315). Whom to choose is told by our screen (`BegunSignIn.user`), and anybody
 * else's token is refused.
 */
export const beginSignIn = async (options: BeginSignInOptions): Promise<BegunSignIn> => {
  const { account, actor, services, bytes } = options;
  const plan = planOf(options);
  const redirect = options.redirect === 'paste' ? nativeClientOf(plan.registration) : checkRedirect(options.redirect);
  const now = services.clock.now();
  await sweepSignIns(services, now);
  const [state, binding, verifier] = [unguessable(bytes), unguessable(bytes), unguessable(bytes)];
  const address = await authorizeAddress(options, plan, { redirect, state, verifier });
  const id = fingerprint(state);
  await addSignIn(services, {
    id,
    account: account.id,
    kind: 'code',
    actor,
    binding: fingerprint(binding),
    redirect,
    proof: await services.secrets.store(verifier, proofBinding(account.id, id, plan.registration)),
    created_at: now,
    expires_at: now + signInMs,
    used_at: null,
  });
  return { address, binding, user: plan.tokenUser, redirect, expiresAt: now + signInMs };
};

/** The account that an answer belongs to; undefined where none of ours does. Throws `SIGN_IN_ADDRESS_INVALID`. */
export const accountOfAnswer = (db: Database, answer: string): Promise<string | undefined> =>
  accountOfSignIn(db, readAnswer(answer).state);

export interface CompleteSignInOptions extends SignInContext {
  /** The whole address that the browser ended at: of the request, on the configured public address, or pasted. */
  readonly answer: string;
  /** What {@link beginSignIn} gave to this browser. */
  readonly binding: string;
  readonly signal: AbortSignal;
}

const refused = (reply: EntraReply, isPublic: boolean): KnownError => {
  const shown = { ...reply, description: redactorOf(undefined)(reply.description) };
  return explained(entraRefusal(shown, 400, '-').error, { isPublic });
};

const verifierOf = async (
  { services, account }: SignInContext,
  row: Parameters<typeof proofOf>[0] & { readonly id: string },
  registration: Registration,
): Promise<string> => {
  try {
    return await services.secrets.reveal(proofOf(row), proofBinding(account.id, row.id, registration));
  } catch (error) {
    services.logger.warn({ code: isKnownError(error) ? error.code : 'other' }, 'The proof of a sign-in cannot be read');
    throw tokenErrors.MAIL_SIGN_IN_UNREADABLE();
  }
};

/**
 * Ends a person's sign-in with the address that the browser ended at, the same way for a pasted one. Only who began it, in
 * the same browser, for the same account, within ten minutes, once: the state is used up before the code is redeemed, so a
 * second run finds it used. Whatever fails leaves the former sign-in in force.
 *
 * Throws `SIGN_IN_…`, `MAIL_…` of the token's proof, and Entra's refusals, those in the address included; rejects with the
 * signal's reason.
 */
export const completeSignIn = async (options: CompleteSignInOptions): Promise<SignedIn> => {
  const { account, actor, binding, services, signal } = options;
  const { db, secrets, clock } = services;
  const plan = planOf(options);
  const answer = readAnswer(options.answer);
  const claimant = { kind: 'code', handle: answer.state, account: account.id, actor, binding } as const;
  const row = await openSignIn(db, claimant, clock.now());
  if (answer.redirect !== row.redirect)
    throw signInErrors.SIGN_IN_ADDRESS_INVALID({ reason: 'the browser was sent to another address' });
  await useSignIn(db, row, clock.now());
  try {
    if ('refusal' in answer) throw refused(answer.refusal, options.application?.value.credential.type === 'none');
    const verifier = await verifierOf(options, row, plan.registration);
    const scopes = delegatedScopes(account.value, plan.resources[0], plan.registration.cloud);
    const grant = { code: answer.code, verifier, redirect: row.redirect };
    const reply = await requestByCode(plan.registration, services, grant, scopes, signal);
    if ('error' in reply) throw reply.error;
    return await acceptGrant(options, plan, reply, true);
  } finally {
    await secrets.remove(proofOf(row)).catch(() => undefined);
  }
};
