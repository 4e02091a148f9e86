import type { Text } from '@itsm-m365/plugin-api';

/** A call that tells whether a permission is there. Probing, since Microsoft asks not to parse Graph's tokens. */
export interface Probe {
  readonly id: string;
  readonly path: string;
  /** Application permissions that open it; the first is the one asked for. */
  readonly permissions: readonly string[];
  readonly title: Text;
  /** The figure or function that is missing without it. */
  readonly unlocks: Text;
  /** `required` fails the test; `useful` warns once another probe shows that the import works without; `optional` warns. */
  readonly need: 'required' | 'useful' | 'optional';
}

const title = (permission: string, en: string, de: string): Text => ({
  en: `${permission}: ${en}`,
  de: `${permission}: ${de}`,
});

export const probes: readonly Probe[] = [
  {
    id: 'users',
    path: '/users?$top=1&$select=id',
    permissions: ['User.Read.All'],
    title: title('User.Read.All', 'read users', 'Benutzer lesen'),
    unlocks: {
      en: 'Consumers: which persons hold which licences.',
      de: 'Verbraucher: welche Personen welche Lizenzen innehaben.',
    },
    need: 'required',
  },
  {
    id: 'skus',
    path: '/subscribedSkus?$select=skuId',
    permissions: ['Organization.Read.All', 'LicenseAssignment.Read.All'],
    title: title('Organization.Read.All', 'read products', 'Produkte lesen'),
    unlocks: {
      en: 'Products and licence quantities.',
      de: 'Produkte und Lizenzmengen.',
    },
    need: 'required',
  },
  {
    id: 'organization',
    path: '/organization?$select=id,displayName',
    permissions: ['Organization.Read.All'],
    title: title('Organization.Read.All', 'read the organisation', 'Organisation lesen'),
    unlocks: {
      en: 'The organisation’s name, shown beside the portal.',
      de: 'Der Name der Organisation, der beim Portal angezeigt wird.',
    },
    need: 'useful',
  },
  {
    id: 'subscriptions',
    path: '/directory/subscriptions',
    permissions: ['Organization.Read.All'],
    title: title('Organization.Read.All', 'read subscriptions', 'Abonnements lesen'),
    unlocks: {
      en: 'End dates, trials and quantities of each subscription.',
      de: 'Enddaten, Testzeiträume und Mengen jedes Abonnements.',
    },
    need: 'useful',
  },
  {
    id: 'groups',
    path: '/groups?$top=1&$select=id',
    permissions: ['GroupMember.Read.All'],
    title: title('GroupMember.Read.All (optional)', 'read groups', 'Gruppen lesen'),
    unlocks: {
      en: 'Names of the groups that licences are assigned by; without it their GUIDs are shown.',
      de: 'Namen der Gruppen, über die Lizenzen zugewiesen sind; ohne sie werden deren GUIDs angezeigt.',
    },
    need: 'optional',
  },
];
