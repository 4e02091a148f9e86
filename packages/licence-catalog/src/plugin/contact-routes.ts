import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { catalogueErrors } from '../errors.ts';
import { erasePerson } from '../persons/erase-person.ts';
import { assignmentsOfPerson, contactsOf } from '../queries/as-of.ts';
import { pageContacts } from '../queries/page-contacts.ts';
import { erasePersonsPermission, seePersonsPermission } from './permissions.ts';
import { ContactSchema, contactAnswer, Instant, Limit, Moment, PersonKey } from './schemas.ts';

const Person = Type.Object({ person: PersonKey });

/*
 * A person may hold licences of several portals of one directory, so these routes need the right without a scope.
 */

const listContacts = defineRoute({
  method: 'GET',
  path: '/contacts',
  summary: 'Contacts; search by the beginning of mail, user name or display name',
  permission: seePersonsPermission,
  query: Type.Object({
    search: Type.Optional(Type.String({ maxLength: 200 })),
    after: Type.Optional(PersonKey),
    limit: Type.Optional(Limit),
  }),
  response: Type.Object({ items: Type.Array(ContactSchema), next: Type.Optional(PersonKey) }),
  async handle(request, { db }) {
    await request.require(seePersonsPermission);
    const { limit = 100, ...question } = request.query;
    const page = await db.read((trx) => pageContacts(trx, { ...question, limit }));
    await request.audit({ action: 'persons.view', object: 'contacts', details: { count: page.items.length } });
    const items = page.items.map(contactAnswer);
    return page.next === undefined ? { items } : { items, next: page.next };
  },
});

const contactAssignments = defineRoute({
  method: 'GET',
  path: '/contacts/:person/assignments',
  summary: 'Licences of a person now, at an instant, or with their whole history',
  permission: seePersonsPermission,
  params: Person,
  query: Type.Object({ at: Type.Optional(Moment), history: Type.Optional(Type.Boolean()) }),
  response: Type.Object({
    contact: ContactSchema,
    items: Type.Array(
      Type.Object({
        licence: Type.Integer(),
        licenceName: Type.String(),
        path: Type.String(),
        holds: Type.Boolean(),
        state: Type.String(),
        error: Type.String(),
        since: Instant,
        until: Instant,
        observedAt: Instant,
      }),
    ),
  }),
  async handle(request, { db }) {
    await request.require(seePersonsPermission);
    const { person } = request.params;
    const [contact, items] = await db.read(async (trx) => [
      (await contactsOf(trx, [person])).get(person),
      await assignmentsOfPerson(trx, { person, ...request.query }),
    ]);
    if (contact === undefined) throw catalogueErrors.PERSON_NOT_FOUND();
    await request.audit({ action: 'persons.view', object: `contact/${person}` });
    return { contact: contactAnswer(contact), items: [...items] };
  },
});

const eraseContact = defineRoute({
  method: 'DELETE',
  path: '/contacts/:person',
  summary: 'Erases the personal data of a contact for good; figures stay',
  permission: erasePersonsPermission,
  params: Person,
  response: Type.Object({}),
  async handle(request, { db, random, clock }) {
    await request.require(erasePersonsPermission);
    await db.write((trx) => erasePerson(trx, request.params.person, { random, at: clock.now() }));
    await request.audit({ action: 'persons.erase', object: `contact/${request.params.person}` });
    return {};
  },
});

export const contactRoutes = [listContacts, contactAssignments, eraseContact];
