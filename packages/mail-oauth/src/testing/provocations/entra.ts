import type { Acts, EntraCode } from '@itsm-m365/graph-auth';

/** What a refusal of Entra's has to tell, by the numbers that mean the same. */
export interface EntraProvocation {
  readonly numbers: readonly number[];
  readonly code: EntraCode;
  readonly acts: Acts;
  /** Words of the cause, and of what ends it. */
  readonly cause: string;
  readonly remedy: string;
  /** The token is asked for again within the same test. */
  readonly retried?: true;
  /** No renewal of a person's sign-in works after it. */
  readonly ends?: true;
}

const row = (
  numbers: readonly number[],
  code: EntraCode,
  acts: Acts,
  cause: string,
  remedy: string,
  more: Pick<EntraProvocation, 'retried' | 'ends'> = {},
): EntraProvocation => ({ numbers, code, acts, cause, remedy, ...more });

const ends = { ends: true } as const;
const retried = { retried: true } as const;

const settings = 'ENTRA_CONFIGURATION';
const credential = 'ENTRA_CREDENTIAL_REFUSED';
const policy = 'ENTRA_POLICY_BLOCKED';
const refused = 'ENTRA_REFUSED';

/** Table 7a, in its order, with some numbers more that mean the same. */
export const entraProvocations: readonly EntraProvocation[] = [
  row(
    [700016, 700011, 70001],
    settings,
    'entra',
    'wrong client ID or tenant, or never consented',
    'Compare the applic',
  ),
  row([90002, 900023], settings, 'operator', 'wrong directory ID, or another national cloud', 'Copy the directory'),
  row([90112], settings, 'operator', 'The client ID is no GUID', 'not the application’s name'),
  row([7000215], credential, 'entra', 'often it is the secret ID instead of the value', 'copy its value (not its ID)'),
  row([7000222], credential, 'entra', 'The secret has expired', 'Create a new secret or, better, a certificate'),
  row([7000218, 7000216, 7000214], credential, 'entra', 'registered as confidential', 'allow public client flows'),
  row([700025], credential, 'operator', 'a public client, but a secret was sent', 'Remove the secret'),
  row(
    [700027, 700030, 50012],
    credential,
    'entra',
    'certificate is not uploaded',
    'compare its thumbprint and check this',
  ),
  row([700024, 500133, 50013], credential, 'operator', 'outside its time', 'clock by a time server'),
  row(
    [70021, 700211, 700212, 700213, 7002138],
    credential,
    'entra',
    'upper and lower case count',
    'Compare all three, letter by letter',
  ),
  row(
    [65001, 650056, 65005, 90094, 90095],
    'ENTRA_CONSENT_MISSING',
    'entra',
    'no administrator',
    'Grant admin consent',
  ),
  row([65004], refused, 'user', 'declined the consent', 'have an administrator consent'),
  row([650057, 500011, 50001, 650052], settings, 'entra', 'resource is not known', 'Office 365 Exchange Online'),
  row([70011, 28000, 28002, 700022], settings, 'operator', 'names two resources', 'One resource per token'),
  row([9001023, 90130, 90124, 50194], settings, 'operator', '/common or /consumers', 'Enter the directory (tenant) ID'),
  row([900144, 90014], settings, 'operator', 'A field of the request is missing', 'no field is empty'),
  row([50011, 900971], refused, 'entra', 'not registered exactly', 'with scheme, port and path'),
  row([9002326], refused, 'entra', 'another platform', 'Register it under "Web" or "Mobile and desktop'),
  row([9002325, 501481, 50147, 54005], refused, 'operator', 'used twice', 'Begin the sign-in again, in one window'),
  row([70000], refused, 'operator', 'or cut short', 'Begin the sign-in again, in one window', ends),
  row([50126, 50055, 50144], refused, 'user', 'password is wrong or has expired', 'Stop signing in with', ends),
  row([50056], refused, 'user', 'password is wrong or has expired', 'Stop signing in with'),
  row([50034, 50020, 51004, 90072], refused, 'user', 'not in this tenant', 'the right tenant and account', ends),
  row([50053], refused, 'entra', 'locked, or the address is blocked', 'Stop all attempts'),
  row([50057], policy, 'entra', 'is disabled', 'Enable it', ends),
  row([7000112], policy, 'entra', 'is disabled', 'Enable it'),
  row(
    [50072, 50074, 50076, 50079, 50078, 50158],
    refused,
    'user',
    'A second factor is needed',
    'do not switch the second factor off',
    ends,
  ),
  row([50105], refused, 'entra', 'not assigned', 'Users and groups'),
  row([53000, 53001, 50097, 53003, 530032, 50131], policy, 'entra', 'Conditional Access', 'sign-in log', ends),
  row([530035], refused, 'entra', 'Security defaults', 'Use OAuth instead'),
  row([500021, 500022], policy, 'network', 'A proxy adds tenant restrictions', 'Have the proxy’s administrator'),
  row([700082, 70008], refused, 'user', 'not used for too long', 'Sign in again', ends),
  row([50173, 50132, 50133, 50089], refused, 'user', 'sessions were revoked', 'Sign in again', ends),
  row([70043], refused, 'entra', 'at short intervals', 'Exclude the service account', ends),
  row([70016], refused, 'user', 'has not been finished yet', 'Finish it in the browser'),
  row([70018, 70019, 70020, 90120], refused, 'user', 'code is wrong, expired or used', 'Ask for a new code'),
  row([90038, 900432, 900382], settings, 'operator', 'another national cloud', 'cloud'),
  row([50196], 'ENTRA_UNAVAILABLE', 'operator', 'in a loop', 'tried again later by itself', retried),
  row(
    [90055, 90033, 90006, 90012, 90020, 90024, 50087, 50033],
    'ENTRA_UNAVAILABLE',
    'nobody',
    'throttling or out of order',
    'tried again by itself',
    retried,
  ),
];
