import type { PersonFacts, StagedPerson } from '@itsm-m365/licence-catalog';
import { type AssignmentDecoder, type AssignmentOptions, createAssignmentDecoder } from './assignments.ts';
import { type Defects, type Fields, fieldsOf, guidOf, isFields, softText, unreadable } from './values.ts';

/** What is asked of every user. Nothing here needs more than User.Read.All, and all of it is allowed in a listing. */
export const userFields = [
  'id',
  'displayName',
  'givenName',
  'surname',
  'userPrincipalName',
  'mail',
  'accountEnabled',
  'userType',
  'department',
  'companyName',
  'country',
  'usageLocation',
  'employeeOrgData',
  'assignedLicenses',
  'licenseAssignmentStates',
] as const;

/** What delta is asked to watch. licenseAssignmentStates has no delta support (graph-docs #16690), so it is read again. */
export const watchedFields = userFields.filter((field) => field !== 'licenseAssignmentStates');

const resource = 'user';

export interface UserDecoder extends Omit<AssignmentDecoder, 'assignments'> {
  /** Throws `IMPORT_OBJECT_UNREADABLE` where identity or licences cannot be read. */
  user(value: unknown): StagedPerson;
}

const personTypeOf = (user: Fields): PersonFacts['personType'] => {
  const type = user['@odata.type'];
  if (typeof type === 'string' && type.toLowerCase().endsWith('.agentuser')) return 'agent';
  if (typeof user.userType !== 'string') return 'unknown';
  const name = user.userType.toLowerCase();
  return name === 'member' || name === 'guest' ? name : 'unknown';
};

const enabledOf = (value: unknown, defects: Defects): boolean => {
  if (typeof value === 'boolean') return value;
  if (value !== null && value !== undefined) return unreadable(resource, 'accountEnabled', 'true or false');
  // An account of unknown state counts as enabled: calling it disabled would list it as a waste of money.
  defects.count('user.accountEnabled');
  return true;
};

/** A user that Entra no longer has: `@removed`, or gone between two calls. */
export const removedPerson = (objectId: string): StagedPerson => ({
  objectId,
  removed: true,
  displayName: '',
  userPrincipalName: '',
  mail: '',
  givenName: '',
  surname: '',
  facts: {
    enabled: false,
    personType: 'unknown',
    department: '',
    company: '',
    costCentre: '',
    country: '',
    usageLocation: '',
  },
  assignments: [],
});

/** Reads users of one listing, counting on the way. Make a new one for each listing. */
export const createUserDecoder = (options: AssignmentOptions): UserDecoder => {
  const { defects } = options;
  const { assignments, ...seen } = createAssignmentDecoder(options);
  return {
    ...seen,
    user: (value) => {
      const user = fieldsOf(value, resource);
      const objectId = guidOf(user.id, resource, 'id');
      const organisation = isFields(user.employeeOrgData) ? user.employeeOrgData : {};
      return {
        objectId,
        displayName: softText(user.displayName, 256, 'user.displayName', defects),
        userPrincipalName: softText(user.userPrincipalName, 320, 'user.userPrincipalName', defects),
        mail: softText(user.mail, 320, 'user.mail', defects),
        givenName: softText(user.givenName, 128, 'user.givenName', defects),
        surname: softText(user.surname, 128, 'user.surname', defects),
        facts: {
          enabled: enabledOf(user.accountEnabled, defects),
          personType: personTypeOf(user),
          department: softText(user.department, 128, 'user.department', defects),
          company: softText(user.companyName, 128, 'user.companyName', defects),
          costCentre: softText(organisation.costCenter, 128, 'user.employeeOrgData.costCenter', defects),
          country: softText(user.country, 128, 'user.country', defects),
          usageLocation: softText(user.usageLocation, 8, 'user.usageLocation', defects),
        },
        assignments: assignments(user),
      };
    },
  };
};

/** One entry of a delta answer: who changed. What changed is read again, whole. */
export interface DeltaEntry {
  readonly objectId: string;
  readonly removed: boolean;
}

export const decodeDeltaEntry = (value: unknown): DeltaEntry => {
  const entry = fieldsOf(value, resource);
  // Anything but an object says nothing: the user is read again, and found or not.
  return { objectId: guidOf(entry.id, resource, 'id'), removed: isFields(entry['@removed']) };
};
