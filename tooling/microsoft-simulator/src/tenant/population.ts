import { day } from '../clock.ts';
import { guidOf, hash, indexOfGuid } from '../random.ts';
import type { UserFacts } from './model.ts';
import { companies, departments, givenNames, jobTitles, nameStride, places, surnames } from './names.ts';

/** Users as a pure function of (seed, index): a million of them take no memory until somebody changes one. */
export interface Population {
  readonly count: number;
  idAt(index: number): string;
  /** The index an id was made from; not bounded by `count`, since users added later continue the row. */
  indexOf(id: string): number | undefined;
  factsAt(index: number): UserFacts;
}

export type PersonKind =
  | 'ordinary'
  | 'guest'
  | 'disabled'
  | 'agent'
  | 'without-user-type'
  | 'without-display-name'
  | 'without-mail'
  | 'service-account';

// Fixed places in every fifty, so that each oddity occurs in any tenant of fifty users or more.
const kinds: ReadonlyMap<number, PersonKind> = new Map([
  [7, 'guest'],
  [17, 'guest'],
  [27, 'guest'],
  [13, 'disabled'],
  [33, 'disabled'],
  [41, 'agent'],
  [43, 'without-user-type'],
  [45, 'without-display-name'],
  [46, 'without-mail'],
  [48, 'service-account'],
]);

export const kindAt = (index: number): PersonKind => kinds.get(index % 50) ?? 'ordinary';

/** Share of users that hold products at all; see {@link kindAt}. */
export const licensedShare = 1 - 5 / 50;

export const isLicensedKind = (kind: PersonKind): boolean =>
  kind !== 'guest' && kind !== 'service-account' && kind !== 'agent';

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

const epoch = Date.UTC(2019, 0, 1);
const pairs = givenNames.length * surnames.length;

export const blankFacts = (id: string, userPrincipalName: string, createdAt: number): UserFacts => ({
  id,
  kind: 'user',
  displayName: userPrincipalName.split('@')[0] ?? null,
  givenName: null,
  surname: null,
  userPrincipalName,
  mail: userPrincipalName,
  mailNickname: userPrincipalName.split('@')[0] ?? 'user',
  accountEnabled: true,
  userType: 'Member',
  usageLocation: 'DE',
  department: null,
  companyName: null,
  country: null,
  city: null,
  state: null,
  officeLocation: null,
  jobTitle: null,
  employeeId: null,
  employeeType: null,
  costCenter: null,
  division: null,
  createdAt,
  externalUserState: null,
  preferredLanguage: null,
  mobilePhone: null,
  businessPhone: null,
  onPremisesSyncEnabled: null,
  onPremisesSamAccountName: null,
  isResourceAccount: null,
  employeeLeaveAt: null,
  lastSignInAt: null,
});

export const createPopulation = (options: {
  readonly seed: number;
  readonly count: number;
  readonly domain: string;
}): Population => {
  const { seed, count, domain } = options;

  const factsAt = (index: number): UserFacts => {
    const kind = kindAt(index);
    const h = hash(seed, index, 1);
    const pair = (Math.imul(index % pairs, nameStride) + (seed % 997)) % pairs;
    const given = pick(givenNames, pair);
    const family = pick(surnames, Math.floor(pair / givenNames.length));
    const round = Math.floor(index / pairs);
    const nickname = `${given}.${family}${round === 0 ? '' : round}`.toLowerCase();
    const guest = kind === 'guest';
    const person = kind !== 'service-account' && kind !== 'agent';
    const place = pick(places, h);
    const department = pick(departments, h >>> 4);
    const division = pick(companies, h >>> 9);
    const synced = !guest && person && (h & 3) !== 0;
    return {
      id: guidOf(seed, index),
      kind: kind === 'agent' ? 'agentUser' : 'user',
      displayName: kind === 'without-display-name' ? null : person ? `${given} ${family}` : `svc ${given} ${index}`,
      givenName: person ? given : null,
      surname: person ? family : null,
      userPrincipalName: guest ? `${nickname}_partner.example#EXT#@${domain}` : `${nickname}@${domain}`,
      mail: guest ? `${nickname}@partner.example` : kind === 'without-mail' || !person ? null : `${nickname}@${domain}`,
      mailNickname: guest ? `${nickname}_partner.example#EXT#` : nickname,
      accountEnabled: kind !== 'disabled',
      userType: kind === 'without-user-type' ? null : guest ? 'Guest' : 'Member',
      usageLocation: guest ? null : place.code,
      department: person && !guest ? department : null,
      companyName: guest ? 'Partner' : person ? division : null,
      country: guest ? null : place.country,
      city: guest ? null : place.city,
      state: guest ? null : place.state,
      officeLocation: person && !guest ? `${place.city} ${1 + ((h >>> 12) % 40)}` : null,
      jobTitle: person && !guest ? pick(jobTitles, h >>> 17) : null,
      employeeId: person && !guest ? String(100_000 + index) : null,
      employeeType: person && !guest ? ((h >>> 19) % 9 === 0 ? 'Contractor' : 'Employee') : null,
      costCenter: person && !guest ? `CC-${1000 + ((h >>> 4) % departments.length) * 10 + ((h >>> 9) % 3)}` : null,
      division: person && !guest ? division : null,
      createdAt: epoch + (hash(seed, index, 2) % 2_400) * day + ((h >>> 3) % 86_400) * 1000,
      externalUserState: guest ? ((h & 1) === 0 ? 'Accepted' : 'PendingAcceptance') : null,
      preferredLanguage: guest ? null : place.language,
      mobilePhone: null,
      businessPhone: person && !guest ? `+49 555 ${100_000 + (h % 900_000)}` : null,
      onPremisesSyncEnabled: synced ? true : null,
      onPremisesSamAccountName: synced ? nickname.slice(0, 20) : null,
      isResourceAccount: null,
      employeeLeaveAt: null,
      lastSignInAt: person ? epoch + (2_400 + (h % 400)) * day : null,
    };
  };

  return {
    count,
    idAt: (index) => guidOf(seed, index),
    indexOf: (id) => indexOfGuid(seed, id),
    factsAt,
  };
};
