import type { SimRequest } from '../http.ts';
import { randomGuid } from '../random.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import { admit, type SignInChoice } from './admission.ts';
import { isPublicFor } from './client-proof.ts';
import { entraWords, type Refused } from './errors.ts';
import type { Grants } from './grants.ts';
import { type Place, placeOf } from './places.ts';
import { answerTo, isRegistered } from './redirects.ts';
import { type AskedScopes, isRefused, readScopes } from './scopes.ts';

/** What the browser gets: sent back, a page that says what is wrong, or the page to pick an account on. */
export type AuthorizeOutcome =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'problem'; readonly refused: Refused }
  | { readonly kind: 'choose'; readonly tenants: readonly SimulatorTenant[]; readonly hint: string | undefined };

/** Entra page: OAuth 2.0 authorization code flow: a code lives about ten minutes. */
const codeLifetime = 600_000;

/** RFC 7636 4.3. Stricter than Entra in one point: public clients have to, and S256 is the one method taken. */
const refusedChallenge = (query: URLSearchParams, app: SimulatorApp): Refused | undefined => {
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method');
  if (challenge === null) {
    if (method !== null) return { code: 50147, subject: 'a method came without a challenge' };
    return isPublicFor(app, 'code') ? { code: 9002325, subject: '' } : undefined;
  }
  if (method !== 'S256') return { code: 50147, subject: 'the method has to be S256' };
  return /^[A-Za-z0-9_-]{43}$/.test(challenge) ? undefined : { code: 50147, subject: 'its size is wrong' };
};

const prompts = new Set(['login', 'none', 'consent', 'select_account']);

/** The parameters that a browser is sent back for when they are wrong. */
const readAsked = (query: URLSearchParams, place: Place): AskedScopes | Refused => {
  const type = query.get('response_type');
  if (type !== 'code') return { code: 70005, subject: type ?? '' };
  const mode = query.get('response_mode');
  if (mode !== null && mode !== 'query') return { code: 70007, subject: mode };
  const prompt = query.get('prompt');
  if (prompt !== null && !prompts.has(prompt)) return { code: 900144, subject: 'prompt' };
  const challenge = refusedChallenge(query, place.app);
  if (challenge !== undefined) return challenge;
  const scope = query.get('scope');
  if (scope === null || scope.trim() === '') return { code: 900144, subject: 'scope' };
  const [tenant] = place.tenants;
  return tenant === undefined ? { code: 90002, subject: '' } : readScopes(tenant.cloud, scope);
};

/**
 * Who signs in. A browser that is signed in already is not asked (that is how a token comes to belong to the wrong
 * account), unless the page is demanded or the hint names another.
 */
const accountOf = (
  query: URLSearchParams,
  choice: SignInChoice,
): { readonly user?: string; readonly silent: boolean } => {
  const prompt = query.get('prompt');
  const hint = query.get('login_hint')?.toLowerCase();
  const { singleSignOn } = choice;
  const asks = prompt === 'login' || prompt === 'select_account';
  const fits = singleSignOn !== undefined && (hint === undefined || hint === singleSignOn.toLowerCase());
  if (!asks && fits) return { user: singleSignOn, silent: true };
  if (prompt === 'none') return { silent: true };
  const user = choice.user ?? hint;
  return user === undefined ? { silent: false } : { user, silent: false };
};

/** The authorization endpoint: what happens to a browser there, given what its user does; undefined: nothing yet. */
export const authorize = (
  world: World,
  grants: Grants,
  request: Pick<SimRequest, 'host'>,
  tenantName: string,
  query: URLSearchParams,
  choice: SignInChoice | undefined,
): AuthorizeOutcome => {
  const problem = (refused: Refused): AuthorizeOutcome => ({ kind: 'problem', refused });
  const clientId = query.get('client_id');
  if (clientId === null || clientId === '') return problem({ code: 900144, subject: 'client_id' });
  const place = placeOf(world, tenantName, request.host, clientId);
  if (isRefused(place)) return problem(place);
  const redirectUri = query.get('redirect_uri');
  if (redirectUri === null || redirectUri === '') return problem({ code: 900971, subject: '' });
  if (!isRegistered(place.app, redirectUri)) return problem({ code: 50011, subject: redirectUri });

  const state = query.get('state') ?? undefined;
  const back = (answer: Readonly<Record<string, string | undefined>>): AuthorizeOutcome => ({
    kind: 'redirect',
    location: answerTo(redirectUri, { ...answer, state }),
  });
  const backRefused = (refused: Refused, code: number = refused.code): AuthorizeOutcome => {
    const words = entraWords(world, code, refused.subject, { host: request.host, error: refused.error });
    const { error, error_description, error_uri } = words;
    return back({ error, ...(code === 65004 ? { error_subcode: 'cancel' } : {}), error_description, error_uri });
  };

  const site = { endpoint: 'authorize', tenantId: place.tenant?.tenantId } as const;
  // Only where it names this endpoint: a refusal meant for the token endpoint must not strike here first.
  if (world.faults.inForce('entra-refusal', site)?.endpoint !== undefined) {
    const fault = world.faults.strike('entra-refusal', site);
    if (fault !== undefined) return backRefused({ code: 53003, subject: tenantName }, fault.number);
  }
  const asked = readAsked(query, place);
  if (isRefused(asked)) return backRefused(asked);

  const interactive = query.get('prompt') !== 'none';
  if (choice === undefined && interactive) {
    return { kind: 'choose', tenants: place.tenants, hint: query.get('login_hint') ?? undefined };
  }
  if (choice?.deny === true) return backRefused({ code: 65004, subject: '' });
  const { user } = accountOf(query, choice ?? {});
  if (user === undefined) {
    if (!interactive) return backRefused({ code: 50058, subject: '' });
    return { kind: 'choose', tenants: place.tenants, hint: undefined };
  }
  const nonce = query.get('nonce') ?? undefined;
  const wanted = { tenant: place.tenant, clientId, user, asked, flow: 'code', nonce, interactive } as const;
  const admitted = admit(world, wanted, choice ?? {});
  if (isRefused(admitted)) {
    // Consent sends the browser back; account and policy leave it on Entra's page.
    return admitted.code === 90094 || !interactive ? backRefused(admitted) : problem(admitted);
  }
  const grant = grants.create(admitted);
  const code = grants.opaque('1.AX', 700);
  grants.codes.set(code, {
    grant,
    asked,
    redirectUri,
    challenge: query.get('code_challenge') ?? undefined,
    expiresAt: serviceNow(world) + codeLifetime,
    redeemed: false,
  });
  return back({ code, session_state: randomGuid(world.random) });
};
