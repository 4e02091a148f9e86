import type { UserFacts } from '../tenant/model.ts';

export type FilterValue = string | number | boolean | null;

interface FilterProperty {
  readonly read: (facts: UserFacts) => FilterValue;
  /** Operators that work without ConsistencyLevel; the rest needs an advanced query. */
  readonly basic: ReadonlySet<string>;
}

const eq = new Set(['eq', 'in']);
const ordered = new Set(['eq', 'in', 'ge', 'le']);
const searchable = new Set(['eq', 'in', 'ge', 'le', 'startswith']);
const advancedOnly = new Set<string>();

const property = (basic: ReadonlySet<string>, read: FilterProperty['read']): FilterProperty => ({ basic, read });

/** Which property can be filtered how. Graph page: Advanced query capabilities on directory objects. */
export const filterProperties: ReadonlyMap<string, FilterProperty> = new Map(
  Object.entries({
    id: property(eq, (facts) => facts.id),
    accountEnabled: property(eq, (facts) => facts.accountEnabled),
    userType: property(eq, (facts) => facts.userType),
    displayName: property(searchable, (facts) => facts.displayName),
    givenName: property(searchable, (facts) => facts.givenName),
    surname: property(searchable, (facts) => facts.surname),
    userPrincipalName: property(searchable, (facts) => facts.userPrincipalName),
    mail: property(searchable, (facts) => facts.mail),
    mailNickname: property(searchable, (facts) => facts.mailNickname),
    jobTitle: property(searchable, (facts) => facts.jobTitle),
    department: property(searchable, (facts) => facts.department),
    country: property(searchable, (facts) => facts.country),
    city: property(searchable, (facts) => facts.city),
    state: property(searchable, (facts) => facts.state),
    usageLocation: property(searchable, (facts) => facts.usageLocation),
    employeeId: property(searchable, (facts) => facts.employeeId),
    createdDateTime: property(ordered, (facts) => facts.createdAt),
    onPremisesSyncEnabled: property(eq, (facts) => facts.onPremisesSyncEnabled),
    externalUserState: property(eq, (facts) => facts.externalUserState),
    companyName: property(advancedOnly, (facts) => facts.companyName),
    officeLocation: property(advancedOnly, (facts) => facts.officeLocation),
    employeeType: property(advancedOnly, (facts) => facts.employeeType),
    onPremisesSamAccountName: property(advancedOnly, (facts) => facts.onPremisesSamAccountName),
  }).map(([name, entry]) => [name.toLowerCase(), entry]),
);

/** endsWith exists for these two only. */
export const endsWithProperties: ReadonlySet<string> = new Set(['mail', 'userprincipalname']);
