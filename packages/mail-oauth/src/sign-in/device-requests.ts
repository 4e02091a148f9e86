import {
  clouds,
  EndpointFault,
  postEntra,
  redactorOf,
  requestGrant,
  shownText,
  type TokenAnswer,
} from '@itsm-m365/graph-auth';
import { explained } from '../tokens/explained.ts';
import type { Registration } from '../tokens/registration.ts';
import { type RequestServices, requestTimeoutMs } from '../tokens/requests.ts';
import { signInErrors } from './errors.ts';

/*
 * Not by msal-node's own device code call: it asks for the code and polls in one promise, on the machine's timers, so that
 * neither our clock nor another node nor a restart could carry on (7.2.1). The polls still pass its network interface.
 */

/** Longest time a code is used for, whatever Entra allows. */
const longestMs = 15 * 60_000;
const form = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } as const;

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationAddress: string;
  readonly lifetimeMs: number;
  readonly intervalMs: number;
}

const wordOf = (value: unknown, longest: number): string =>
  typeof value === 'string' && value.length <= longest ? shownText(value, longest).trim() : '';

const secondsOf = (value: unknown, otherwise: number): number => {
  const seconds = Number(typeof value === 'string' || typeof value === 'number' ? value : otherwise);
  return seconds > 0 ? seconds : otherwise;
};

/** Asks for a device code (RFC 8628, 3.1 and 3.2). Throws Entra's refusals and `DEVICE_ANSWER_UNREADABLE`. */
export const requestDeviceCode = async (
  { cloud, authority, clientId }: Registration,
  { http, clock, random }: RequestServices,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<DeviceCode> => {
  const { loginHost } = clouds[cloud];
  const body = new URLSearchParams({
    client_id: clientId,
    scope: [...scopes, 'openid', 'profile', 'offline_access'].join(' '),
  });
  const request = {
    cloud: clouds[cloud],
    http,
    now: clock.now(),
    correlationId: random.uuid(),
    timeoutMs: requestTimeoutMs,
    signal,
  };
  const address = `https://${loginHost}/${authority}/oauth2/v2.0/devicecode`;
  try {
    const { fields } = await postEntra(
      request,
      address,
      { headers: form, body: body.toString() },
      redactorOf(undefined),
    );
    const deviceCode = wordOf(fields.device_code, 10_000);
    const userCode = wordOf(fields.user_code, 100);
    const verificationAddress = wordOf(fields.verification_uri, 500);
    if (deviceCode === '' || userCode === '' || !/^https:\/\/[^\s@]+$/.test(verificationAddress))
      throw signInErrors.DEVICE_ANSWER_UNREADABLE();
    return {
      deviceCode,
      userCode,
      verificationAddress,
      lifetimeMs: Math.min(secondsOf(fields.expires_in, 900) * 1000, longestMs),
      intervalMs: Math.min(secondsOf(fields.interval, 5), 60) * 1000,
    };
  } catch (error) {
    if (!(error instanceof EndpointFault) || error.refusal === undefined) throw error;
    throw explained(error.refusal.error, { isPublic: true });
  }
};

/** One poll (RFC 8628, 3.4); always as a public client, since Entra gives device codes to no other. */
export const requestByDeviceCode = (
  { cloud, authority, clientId }: Registration,
  { http, clock, random }: RequestServices,
  deviceCode: string,
  signal: AbortSignal,
): Promise<TokenAnswer> => {
  const body = new URLSearchParams({
    client_id: clientId,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
  }).toString();
  return requestGrant(
    {
      cloud: clouds[cloud],
      tenantId: authority,
      clientId,
      credential: undefined,
      http,
      now: clock.now(),
      correlationId: random.uuid(),
      timeoutMs: requestTimeoutMs,
      signal,
      sent: [deviceCode],
    },
    async ({ system }) =>
      system?.networkClient?.sendPostRequestAsync(`https://${clouds[cloud].loginHost}/${authority}/oauth2/v2.0/token`, {
        headers: form,
        body,
      }),
  );
};
