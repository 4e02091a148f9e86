import type { CloudId } from '@itsm-m365/graph-auth';
import type { Services } from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import type { MailApplication } from '../applications.ts';
import { accountErrors } from '../errors.ts';
import { identityOf } from '../identity.ts';
import type { Resource } from '../tokens/access.ts';
import { tokenErrors } from '../tokens/errors.ts';
import { type Registration, registrationOf } from '../tokens/registration.ts';
import { resourcesOf } from '../tokens/resources.ts';
import { signInErrors } from './errors.ts';
import type { RandomBytes } from './fingerprint.ts';

export interface SignInContext {
  readonly account: Pick<MailAccount, 'id' | 'value'>;
  /** Undefined where the account names none, or it is gone. */
  readonly application: MailApplication | undefined;
  /** Default `global`. */
  readonly cloud?: CloudId;
  /** Who signs in: the host's actor. */
  readonly actor: string;
  readonly services: Pick<Services, 'db' | 'secrets' | 'http' | 'clock' | 'random' | 'logger'>;
  readonly bytes?: RandomBytes;
}

/** Who signed in, for the screen. */
export interface SignedIn {
  /** User principal name. */
  readonly user: string;
  readonly signedInAt: number;
  readonly signedInBy: string;
}

export interface SignInPlan {
  readonly registration: Registration;
  readonly tokenUser: string;
  /** Those used, the one that the first token is for in front. */
  readonly resources: readonly [Resource, ...Resource[]];
}

/**
 * What a sign-in is for. Throws `MAIL_APPLICATION_UNKNOWN`, `SIGN_IN_NOT_DELEGATED`, `MAIL_RESOURCE_UNUSED`,
 * `TENANT_INVALID`, `CLIENT_INVALID`.
 */
export const planOf = ({ account, application, services, cloud }: SignInContext): SignInPlan => {
  if (application === undefined) throw accountErrors.MAIL_APPLICATION_UNKNOWN({ account: account.value.name });
  if (application.value.flow !== 'delegated') throw signInErrors.SIGN_IN_NOT_DELEGATED();
  const [first, ...others] = resourcesOf(account.value);
  if (first === undefined) throw tokenErrors.MAIL_RESOURCE_UNUSED({ resource: '-' });
  const { tokenUser } = identityOf(account.value, 'delegated');
  return { registration: registrationOf(application, services, cloud), tokenUser, resources: [first, ...others] };
};
