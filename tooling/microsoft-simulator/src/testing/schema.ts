/**
 * Shapes of Graph's answers as the simulator promises them, written for this repository from the property tables of
 * the v1.0 reference. The licence types are closed, so a misspelt or forgotten name fails.
 */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const maybeText: Schema = { type: ['string', 'null'] };
const maybeFlag: Schema = { type: ['boolean', 'null'] };
const units: Schema = { type: 'integer', minimum: 0, maximum: 2_147_483_647 };
const guid: Schema = { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' };
const instant: Schema = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' };
const maybeInstant: Schema = { anyOf: [instant, { type: 'null' }] };
const list = (items: Schema): Schema => ({ type: 'array', items });

const closed = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const status: Schema = { enum: ['Enabled', 'Warning', 'Suspended', 'Deleted', 'LockedOut'] };

const servicePlanInfo = closed({
  servicePlanId: guid,
  servicePlanName: text,
  provisioningStatus: text,
  appliesTo: { enum: ['User', 'Company'] },
});

const licenseUnitsDetail = closed({ enabled: units, warning: units, suspended: units, lockedOut: units }, [
  'lockedOut',
]);

export const subscribedSku = closed({
  id: { type: 'string', pattern: '^[0-9a-f-]{36}_[0-9a-f-]{36}$' },
  accountId: guid,
  accountName: text,
  appliesTo: { enum: ['User', 'Company'] },
  capabilityStatus: status,
  consumedUnits: units,
  prepaidUnits: licenseUnitsDetail,
  servicePlans: list(servicePlanInfo),
  skuId: guid,
  skuPartNumber: text,
  subscriptionIds: list(guid),
});

export const companySubscription = closed({
  id: guid,
  commerceSubscriptionId: guid,
  createdDateTime: instant,
  isTrial: { type: 'boolean' },
  nextLifecycleDateTime: maybeInstant,
  ownerId: maybeText,
  ownerTenantId: maybeText,
  ownerType: maybeText,
  serviceStatus: list(servicePlanInfo),
  skuId: guid,
  skuPartNumber: text,
  status,
  totalLicenses: units,
});

const assignedLicense = closed({ disabledPlans: list(guid), skuId: guid });

const licenseAssignmentState = closed({
  assignedByGroup: { anyOf: [guid, { type: 'null' }] },
  disabledPlans: list(guid),
  error: maybeText,
  lastUpdatedDateTime: instant,
  skuId: guid,
  state: { enum: ['Active', 'ActiveWithError', 'Disabled', 'Error'] },
});

const userProperties: Readonly<Record<string, Schema>> = {
  '@odata.type': { const: '#microsoft.graph.agentUser' },
  '@removed': closed({ reason: { enum: ['changed', 'deleted'] } }),
  id: guid,
  accountEnabled: maybeFlag,
  assignedLicenses: list(assignedLicense),
  licenseAssignmentStates: list(licenseAssignmentState),
  businessPhones: list(text),
  createdDateTime: maybeInstant,
  employeeLeaveDateTime: maybeInstant,
  employeeOrgData: { anyOf: [closed({ division: maybeText, costCenter: maybeText }), { type: 'null' }] },
  isResourceAccount: maybeFlag,
  onPremisesSyncEnabled: maybeFlag,
  onPremisesExtensionAttributes: { type: 'object', additionalProperties: maybeText },
  usageLocation: { anyOf: [{ type: 'string', pattern: '^[A-Z]{2}$' }, { type: 'null' }] },
  ...Object.fromEntries(
    ['city', 'companyName', 'country', 'department', 'displayName', 'employeeId', 'employeeType', 'givenName', 'state']
      .concat(['externalUserState', 'jobTitle', 'mail', 'mailNickname', 'mobilePhone', 'officeLocation', 'surname'])
      .concat(['onPremisesSamAccountName', 'preferredLanguage', 'userPrincipalName', 'userType'])
      .map((name) => [name, maybeText]),
  ),
};

export const allUserProperties = Object.keys(userProperties).filter((name) => !name.startsWith('@'));

/** Nothing is required: which properties there are is up to `$select`. */
export const user: Schema = { type: 'object', properties: userProperties, additionalProperties: false };

export const group: Schema = { type: 'object', required: ['id', 'displayName'] };

export const organization: Schema = {
  type: 'object',
  properties: { id: guid, displayName: text, verifiedDomains: { type: 'array', minItems: 1 } },
  required: ['id', 'displayName', 'verifiedDomains'],
};

const links: Readonly<Record<string, Schema>> = {
  '@odata.context': { type: 'string', pattern: '^https://[a-z.-]+/v1\\.0/\\$metadata#' },
  '@odata.nextLink': { type: 'string', pattern: '^https://' },
  '@odata.count': units,
};

export const collectionOf = (item: Schema): Schema =>
  closed({ ...links, value: list(item) }, ['@odata.nextLink', '@odata.count']);

/** A page of delta has a next link or a delta link, never both. */
export const deltaPage: Schema = {
  ...closed(
    {
      ...links,
      '@odata.deltaLink': { type: 'string', pattern: '^https://' },
      value: list({ ...user, required: ['id'] }),
    },
    ['@odata.nextLink', '@odata.deltaLink', '@odata.count'],
  ),
  oneOf: [{ required: ['@odata.nextLink'] }, { required: ['@odata.deltaLink'] }],
};

export const graphError = closed({
  error: closed({
    code: text,
    message: text,
    innerError: closed({
      date: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$' },
      'request-id': guid,
      'client-request-id': text,
    }),
  }),
});

export const entraError = closed({
  error: text,
  error_description: { type: 'string', pattern: '^AADSTS\\d+: ' },
  error_codes: list({ type: 'integer' }),
  timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$' },
  trace_id: guid,
  correlation_id: text,
  error_uri: { type: 'string', pattern: '^https://' },
});

export const token = closed({
  token_type: { const: 'Bearer' },
  expires_in: { type: 'integer' },
  ext_expires_in: { type: 'integer' },
  access_token: { type: 'string', pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$' },
});
