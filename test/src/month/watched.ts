/** Properties whose change Microsoft's delta reports and the import asks for; licenseAssignmentStates has no delta support. */
export const watchedFields: ReadonlySet<string> = new Set([
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
]);
