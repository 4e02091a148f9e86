import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import { readJwt } from './jwt.ts';
import { exchangeAppAudience, resourceOf } from './resources.ts';
import { verifyToken } from './signing.ts';

export type MailTokenProblem = 'malformed' | 'signature' | 'expired' | 'audience' | 'revoked';

export type MailToken =
  | {
      readonly ok: true;
      /** `https://outlook.office.com`, `https://outlook.office365.com`, or Graph's; the caller knows which it takes. */
      readonly audience: string;
      readonly appId: string;
      /** Absent in an app-only token. */
      readonly user?: { readonly id: string; readonly upn: string };
      /** Delegated permissions by bare name (`IMAP.AccessAsUser.All`); empty in an app-only token. */
      readonly scopes: readonly string[];
      /** Application permissions (`IMAP.AccessAsApp`); empty in a delegated token. */
      readonly roles: readonly string[];
    }
  | { readonly ok: false; readonly reason: MailTokenProblem };

const refuse = (reason: MailTokenProblem): MailToken => ({ ok: false, reason });

/**
 * Judges an access token as a mail service does: signature, times by the simulator's clock, an audience of Exchange or
 * Graph in this tenant (else `audience`), and that app and user still may (else `revoked`). An app-only token must have
 * been asked for at `outlook.office365.com`. What its permissions and its user open is the caller's matter.
 */
export const readMailToken = (world: World, tenant: SimulatorTenant, token: string): MailToken => {
  if (readJwt(token) === undefined) return refuse('malformed');
  const claims = verifyToken(token);
  if (claims === undefined) return refuse('signature');
  const now = serviceNow(world) / 1000;
  if (typeof claims.exp !== 'number' || claims.exp <= now) return refuse('expired');
  const resource = resourceOf(tenant.cloud, String(claims.aud));
  if (claims.tid !== tenant.tenantId || resource === undefined) return refuse('audience');
  const app = tenant.apps.find((entry) => entry.clientId === claims.appid);
  if (app === undefined || app.disabled) return refuse('revoked');
  const audience = resource.audience;
  if (claims.idtyp === 'app') {
    if (resource.name === 'exchange' && audience !== exchangeAppAudience) return refuse('audience');
    const roles = Array.isArray(claims.roles) ? claims.roles.map(String) : [];
    return { ok: true, audience, appId: app.clientId, scopes: [], roles };
  }
  const user = tenant.identity.user(String(claims.oid));
  if (user === undefined || !user.accountEnabled) return refuse('revoked');
  const order = typeof claims.simulator_order === 'number' ? claims.simulator_order : 0;
  if (order < tenant.identity.record(user.id).accessTokensRevoked) return refuse('revoked');
  const scopes = String(claims.scp ?? '')
    .split(' ')
    .filter((name) => name !== '');
  return {
    ok: true,
    audience,
    appId: app.clientId,
    user: { id: user.id, upn: user.userPrincipalName },
    scopes,
    roles: [],
  };
};
