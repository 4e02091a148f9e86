import { type Actor, type Asking, defineRoute, type RouteRequest, type Services } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';
import { applicationOf } from '../applications.ts';
import { landingPath } from '../landing.ts';
import { mailPermissions } from '../permissions.ts';
import { accountOfAnswer, beginSignIn, completeSignIn } from '../sign-in/browser-sign-in.ts';
import { beginDeviceSignIn, pollDeviceSignIn } from '../sign-in/device-sign-in.ts';
import { signInErrors } from '../sign-in/errors.ts';
import type { SignInContext } from '../sign-in/sign-in-context.ts';
import { accountParams, permittedAccount } from './one-account.ts';

const { editAccounts } = mailPermissions;

/** Longest time that one poll waits for the person; the browser asks again. */
const pollMs = 20_000;

/** Where a sign-in comes back to, as the host is configured; undefined where it says no address. */
export const redirectOf = ({ publicUrl }: Pick<Services, 'publicUrl'>): string | undefined =>
  publicUrl === undefined ? undefined : `${publicUrl}/mail-oauth${landingPath}`;

/** Who signs in, for which account. */
const contextOf = async (
  request: Asking & { readonly actor: Actor },
  services: Services,
  id: string,
): Promise<SignInContext> => {
  const account = await permittedAccount(request, services, editAccounts, id);
  return { account, application: await applicationOf(services, account), actor: request.actor.id, services };
};

/** What the browser keeps names the account, so that the page which a sign-in ends at can ask for this account's right. */
const keptOf = (account: string, binding: string): string => `${account}.${binding}`;
const bindingOf = (kept: string): string => kept.slice(kept.lastIndexOf('.') + 1);

const SignedInShape = Type.Object({ user: Type.String(), signedInAt: Type.Integer(), signedInBy: Type.String() });
const binding = Type.String({ minLength: 1, maxLength: 200 });

export const beginRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/sign-in',
  summary: 'Begins a sign-in in the browser, by the configured address or by pasting',
  permission: editAccounts,
  params: accountParams,
  body: Type.Object(
    { way: Type.Union([Type.Literal('browser'), Type.Literal('paste')]) },
    { additionalProperties: false },
  ),
  response: Type.Object({
    address: Type.String(),
    binding: Type.String(),
    user: Type.String(),
    redirect: Type.String(),
    expiresAt: Type.Integer(),
  }),
  async handle(request, services) {
    const context = await contextOf(request, services, request.params.account);
    const redirect = (request.body.way === 'browser' ? redirectOf(services) : undefined) ?? 'paste';
    const begun = await beginSignIn({ ...context, redirect });
    const details = { redirect: begun.redirect };
    await request.audit({ action: 'mail-sign-in-begun', object: context.account.id, details });
    return { ...begun, binding: keptOf(context.account.id, begun.binding) };
  },
});

const Answer = Type.Object(
  { address: Type.String({ minLength: 1, maxLength: 20_000 }), binding },
  { additionalProperties: false },
);

const complete = async (
  request: Omit<RouteRequest<unknown, unknown, Static<typeof Answer>>, 'params' | 'query'>,
  services: Services,
  id: string,
) => {
  const { body, signal } = request;
  const context = await contextOf(request, services, id);
  const signedIn = await completeSignIn({ ...context, answer: body.address, binding: bindingOf(body.binding), signal });
  await request.audit({ action: 'mail-signed-in', object: id, details: { user: signedIn.user } });
  return signedIn;
};

export const completeRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/sign-in/complete',
  summary: 'Ends a sign-in for an account with the address that the browser came back to',
  permission: editAccounts,
  params: accountParams,
  body: Answer,
  response: SignedInShape,
  handle: (request, services) => complete(request, services, request.params.account),
});

/** For who may edit all accounts: without an account in its path no right for a single one can be asked for. */
export const completeAnyRoute = defineRoute({
  method: 'POST',
  path: '/sign-ins/complete',
  summary: 'Ends a sign-in, for whichever account it was begun, with the address that the browser came back to',
  permission: editAccounts,
  body: Answer,
  response: SignedInShape,
  async handle(request, services) {
    // Whose sign-in this is stands in its row, and what may be done with it is asked for that account.
    const owner = await accountOfAnswer(services.db, request.body.address);
    if (owner === undefined) {
      await request.require(editAccounts);
      throw signInErrors.SIGN_IN_UNKNOWN();
    }
    return complete(request, services, owner);
  },
});

export const beginDeviceRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/device-sign-in',
  summary: 'Begins a sign-in with a device code, where the application allows it',
  permission: editAccounts,
  params: accountParams,
  response: Type.Object({
    handle: Type.String(),
    binding: Type.String(),
    userCode: Type.String(),
    verificationAddress: Type.String(),
    expiresAt: Type.Integer(),
  }),
  async handle(request, services) {
    const context = await contextOf(request, services, request.params.account);
    const begun = await beginDeviceSignIn({ ...context, signal: request.signal });
    const details = { way: 'device code' };
    await request.audit({ action: 'mail-sign-in-begun', object: context.account.id, details });
    return begun;
  },
});

export const pollDeviceRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/device-sign-in/wait',
  summary: 'Waits up to 20 seconds for the person who was given a device code',
  permission: editAccounts,
  params: accountParams,
  body: Type.Object(
    { handle: Type.String({ minLength: 1, maxLength: 200 }), binding },
    { additionalProperties: false },
  ),
  response: Type.Object({ state: Type.String(), signedIn: Type.Union([SignedInShape, Type.Null()]) }),
  async handle(request, services) {
    const context = await contextOf(request, services, request.params.account);
    const polled = await pollDeviceSignIn({ ...context, ...request.body, signal: request.signal, waitMs: pollMs });
    if (polled.state === 'pending') return { state: 'pending', signedIn: null };
    const details = { user: polled.signedIn.user };
    await request.audit({ action: 'mail-signed-in', object: context.account.id, details });
    return polled;
  },
});
