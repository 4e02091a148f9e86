/** One AADSTS number: its HTTP status and `error` (RFC 6749 5.2), its sentence, and its sub-error where one is known. */
export interface EntraProblem {
  readonly status: number;
  readonly error: string;
  readonly sentence: (subject: string) => string;
  readonly suberror?: string;
}

export const problem = (
  status: number,
  error: string,
  sentence: (subject: string) => string,
  suberror?: string,
): EntraProblem => ({ status, error, sentence, ...(suberror === undefined ? {} : { suberror }) });

const dead = (sentence: (subject: string) => string, suberror?: string): EntraProblem =>
  problem(400, 'invalid_grant', sentence, suberror);
const request = (sentence: (subject: string) => string): EntraProblem => problem(400, 'invalid_request', sentence);
const busy = (sentence: string, status = 503): EntraProblem =>
  problem(status, 'temporarily_unavailable', () => sentence);

/**
 * Numbers of sign-ins, grants of users and policies. Entra page: Authentication and authorization error codes. What the
 * page does not give is taken from captured answers: sub-error `bad_token` of refresh tokens that are at an end (MSAL.NET
 * #1505), `basic_action` of 50076, `consent_required` of 65001, `invalid_grant` of 53003 (BotBuilder-MicrosoftTeams #284),
 * 28000 for two resources in one scope (msal-js #1487). Others are refused as `invalid_grant` without a sub-error, a guess.
 */
