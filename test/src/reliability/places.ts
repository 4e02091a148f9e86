import type { EndpointName } from '@itsm-m365/microsoft-simulator';

/** Where an import stands when a fault strikes. */
export const starts = [
  { id: 'first', title: 'first import' },
  { id: 'listing', title: 'full listing' },
  { id: 'changes', title: 'changes' },
] as const;

export type Start = (typeof starts)[number]['id'];

/** A place of an import where Microsoft may fail it. */
export interface Place {
  readonly id: string;
  readonly title: string;
  readonly at: { readonly endpoint: EndpointName; readonly page?: number };
  /** The imports that come by. */
  readonly starts: readonly Start[];
}

const always: readonly Start[] = ['first', 'listing', 'changes'];
const listings: readonly Start[] = ['first', 'listing'];

/** Pages of the listing of users are counted from 0; the tenant of these tests has three. */
export const places: readonly Place[] = [
  { id: 'token', title: 'token', at: { endpoint: 'token' }, starts: always },
  { id: 'skus', title: 'SKUs', at: { endpoint: 'subscribedSkus' }, starts: always },
  { id: 'subscriptions', title: 'subscriptions', at: { endpoint: 'subscriptions' }, starts: always },
  { id: 'first', title: 'first page', at: { endpoint: 'users', page: 0 }, starts: listings },
  { id: 'middle', title: 'middle page', at: { endpoint: 'users', page: 1 }, starts: listings },
  { id: 'last', title: 'last page', at: { endpoint: 'users', page: 2 }, starts: listings },
  { id: 'delta', title: 'delta', at: { endpoint: 'users-delta' }, starts: always },
  { id: 'batch', title: 'batch', at: { endpoint: 'batch' }, starts: always },
  { id: 'batch-item', title: 'item of a batch', at: { endpoint: 'user' }, starts: ['changes'] },
];

/** A fault that lasts tells whether it occurs at all: so it comes first. */
export const spans = [{ id: 'lasting' }, { id: 'once' }] as const;

export type Span = (typeof spans)[number]['id'];
