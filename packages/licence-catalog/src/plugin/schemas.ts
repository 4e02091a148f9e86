import { openEnd } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { NamedHolder } from '../queries/as-of.ts';
import type { ProductRecord } from '../queries/read-products.ts';
import type { ContactRow } from '../tables.ts';

/** Milliseconds since 1970. */
export const Instant = Type.Integer();
/** A moment that is asked about: no column holds a later one. */
export const Moment = Type.Integer({ minimum: 0, maximum: openEnd });
export const Id = Type.String({ minLength: 1, maxLength: 36 });
export const Limit = Type.Integer({ minimum: 1, maximum: 500, default: 100 });
export const PersonKey = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const SkuClassSchema = Type.Union([
  Type.Literal('paid'),
  Type.Literal('free'),
  Type.Literal('viral'),
  Type.Literal('trial'),
]);

export const Sync = Type.Object({
  state: Type.Union([Type.Literal('synced'), Type.Literal('unsynced')]),
  reason: Type.Optional(Type.String()),
});

const Units = Type.Object({
  enabled: Type.Integer(),
  warning: Type.Integer(),
  suspended: Type.Integer(),
  lockedOut: Type.Integer(),
  consumed: Type.Integer(),
});

const Seats = Type.Object({
  paid: Type.Integer(),
  grace: Type.Integer(),
  trial: Type.Integer(),
  endsAt: Type.Optional(Instant),
});

export const LicenceSchema = Type.Object({
  number: Type.Integer(),
  id: Id,
  product: Id,
  portal: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  title: Type.String(),
  partNumber: Type.String(),
  channel: Type.String(),
  licenceType: Type.String(),
  metric: Type.String(),
  sync: Sync,
  units: Type.Optional(Units),
  seats: Type.Optional(Seats),
  capabilityStatus: Type.String(),
  positionSince: Type.Optional(Instant),
});

export const ProductSchema = Type.Object({
  id: Id,
  source: Type.Union([Type.Literal('m365'), Type.Literal('manual')]),
  portal: Type.String(),
  sku: Type.String(),
  folder: Type.String(),
  name: Type.String(),
  title: Type.String(),
  partNumber: Type.String(),
  appliesTo: Type.String(),
  metric: Type.String(),
  consumerType: Type.String(),
  skuClass: Type.String(),
  sync: Sync,
  readOnly: Type.Boolean(),
  createdAt: Instant,
  changedAt: Instant,
  licences: Type.Array(LicenceSchema),
});

export const productAnswer = (product: ProductRecord) => ({
  ...product,
  licences: product.licences.map((licence) => licenceAnswer(licence)),
  readOnly: product.source === 'm365',
});

export const licenceAnswer = ({ units, seats, positionSince, ...licence }: ProductRecord['licences'][number]) => ({
  ...licence,
  ...(units === undefined ? {} : { units }),
  ...(seats === undefined
    ? {}
    : {
        seats: {
          paid: seats.paid,
          grace: seats.grace,
          trial: seats.trial,
          ...(seats.endsAt === undefined ? {} : { endsAt: seats.endsAt }),
        },
      }),
  ...(positionSince === undefined ? {} : { positionSince }),
});

export const PathSchema = Type.Object({
  path: Type.String(),
  holds: Type.Boolean(),
  state: Type.String(),
  error: Type.String(),
  since: Instant,
  observedAt: Instant,
});

export const HolderSchema = Type.Object({
  person: PersonKey,
  displayName: Type.String(),
  userPrincipalName: Type.String(),
  mail: Type.String(),
  enabled: Type.Boolean(),
  personType: Type.String(),
  paths: Type.Array(PathSchema),
});

export const holderAnswer = ({ facts, paths, ...holder }: NamedHolder) => ({
  ...holder,
  enabled: facts.enabled,
  personType: facts.personType,
  paths: [...paths],
});

export const ContactSchema = Type.Object({
  person: PersonKey,
  tenant: Type.String(),
  objectId: Type.String(),
  source: Type.String(),
  displayName: Type.String(),
  userPrincipalName: Type.String(),
  mail: Type.String(),
  givenName: Type.String(),
  surname: Type.String(),
  createdAt: Instant,
  changedAt: Instant,
});

export const contactAnswer = (row: ContactRow) => ({
  person: row.person,
  tenant: row.tenant,
  objectId: row.object_id,
  source: row.source,
  displayName: row.display_name,
  userPrincipalName: row.upn,
  mail: row.mail,
  givenName: row.given_name,
  surname: row.surname,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});
