import { instant } from '../clock.ts';
import { assignedLicensesOf } from '../tenant/directory.ts';
import type { AssignmentRow, Sku, UserFacts, UserRecord } from '../tenant/model.ts';
import { QueryProblem } from './call.ts';

/** How ids and absent errors are spelt; changed by faults. */
export interface Spelling {
  readonly mixedCase: boolean;
  readonly noError: 'as-stored' | 'None' | 'null';
}

/** Writes one property as JSON text; pages are put together from text because that is several times faster. */
type Writer = (user: UserRecord, spelling: Spelling) => string;

const special = /["\\\p{Cc}]/u;
const quote = (text: string): string => (special.test(text) ? JSON.stringify(text) : `"${text}"`);
const nullable = (text: string | null): string => (text === null ? 'null' : quote(text));
const moment = (at: number | null): string => (at === null ? 'null' : `"${instant(at)}"`);

type TextFact = {
  [K in keyof UserFacts]: UserFacts[K] extends string | null ? K : never;
}[keyof UserFacts];

const text =
  (key: TextFact): Writer =>
  ({ facts }) =>
    nullable(facts[key]);

const constant =
  (json: string): Writer =>
  () =>
    json;

export const spellSku = (sku: Sku, salt: number, spelling: Spelling): string =>
  spelling.mixedCase && ((sku.number + salt) & 1) === 1 ? sku.skuId.toUpperCase() : sku.skuId;

const guidList = (list: readonly string[]): string => (list.length === 0 ? '[]' : JSON.stringify(list));

const writeError = (error: string | null, spelling: Spelling): string => {
  if (error !== null && error !== 'None') return quote(error);
  if (spelling.noError === 'as-stored') return nullable(error);
  return spelling.noError === 'None' ? '"None"' : 'null';
};

const writeState = (row: AssignmentRow, salt: number, spelling: Spelling): string =>
  `{"skuId":"${spellSku(row.sku, salt, spelling)}","disabledPlans":${guidList(row.disabledPlans)},"assignedByGroup":${
    row.groupId === null ? 'null' : `"${row.groupId}"`
  },"state":"${row.state}","error":${writeError(row.error, spelling)},"lastUpdatedDateTime":"${instant(row.updatedAt)}"}`;

const writers: Readonly<Record<string, Writer>> = {
  id: ({ facts }) => `"${facts.id}"`,
  accountEnabled: ({ facts }) => String(facts.accountEnabled),
  assignedLicenses: (user, spelling) =>
    `[${assignedLicensesOf(user.rows)
      .map(
        (row) =>
          `{"disabledPlans":${guidList(row.disabledPlans)},"skuId":"${spellSku(row.sku, user.index + 1, spelling)}"}`,
      )
      .join(',')}]`,
  licenseAssignmentStates: (user, spelling) =>
    `[${user.rows.map((row) => writeState(row, user.index, spelling)).join(',')}]`,
  businessPhones: ({ facts }) => (facts.businessPhone === null ? '[]' : `[${quote(facts.businessPhone)}]`),
  city: text('city'),
  companyName: text('companyName'),
  country: text('country'),
  createdDateTime: ({ facts }) => moment(facts.createdAt),
  department: text('department'),
  displayName: text('displayName'),
  employeeId: text('employeeId'),
  employeeLeaveDateTime: ({ facts }) => moment(facts.employeeLeaveAt),
  employeeOrgData: ({ facts }) =>
    facts.costCenter === null && facts.division === null
      ? 'null'
      : `{"division":${nullable(facts.division)},"costCenter":${nullable(facts.costCenter)}}`,
  employeeType: text('employeeType'),
  externalUserState: text('externalUserState'),
  givenName: text('givenName'),
  isResourceAccount: ({ facts }) => String(facts.isResourceAccount),
  jobTitle: text('jobTitle'),
  mail: text('mail'),
  mailNickname: text('mailNickname'),
  mobilePhone: text('mobilePhone'),
  officeLocation: text('officeLocation'),
  onPremisesExtensionAttributes: ({ facts }) =>
    `{"extensionAttribute1":${nullable(facts.costCenter)},${Array.from({ length: 14 }, (_, at) => `"extensionAttribute${at + 2}":null`).join(',')}}`,
  onPremisesSamAccountName: text('onPremisesSamAccountName'),
  onPremisesSyncEnabled: ({ facts }) => String(facts.onPremisesSyncEnabled),
  preferredLanguage: text('preferredLanguage'),
  signInActivity: ({ facts }) =>
    facts.lastSignInAt === null ? 'null' : `{"lastSignInDateTime":${moment(facts.lastSignInAt)}}`,
  state: text('state'),
  surname: text('surname'),
  usageLocation: text('usageLocation'),
  userPrincipalName: text('userPrincipalName'),
  userType: text('userType'),
  // Never set by the simulator, but selectable.
  ...Object.fromEntries(
    ['creationType', 'deletedDateTime', 'employeeHireDate', 'externalUserStateChangeDateTime', 'faxNumber']
      .concat(['onPremisesDistinguishedName', 'onPremisesImmutableId', 'onPremisesLastSyncDateTime'])
      .concat(['onPremisesUserPrincipalName', 'postalCode', 'showInAddressList', 'streetAddress', 'ageGroup'])
      .map((name) => [name, constant('null')]),
  ),
  ...Object.fromEntries(
    ['assignedPlans', 'otherMails', 'proxyAddresses', 'imAddresses'].map((n) => [n, constant('[]')]),
  ),
};

/** Graph page List users: what a request without $select gets. */
export const defaultProperties = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
] as const;

