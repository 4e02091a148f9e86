import { createHash, type X509Certificate } from 'node:crypto';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { EntraCode } from './errors.ts';
import { type Jwt, keyOf, readJwt, signatureHolds } from './jwt.ts';

/** Why an assertion was refused, or undefined when it was accepted. */
export type Refusal = { readonly code: EntraCode; readonly subject: string } | undefined;

export interface AssertionContext {
  readonly app: SimulatorApp;
  /** Every spelling of the token endpoint the audience may have. */
  readonly audiences: readonly string[];
  readonly now: number;
  /** Tells whether a jti was seen before, and remembers it; undefined: replays are not looked for. */
  readonly replayed: ((jti: string) => boolean) | undefined;
  /** The number an assertion outside its validity is refused with; asked only then. */
  readonly timesCode: () => 700024 | 500133;
}

// Entra allows clocks to differ by five minutes (Entra page: Certificate credentials, nbf and exp).
const skew = 300;

const refuse = (code: EntraCode, subject: string): Refusal => ({ code, subject });

const thumbprint = (certificate: X509Certificate, algorithm: 'sha1' | 'sha256'): string =>
  createHash(algorithm).update(certificate.raw).digest('base64url');

/**
 * 700024 is the number captured for client assertions, of certificates (msal-dotnet #4951, msal-java #984) and federated
 * (Azure/login #180); 500133 and, before 2018, 50012 were captured for other assertions and are a fault's choice here.
 */
const checkTimes = (jwt: Jwt, { now, timesCode }: AssertionContext): Refusal => {
  const { exp, nbf } = jwt.claims;
  const seconds = now / 1000;
  if (typeof exp !== 'number') return refuse(50027, "the claim 'exp' is missing");
  if (nbf !== undefined && typeof nbf !== 'number') return refuse(50027, "the claim 'nbf' is not a number");
  if (exp + skew < seconds || (nbf !== undefined && nbf - skew > seconds)) {
    const range = `Current time: ${new Date(now).toISOString()}, valid from ${nbf ?? 'ever'} to ${exp}.`;
    return refuse(timesCode(), range);
  }
  return undefined;
};

const checkCertificateAssertion = (jwt: Jwt, context: AssertionContext): Refusal => {
  const { app, now } = context;
  const { header, claims } = jwt;
  const named = header['x5t#S256'] ?? header.x5t;
  const certificate = app.certificates.find(
    (entry) => thumbprint(entry, header['x5t#S256'] === undefined ? 'sha1' : 'sha256') === named,
  );
  if (certificate === undefined)
    return refuse(700027, `no certificate with thumbprint '${String(named)}' is registered`);
  if (header.alg !== 'PS256' && header.alg !== 'RS256') return refuse(700027, `algorithm '${String(header.alg)}'`);
  if (!signatureHolds(jwt, certificate.publicKey)) return refuse(700027, 'the key does not fit the signature');
  if (Date.parse(certificate.validTo) < now || Date.parse(certificate.validFrom) > now) return refuse(1000502, '');
  const times = checkTimes(jwt, context);
  if (times !== undefined) return times;
  if (!context.audiences.includes(String(claims.aud))) return refuse(700023, String(claims.aud));
  for (const name of [claims.iss, claims.sub]) {
    if (String(name).toLowerCase() !== app.clientId) return refuse(700021, String(name));
  }
  if (typeof claims.jti !== 'string' || claims.jti === '') return refuse(50027, "the claim 'jti' is missing");
  return context.replayed?.(claims.jti) ? refuse(50012, claims.jti) : undefined;
};

const checkFederatedAssertion = (jwt: Jwt, context: AssertionContext): Refusal => {
  const { claims, header } = jwt;
  const issuer = String(claims.iss);
  const subject = String(claims.sub);
  const audiences = (Array.isArray(claims.aud) ? claims.aud : [claims.aud]).map(String);
  const ofIssuer = context.app.federatedCredentials.filter((entry) => entry.issuer === issuer);
  if (ofIssuer.length === 0) return refuse(700211, issuer);
  const ofSubject = ofIssuer.filter((entry) => entry.subject === subject);
  if (ofSubject.length === 0) {
    // Subjects are compared with case since 2025; a difference in case alone has its own number (Azure/login #517).
    const nearly = ofIssuer.some((entry) => entry.subject.toLowerCase() === subject.toLowerCase());
    return refuse(nearly ? 7002138 : 700213, subject);
  }
  const credential = ofSubject.find((entry) => audiences.includes(entry.audience ?? 'api://AzureADTokenExchange'));
  if (credential === undefined) return refuse(700212, audiences.join(' '));
  const candidates = credential.jwks.keys.filter((key) => header.kid === undefined || key.kid === header.kid);
  if (!candidates.some((key) => signatureHolds(jwt, keyOf(key)))) return refuse(50013, issuer);
  return checkTimes(jwt, context);
};

/**
 * Judges a client assertion (RFC 7523) as Entra does: signed by a registered certificate, or issued by a registered
 * federated issuer. A token that names a certificate, or the app itself as issuer, is of the first kind.
 */
export const checkAssertion = (text: string, context: AssertionContext): Refusal => {
  const jwt = readJwt(text);
  if (jwt === undefined) return refuse(50027, 'it is not a compact JWS');
  const certified =
    jwt.header.x5t !== undefined ||
    jwt.header['x5t#S256'] !== undefined ||
    String(jwt.claims.iss).toLowerCase() === context.app.clientId;
  return certified ? checkCertificateAssertion(jwt, context) : checkFederatedAssertion(jwt, context);
};
