import type { PersonFacts, StagedAssignment, StagedPerson } from '../model.ts';

export const someFacts: PersonFacts = {
  enabled: true,
  personType: 'member',
  department: 'Sales',
  company: 'Contoso',
  costCentre: '4711',
  country: 'Germany',
  usageLocation: 'DE',
};

/** An object id that can be read in a failing test. */
export const objectId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const holding = (licence: number, path = ''): StagedAssignment => ({
  licence,
  path,
  holds: true,
  state: 'Active',
  error: '',
});

export const waiting = (licence: number, group: string): StagedAssignment => ({
  licence,
  path: group,
  holds: false,
  state: 'Error',
  error: 'CountViolation',
});

/** A person as a listing brings it. */
export const aPerson = (
  number: number,
  assignments: readonly StagedAssignment[],
  more: Partial<StagedPerson> = {},
): StagedPerson => ({
  objectId: objectId(number),
  displayName: `Person ${number}`,
  userPrincipalName: `person${number}@contoso.example`,
  mail: `person${number}@contoso.example`,
  givenName: 'Person',
  surname: String(number),
  facts: someFacts,
  assignments,
  ...more,
});