export const signInProblems = {
  // Who asks: tenant, application, registration.
  700011: problem(400, 'unauthorized_client', (client) => `Application '${client}' is not installed in the directory.`),
  90112: request((client) => `The application identifier '${client}' is expected to be a GUID.`),
  900023: request((tenant) => `'${tenant}' is neither a valid DNS name nor a valid external domain.`),
  50194: request((client) => `Application '${client}' is not configured as multi-tenant; '/common' is not for it.`),
  90124: request(() => 'The resource is not supported over the /common or /consumers endpoints.'),
  90130: request(() => 'The application is not supported over the /common or /consumers endpoints.'),
  90038: request(() => 'The tenant belongs to a national cloud; ask the login host of that cloud.'),
  900432: request(() => 'Confidential clients are not supported in requests across clouds.'),
  700025: problem(
    401,
    'invalid_client',
    () => "The client is public: present no 'client_assertion' or 'client_secret'.",
  ),
  700030: problem(
    401,
    'invalid_client',
    () => 'The certificate is not valid: its subject names or its key are refused.',
  ),
  70021: problem(401, 'invalid_client', () => 'No matching federated identity record was found for the assertion.'),
  // What is asked for.
  28000: request((scope) => `The scope names more than one resource: '${scope}'.`),
  28002: request((scope) => `The scope '${scope}' is not valid when an access token is requested.`),
  28003: request(() => 'The scope is empty although an access token is requested for this code.'),
  700022: request((scope) => `The scope names more than one resource: '${scope}'.`),
  650053: request((scope) => `The application asked for the scope '${scope}', which its resource does not have.`),
  650052: request((resource) => `The organisation has no subscription to the service '${resource}'.`),
  650057: problem(
    400,
    'invalid_resource',
    (resource) => `The resource '${resource}' is not among the app's permissions.`,
  ),
  // The authorization request and the code it gives.
  50011: request((uri) => `The redirect URI '${uri}' does not match those configured for the application.`),
  900971: request(() => 'No reply address was provided.'),
  70005: problem(400, 'unsupported_response_type', (type) => `The response type '${type}' is not supported.`),
  70007: request((mode) => `The value '${mode}' of 'response_mode' is not supported.`),
  9002325: request(() => 'Proof Key for Code Exchange is required for this redemption of an authorization code.'),
  9002326: request(() => 'Cross-origin redemption is for the client type Single-Page Application only.'),
  9002327: request(
    () => 'Codes of the client type Single-Page Application are redeemed by cross-origin requests only.',
  ),
  50147: request((why) => `The code challenge is missing or not valid: ${why}.`),
  501481: dead(() => "The 'code_verifier' does not match the 'code_challenge' of the authorization request."),
  54005: dead(() => 'The authorization code was redeemed before; a new one is needed.'),
  70000: dead((why) => `The provided grant is invalid or malformed: ${why}.`, 'bad_token'),
  70008: dead((what) => `The ${what} has expired; a new sign-in is needed.`),
  700005: dead(() => 'The grant is meant for another tenant.'),
  50058: problem(400, 'login_required', () => 'A silent sign-in request was sent but no user is signed in.'),
  65004: problem(400, 'access_denied', () => 'The user declined to consent to the application.'),
  // Consent and assignment.
  65001: dead((name) => `Neither user nor administrator has consented to '${name}'.`, 'consent_required'),
  650056: problem(400, 'unauthorized_client', () => 'Misconfigured application: no consent by an administrator.'),
  90094: problem(400, 'access_denied', (name) => `'${name}' needs permissions only an administrator can grant.`),
  90095: problem(400, 'access_denied', (name) => `'${name}' needs the consent of an administrator, who was asked.`),
  50105: dead((name) => `The signed-in user is not assigned to a role for the application '${name}'.`),
  // The account.
  50020: dead((user) => `The account '${user}' of another directory does not exist in this tenant.`),
  50034: dead((user) => `The user account '${user}' does not exist in this directory.`),
  51004: dead((user) => `The user account '${user}' does not exist in this directory.`),
  90072: dead((user) => `The external account '${user}' does not exist in this tenant and cannot use the application.`),
  50053: dead(() => 'The account is locked: too many wrong sign-ins, or an address known as malicious.'),
  50055: dead(() => 'The password has expired.', 'user_password_expired'),
  50056: dead(() => 'The directory has no password for this user.'),
  50057: dead(() => 'The user account is disabled.'),
  50126: dead(() => 'Error validating credentials: wrong user name or password.'),
  50144: dead(() => "The user's Active Directory password has expired."),
  // Refresh tokens at an end.
  50089: dead(() => 'Authentication failed: the flow token has expired.'),
  50132: dead(() => 'The session is not valid: the password expired or was changed recently.'),
  50133: dead(() => 'The session is not valid: the password expired or was changed recently.', 'bad_token'),
  50173: dead(() => 'The provided grant has expired due to it being revoked; a new sign-in is needed.', 'bad_token'),
  70043: dead(() => 'The refresh token has expired or is not valid due to sign-in frequency checks.', 'bad_token'),
  700082: dead(() => 'The refresh token has expired due to inactivity: unused for 90 days.', 'bad_token'),
  700084: dead(() => 'The refresh token of a single-page app has expired: it lives 24 hours, unextended.', 'bad_token'),
  // Second factor and policies.
  50072: dead(() => 'The user has to enrol for multi-factor authentication.', 'basic_action'),
  50074: dead(() => 'Strong authentication is required and the user did not pass the challenge.', 'basic_action'),
  50076: dead((name) => `Multi-factor authentication has to be used to access '${name}'.`, 'basic_action'),
  50078: dead(() => 'The presented multi-factor authentication has expired by policy.', 'basic_action'),
  50079: dead(() => 'The user has to enrol for multi-factor authentication.', 'basic_action'),
  50158: dead(() => 'An external security challenge was not satisfied.', 'basic_action'),
  50097: dead(() => 'Device authentication is required.'),
  50131: dead(() => 'Access is blocked by Conditional Access: device state, location or risk.'),
  50199: problem(400, 'interaction_required', () => 'For security reasons the user has to confirm this request.'),
  53000: dead(() => 'The device is not compliant, as Conditional Access requires.'),
  53001: dead(() => 'The device is not joined to a domain, as Conditional Access requires.'),
  53003: dead(() => 'Access has been blocked by Conditional Access policies.'),
  530032: dead(() => "Access is blocked by a security policy on the tenant's devices or users."),
  530035: dead(() => 'Access has been blocked by security defaults.'),
  500021: dead((tenant) => `Access to the tenant '${tenant}' is denied by the tenant restrictions of the proxy.`),
  500022: dead((tenant) => `Access to the tenant '${tenant}' is denied by the tenant restrictions of the proxy.`),
  // Device code: the words of RFC 8628 3.5, declined and unrecognised codes by Entra's page of the flow.
  70016: problem(400, 'authorization_pending', () => 'Authorization is pending; continue to ask.'),
  70018: problem(400, 'bad_verification_code', () => 'The verification code is not valid; start anew.'),
  70019: problem(400, 'expired_token', () => 'The verification code has expired; start anew.'),
  // Captured for the same case (azure-cli #22251).
  70020: problem(400, 'expired_token', () => "The 'device_code' is not valid: it has expired."),
  90120: dead(() => 'The device flow request was already authorized or declined.'),
  // Too much, or for the moment.
  50196: request(() => 'The client asks in a loop; keep the token until it ends.'),
  50033: busy('A retryable error has occurred.'),
  50087: busy('A transient error has occurred during sign-out or sign-in.'),
  90006: busy('The service is temporarily unavailable.'),
  90012: busy('The request to the service has timed out.', 504),
  90024: busy('The request budget of the tenant or app is exceeded for the moment.'),
} as const satisfies Readonly<Record<number, EntraProblem>>;
