import { parseTarget, type SimReply, type SimRequest, type Target } from '../http.ts';
import { serviceNow, type World } from '../world.ts';
import { admit, type SignInChoice } from './admission.ts';
import { authorize } from './authorize.ts';
import { entraWords, type Refused } from './errors.ts';
import type { Grants } from './grants.ts';
import { accountPage, devicePage, problemPage } from './pages.ts';
import { isRefused } from './scopes.ts';

/** The browser stays on Entra's page: what it says, and the AADSTS number (0: it waits for an account to be picked). */
export class SignInStopped extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'SignInStopped';
    this.code = code;
  }
}

export interface SignInRequest extends SignInChoice {
  /** The authorization request, as the browser is sent to it. */
  readonly url: string | URL;
}

export interface DeviceSignIn extends Omit<SignInChoice, 'singleSignOn'> {
  /** As the user types it from the product's screen. */
  readonly userCode: string;
  readonly user: string;
}

/** What people do in a browser: by method for tests, by page for the curious. */
export interface SignInDesk {
  signIn(request: SignInRequest): string;
  enterDeviceCode(entry: DeviceSignIn): void;
  authorizePage(request: SimRequest, tenantName: string): SimReply;
  devicePage(target: Target): SimReply;
}

const authorizePath = /^\/([^/]+)\/oauth2\/v2\.0\/authorize$/i;

/** The tenant's name in the path of an authorization request; undefined for any other path. */
export const authorizeTenant = (path: string): string | undefined => authorizePath.exec(path)?.[1];

/** Parameters by which the page tells what was picked; never a client's. */
const takeChoice = (query: URLSearchParams): SignInChoice | undefined => {
  const user = query.get('simulator_user') ?? undefined;
  const deny = query.get('simulator_deny') === '1';
  query.delete('simulator_user');
  query.delete('simulator_deny');
  return user === undefined && !deny ? undefined : { ...(user === undefined ? {} : { user }), deny };
};

const queryOf = (target: string): URLSearchParams => {
  const mark = target.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
};

export const createSignInDesk = (world: World, grants: Grants): SignInDesk => {
  const stopped = (refused: Refused, host: string): SignInStopped =>
    new SignInStopped(refused.code, entraWords(world, refused.code, refused.subject, { host }).error_description);

  const enterDeviceCode = ({ userCode, user, ...choice }: DeviceSignIn): void => {
    const host = 'login.microsoftonline.com';
    const typed = userCode.replaceAll(/[\s-]/g, '').toUpperCase();
    const record = [...grants.devices.values()].find((entry) => entry.userCode === typed);
    if (record === undefined) throw stopped({ code: 70018, subject: '' }, host);
    if (record.state !== 'pending') throw stopped({ code: 90120, subject: '' }, host);
    if (serviceNow(world) > record.expiresAt) throw stopped({ code: 70019, subject: '' }, host);
    if (choice.deny === true) {
      record.state = 'declined';
      return;
    }
    const { tenant, clientId, asked } = record;
    const wanted = { tenant, clientId, user, asked, flow: 'device-code', interactive: true } as const;
    const admitted = admit(world, wanted, choice);
    if (isRefused(admitted)) throw stopped(admitted, host);
    record.grant = grants.create(admitted);
    record.state = 'approved';
  };

  return {
    enterDeviceCode,
    signIn: ({ url, ...choice }) => {
      const { hostname, pathname, searchParams } = new URL(url);
      const tenantName = authorizeTenant(parseTarget(pathname)?.path ?? '');
      if (tenantName === undefined) throw new Error(`${pathname} is no authorization endpoint.`);
      const outcome = authorize(world, grants, { host: hostname }, tenantName, searchParams, choice);
      if (outcome.kind === 'redirect') return outcome.location;
      if (outcome.kind === 'problem') throw stopped(outcome.refused, hostname);
      throw new SignInStopped(0, 'The page waits for an account to be picked.');
    },
    authorizePage: (request, tenantName) => {
      const query = queryOf(request.target);
      const choice = takeChoice(query);
      const outcome = authorize(world, grants, request, tenantName, query, choice);
      if (outcome.kind === 'redirect') return { status: 302, headers: { location: outcome.location }, body: '' };
      if (outcome.kind === 'problem') return problemPage(world, outcome.refused, request.host);
      return accountPage(request.target, outcome.tenants, outcome.hint);
    },
    devicePage: ({ query }) => {
      const userCode = query.get('user_code');
      const user = query.get('user');
      if (userCode === undefined || user === undefined) return devicePage('Enter the code shown by the device.');
      try {
        enterDeviceCode({ userCode, user });
        return devicePage('Approved. The device continues by itself.');
      } catch (problem) {
        return devicePage(problem instanceof Error ? problem.message : String(problem));
      }
    },
  };
};
