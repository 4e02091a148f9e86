import type { Refusal } from '@itsm-m365/graph-auth';
import { type SignInRow, signIns } from '../tables.ts';
import { tokenErrors } from '../tokens/errors.ts';
import { explained } from '../tokens/explained.ts';
import { delegatedScopes } from '../tokens/resources.ts';
import { acceptGrant } from './accept-grant.ts';
import { requestByDeviceCode, requestDeviceCode } from './device-requests.ts';
import { signInErrors } from './errors.ts';
import { fingerprint, unguessable } from './fingerprint.ts';
import { planOf, type SignedIn, type SignInContext } from './sign-in-context.ts';
import { addSignIn, openSignIn, proofBinding, proofOf, sweepSignIns, useSignIn } from './sign-in-rows.ts';

export interface BegunDeviceSignIn {
  /** Names this sign-in in {@link pollDeviceSignIn}. */
  readonly handle: string;
  /** Kept by this browser alone and demanded at each poll. */
  readonly binding: string;
  /** Typed by the person at the address. */
  readonly userCode: string;
  readonly verificationAddress: string;
  readonly expiresAt: number;
}

/**
 * Begins a sign-in with a device code (RFC 8628), where the application allows it: Microsoft recommends blocking the flow.
 * Its refusal by a policy is Entra's error with its row. Throws `DEVICE_CODE_OFF`, `DEVICE_ANSWER_UNREADABLE` and what
 * `planOf` throws.
 */
export const beginDeviceSignIn = async (
  options: SignInContext & { readonly signal: AbortSignal },
): Promise<BegunDeviceSignIn> => {
  const { account, actor, services, bytes, signal } = options;
  const { registration, resources } = planOf(options);
  if (options.application?.value.deviceCode !== true) throw signInErrors.DEVICE_CODE_OFF();
  await sweepSignIns(services, services.clock.now());
  const scopes = delegatedScopes(account.value, resources[0], registration.cloud);
  const code = await requestDeviceCode(registration, services, scopes, signal);
  const now = services.clock.now();
  const [handle, binding] = [unguessable(bytes), unguessable(bytes)];
  const id = fingerprint(handle);
  await addSignIn(services, {
    id,
    account: account.id,
    kind: 'device',
    actor,
    binding: fingerprint(binding),
    redirect: intervalText(code.intervalMs),
    proof: await services.secrets.store(code.deviceCode, proofBinding(account.id, id, registration)),
    created_at: now,
    expires_at: now + code.lifetimeMs,
    used_at: null,
  });
  const { userCode, verificationAddress, lifetimeMs } = code;
  return { handle, binding, userCode, verificationAddress, expiresAt: now + lifetimeMs };
};

/** A device sign-in has no redirect; the interval that Entra asks for is kept there, so that every poller honours it. */
const intervalText = (milliseconds: number): string => `interval:${milliseconds}`;
const intervalOf = ({ redirect }: SignInRow): number => Number(redirect.slice('interval:'.length));

export interface PollDeviceSignInOptions extends SignInContext {
  readonly handle: string;
  readonly binding: string;
  readonly signal: AbortSignal;
  /** Longest time this call waits for the person, milliseconds, but at least for one poll. Default: until the code ends. */
  readonly waitMs?: number;
}

export type DevicePoll = { readonly state: 'pending' } | { readonly state: 'signed-in'; readonly signedIn: SignedIn };

/** RFC 8628, 3.5: five seconds more, for this and all later polls. */
const slowDownMs = 5000;

const waits = ({ error, retry }: Refusal): 'pending' | 'slower' | 'later' | undefined => {
  if (error.details.entraError === 'authorization_pending') return 'pending';
  if (error.details.entraError === 'slow_down') return 'slower';
  return retry ? 'later' : undefined;
};

/**
 * Waits for the person to finish a device sign-in, and stores it. Polls never sooner than Entra asks, the first time too;
 * an outage is waited for like a person. Ends with the code's end, after `waitMs` as `pending`, or with the signal's reason;
 * call it again for as long as it is pending. Two calls at once store one sign-in. Throws as `completeSignIn` does.
 */
export const pollDeviceSignIn = async (options: PollDeviceSignInOptions): Promise<DevicePoll> => {
  const { account, actor, binding, handle, services, signal } = options;
  const { db, secrets, clock } = services;
  const plan = planOf(options);
  const claimant = { kind: 'device', handle, account: account.id, actor, binding } as const;
  const begun = clock.monotonic();
  let [asked, polled] = [0, false];
  for (;;) {
    const row = await openSignIn(db, claimant, clock.now());
    const pause = Math.max(intervalOf(row), asked);
    const late = clock.monotonic() - begun + pause > (options.waitMs ?? Number.POSITIVE_INFINITY);
    if (late && polled) return { state: 'pending' };
    await clock.sleep(Math.min(pause, Math.max(0, row.expires_at - clock.now())), signal);
    await openSignIn(db, claimant, clock.now());
    const deviceCode = await secrets
      .reveal(proofOf(row), proofBinding(account.id, row.id, plan.registration))
      .catch(() => Promise.reject(tokenErrors.MAIL_SIGN_IN_UNREADABLE()));
    polled = true;
    const answer = await requestByDeviceCode(plan.registration, services, deviceCode, signal);
    if (!('error' in answer)) {
      await useSignIn(db, row, clock.now());
      await secrets.remove(proofOf(row)).catch(() => undefined);
      return { state: 'signed-in', signedIn: await acceptGrant(options, plan, answer, false) };
    }
    const wait = waits(answer);
    // Not used up by it: where another poll has just got the token, Entra refuses this one, and that one is to store it.
    if (wait === undefined) throw explained(answer.error, { isPublic: true });
    asked = answer.askedMs ?? 0;
    if (wait === 'slower') {
      const redirect = intervalText(intervalOf(row) + slowDownMs);
      await db.write((trx) => trx.update(signIns, { redirect }, (query) => query.where({ id: row.id })));
    }
  }
};