/** Kept outside the directory, hence 501 in a collection. Graph page: List users. */
const outsideDirectory = new Set(
  ['aboutMe', 'birthday', 'hireDate', 'interests', 'mySite', 'pastProjects', 'preferredName', 'responsibilities']
    .concat(['schools', 'skills', 'mailboxSettings'])
    .map((name) => name.toLowerCase()),
);

const canonical = new Map(Object.keys(writers).map((name) => [name.toLowerCase(), name]));

export interface Projection {
  readonly names: readonly string[];
  /** Undefined: no $select was given. */
  readonly selected: readonly string[] | undefined;
  write(user: UserRecord, spelling: Spelling): string;
  /** Leaves null properties out, and keeps to `only` when given; always with the id. Delta writes so. */
  writeSparse(user: UserRecord, spelling: Spelling, only?: ReadonlySet<string>): string;
}

const agentType = '"@odata.type":"#microsoft.graph.agentUser",';

/** Compiles $select; throws 400 for an unknown property and 501 for one that a collection cannot give. */
export const compileSelect = (select: string | undefined, inCollection = true): Projection => {
  const wanted = select?.split(',').map((name) => name.trim());
  const selected = wanted?.map((name) => {
    const known = canonical.get(name.toLowerCase());
    if (known !== undefined) return known;
    if (outsideDirectory.has(name.toLowerCase()) && inCollection) {
      throw new QueryProblem('NotImplemented', `The property '${name}' is not supported in a collection.`, 501);
    }
    throw new QueryProblem(
      'BadRequest',
      `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
    );
  });
  const names: readonly string[] = [...new Set(selected ?? defaultProperties)];
  const steps = names.map((name) => ({ name, prefix: `"${name}":`, write: writers[name] ?? constant('null') }));
  return {
    names,
    selected: selected === undefined ? undefined : names,
    write: (user, spelling) => {
      let json = user.facts.kind === 'agentUser' ? `{${agentType}` : '{';
      for (let at = 0; at < steps.length; at += 1) {
        const step = steps[at];
        if (step !== undefined) json += (at === 0 ? '' : ',') + step.prefix + step.write(user, spelling);
      }
      return `${json}}`;
    },
    writeSparse: (user, spelling, only) => {
      let json = `{${user.facts.kind === 'agentUser' ? agentType : ''}"id":"${user.facts.id}"`;
      for (const step of steps) {
        if (step.name === 'id' || (only !== undefined && only.size > 0 && !only.has(step.name))) continue;
        const value = step.write(user, spelling);
        if (value !== 'null') json += `,${step.prefix}${value}`;
      }
      return `${json}}`;
    },
  };
};
