import { defineRoute, type Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { landingPath } from '../landing.ts';
import { mailPermissions } from '../permissions.ts';
import { accountOfAnswer, beginSignIn, completeSignIn } from '../sign-in/browser-sign-in.ts';
import { beginDeviceSignIn, pollDeviceSignIn } from '../sign-in/device-sign-in.ts';
import { signInErrors } from '../sign-in/errors.ts';
import { accountParams, applicationOf, findAccount, permit } from './one-account.ts';

const { editAccounts } = mailPermissions;

/** Longest time that one poll waits for the person; the browser asks again. */
const pollMs = 20_000;

/** Where a sign-in comes back to, as the host is configured; undefined where it says no address. */
export const redirectOf = ({ publicUrl }: Pick<Services, 'publicUrl'>): string | undefined =>
  publicUrl === undefined ? undefined : `${publicUrl}/mail-oauth${landingPath}`;

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
    const { params, actor, body } = request;
    await permit(request, editAccounts, params.account);
    const account = await findAccount(services, params.account);
    const application = await applicationOf(services, account);
    const redirect = (body.way === 'browser' ? redirectOf(services) : undefined) ?? 'paste';
    const begun = await beginSignIn({ account, application, actor: actor.id, services, redirect });
    await request.audit({ action: 'mail-sign-in-begun', object: account.id, details: { redirect: begun.redirect } });
    return begun;
  },
});

export const completeRoute = defineRoute({
  method: 'POST',
  path: '/sign-ins/complete',
  summary: 'Ends a sign-in with the address that the browser came back to',
  permission: editAccounts,
  body: Type.Object(
    { address: Type.String({ minLength: 1, maxLength: 20_000 }), binding },
    { additionalProperties: false },
  ),
  response: SignedInShape,
  async handle(request, services) {
    const { actor, body, signal } = request;
    // Whose sign-in this is stands in its row, and what may be done with it is asked for that account.
    const owner = await accountOfAnswer(services.db, body.address);
    if (owner === undefined) {
      await request.require(editAccounts);
      throw signInErrors.SIGN_IN_UNKNOWN();
    }
    await permit(request, editAccounts, owner);
    const account = await findAccount(services, owner);
    const application = await applicationOf(services, account);
    const signedIn = await completeSignIn({
      account,
      application,
      actor: actor.id,
      services,
      answer: body.address,
      binding: body.binding,
      signal,
    });
    await request.audit({ action: 'mail-signed-in', object: account.id, details: { user: signedIn.user } });
    return signedIn;
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
    const { params, actor, signal } = request;
    await permit(request, editAccounts, params.account);
    const account = await findAccount(services, params.account);
    const application = await applicationOf(services, account);
    const begun = await beginDeviceSignIn({ account, application, actor: actor.id, services, signal });
    await request.audit({ action: 'mail-sign-in-begun', object: account.id, details: { way: 'device code' } });
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
    const { params, actor, body, signal } = request;
    await permit(request, editAccounts, params.account);
    const account = await findAccount(services, params.account);
    const application = await applicationOf(services, account);
    const common = { account, application, actor: actor.id, services, signal };
    const polled = await pollDeviceSignIn({ ...common, ...body, waitMs: pollMs });
    if (polled.state === 'pending') return { state: 'pending', signedIn: null };
    await request.audit({ action: 'mail-signed-in', object: account.id, details: { user: polled.signedIn.user } });
    return polled;
  },
});
