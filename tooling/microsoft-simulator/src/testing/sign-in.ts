import { createHash } from 'node:crypto';
import type { SimReply } from '../http.ts';
import {
  type AppOptions,
  createSimulator,
  type SignInChoice,
  type Simulator,
  type SimulatorOptions,
} from '../index.ts';
import { json } from './client.ts';

export const start = Date.UTC(2026, 10, 21, 8);
export const mailScopes = [
  'https://outlook.office.com/IMAP.AccessAsUser.All',
  'https://outlook.office.com/SMTP.Send',
] as const;
export const scope = [...mailScopes, 'offline_access'].join(' ');
export const loopback = 'http://localhost:49152';
export const verifier = 'v'.repeat(43);
export const challenge = createHash('sha256').update(verifier).digest('base64url');

/** A desktop app with consent for mail and Graph, and two users. */
export const mailSimulator = (app: AppOptions = {}, options: SimulatorOptions = {}): Simulator => {
  const simulator = createSimulator({
    clock: { now: () => start },
    tenants: [
      {
        users: 10,
        domain: 'contoso.example',
        apps: [
          {
            platform: 'public',
            redirectUris: ['http://localhost', 'https://login.microsoftonline.com/common/oauth2/nativeclient'],
            delegatedScopes: [...mailScopes, 'Mail.ReadWrite'],
            ...app,
          },
        ],
      },
    ],
    ...options,
  });
  simulator.tenant.addUser({ userPrincipalName: 'desk@contoso.example', displayName: 'Service desk' });
  simulator.tenant.addUser({ userPrincipalName: 'ann@contoso.example', displayName: 'Ann' });
  return simulator;
};

export const authorizeUrl = (
  simulator: Simulator,
  parameters: Readonly<Record<string, string | undefined>> = {},
  name = simulator.tenant.tenantId,
): string => {
  const url = new URL(`https://${simulator.tenant.cloud.loginHost}/${name}/oauth2/v2.0/authorize`);
  const all = {
    client_id: simulator.tenant.clientId,
    response_type: 'code',
    redirect_uri: loopback,
    scope,
    state: 'the state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [key, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(key, value);
  return url.href;
};

/** What the browser brings back to the redirect URI. */
export const signIn = (
  simulator: Simulator,
  choice: SignInChoice = { user: 'desk@contoso.example' },
  parameters: Readonly<Record<string, string | undefined>> = {},
): URLSearchParams => new URL(simulator.signIn({ url: authorizeUrl(simulator, parameters), ...choice })).searchParams;

export interface Posted {
  readonly reply: SimReply;
  readonly body: Readonly<Record<string, unknown>>;
  /** The AADSTS number; undefined where a token was issued. */
  readonly code: number | undefined;
}

export const post = (
  simulator: Simulator,
  form: Readonly<Record<string, string>>,
  where: { readonly path?: string; readonly name?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Posted => {
  const { tenant } = simulator;
  const reply = simulator.handle({
    method: 'POST',
    host: tenant.cloud.loginHost,
    target: `/${where.name ?? tenant.tenantId}/oauth2/v2.0/${where.path ?? 'token'}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...where.headers },
    body: new URLSearchParams({ client_id: tenant.clientId, ...form }).toString(),
  });
  const body = json(reply);
  return { reply, body, code: (body.error_codes as readonly number[] | undefined)?.[0] };
};

export const redeem = (
  simulator: Simulator,
  code: string | null,
  form: Readonly<Record<string, string>> = {},
): Posted =>
  post(simulator, {
    grant_type: 'authorization_code',
    code: code ?? '',
    redirect_uri: loopback,
    code_verifier: verifier,
    ...form,
  });

export const refresh = (simulator: Simulator, token: unknown, form: Readonly<Record<string, string>> = {}): Posted =>
  post(simulator, { grant_type: 'refresh_token', refresh_token: String(token), ...form });

/** The tokens of a fresh sign-in. */
export const signedIn = (simulator: Simulator, choice?: SignInChoice): Readonly<Record<string, unknown>> =>
  redeem(simulator, signIn(simulator, choice).get('code')).body;
