import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { openEnd } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StagedPerson, StageOptions } from '../model.ts';
import { createContact } from '../persons/create-contact.ts';
import { erasePerson } from '../persons/erase-person.ts';
import { assignmentsOfPerson, holdersAsOf } from '../queries/as-of.ts';
import { consumersOf } from '../queries/count-consumers.ts';
import { assignments, catalogueTables, contacts, stagePersons, stages } from '../tables.ts';
import { openCatalogue, seededRandom } from '../testing/catalogue.ts';
import { aPerson, holding, objectId, waiting } from '../testing/persons.ts';
import { createStage } from './stage.ts';

const group = 'aaaaaaaa-0000-4000-8000-000000000001';

describe.each(eachDatabase())('a stage on $name', (engine) => {
  let test: TestDatabase;
  let universe = 0;
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  const it_ = it.skipIf(engine.skipped);

  const open = () => {
    universe += 1;
    const number = universe;
    const tenant = `dddddddd-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const random = seededRandom(1_000 + number);
    const licence = number * 10;
    const options = (more: Partial<StageOptions> = {}): StageOptions => ({
      portal: `portal-${number}`,
      tenant,
      ticket: random.uuid(),
      mode: 'full',
      licences: [licence],
      random,
      ...more,
    });
    const publish = async (persons: readonly StagedPerson[], at: number, more: Partial<StageOptions> = {}) => {
      const stage = createStage(test.db, options(more));
      await stage.add(persons);
      await stage.compare();
      const counts = await test.db.write((trx) => stage.publish(trx, at));
      await stage.clear();
      return counts;
    };
    const people = () =>
      test.db.read((trx) => trx.rows(contacts, (query) => query.where({ tenant }).orderBy('object_id')));
    const rows = () =>
      test.db.read((trx) =>
        trx.rows(assignments, (query) => query.where({ licence }).orderBy('person').orderBy('valid_from')),
      );
    return { tenant, random, licence, options, publish, people, rows };
  };

  it_('M365-34: makes contacts of persons who hold an imported licence, and of no others', async () => {
    const { publish, people, licence } = open();
    const counts = await publish(
      [aPerson(1, [holding(licence)]), aPerson(2, []), aPerson(3, [holding(999_999)])],
      1_000,
    );
    expect(counts).toMatchObject({ contactsCreated: 1, factsChanged: 1, assignmentsOpened: 1 });
    expect((await people()).map(({ object_id }) => object_id)).toEqual([objectId(1)]);
  });

  it_('M365-36: links contacts to their licences, by which path and since when', async () => {
    const { publish, licence } = open();
    await publish([aPerson(1, [holding(licence), holding(licence, group.toUpperCase())])], 1_000);
    await publish([aPerson(1, [holding(licence, group)])], 2_000);
    const page = await test.db.read((trx) => holdersAsOf(trx, { licence, at: 1_500, limit: 10 }));
    expect(page.items).toMatchObject([
      {
        displayName: 'Person 1',
        paths: [
          { path: '', since: 1_000 },
          { path: group, since: 1_000, observedAt: 1_000 },
        ],
      },
    ]);
    const person = page.items[0]?.person ?? 0;
    const now = await test.db.read((trx) => assignmentsOfPerson(trx, { person }));
    expect(now.map(({ path }) => path)).toEqual([group]);
    const history = await test.db.read((trx) => assignmentsOfPerson(trx, { person, history: true }));
    expect(history.map(({ path, since, until }) => [path, since, until])).toEqual([
      ['', 1_000, 2_000],
      [group, 1_000, openEnd],
    ]);
  });

  it_('counts a person once, whatever the paths, and who waits for a seat not at all', async () => {
    const { publish, licence, people } = open();
    await publish(
      [
        aPerson(1, [holding(licence), holding(licence, group)]),
        aPerson(2, [waiting(licence, group)]),
        aPerson(3, [holding(licence), waiting(licence, group)]),
      ],
      1_000,
    );
    expect(await test.db.read((trx) => consumersOf(trx, licence))).toEqual({ holders: 2, waiting: 1, withError: 2 });
    expect(await people()).toHaveLength(3);
    const page = await test.db.read((trx) => holdersAsOf(trx, { licence, limit: 10, who: 'waiting' }));
    expect(page.items.map(({ displayName }) => displayName)).toEqual(['Person 2']);
  });

  it_('pages through holders without losing or repeating one', async () => {
    const { publish, licence } = open();
    await publish(
      Array.from({ length: 7 }, (_, index) => aPerson(index, [holding(licence), holding(licence, group)])),
      1_000,
    );
    const seen: string[] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const from: number = after;
      const page = await test.db.read((trx) => holdersAsOf(trx, { licence, after: from, limit: 3 }));
      seen.push(...page.items.map(({ displayName }) => displayName));
      after = page.next;
    }
    expect(seen.sort()).toEqual(Array.from({ length: 7 }, (_, index) => `Person ${index}`));
  });

  it_('counts moving from direct to a group as changed, not as ended', async () => {
    const { publish, options, licence } = open();
    await publish([aPerson(1, [holding(licence)]), aPerson(2, [holding(licence)])], 1_000);
    const stage = createStage(test.db, options());
    await stage.add([aPerson(1, [holding(licence, group)])]);
    expect(await stage.compare()).toEqual({ persons: 1, before: 2, opened: 0, changed: 1, ended: 1 });
    await stage.clear();
  });

  it_('leaves licences alone that the import is not about', async () => {
    const { publish, licence, rows } = open();
    await publish([aPerson(1, [holding(licence)])], 1_000);
    const counts = await publish([], 2_000, { licences: [licence + 1] });
    expect(counts.assignmentsEnded).toBe(0);
    expect((await rows()).map(({ valid_to }) => valid_to)).toEqual([openEnd]);
  });

  it_('ends the assignments of a person who was removed, in changes too', async () => {
    const { publish, licence, rows } = open();
    await publish([aPerson(1, [holding(licence)]), aPerson(2, [holding(licence)])], 1_000);
    const counts = await publish([aPerson(1, [], { removed: true })], 2_000, { mode: 'changes' });
    expect(counts).toMatchObject({ assignmentsEnded: 1, contactsUpdated: 0, factsChanged: 0 });
    expect((await rows()).map(({ valid_to }) => valid_to).sort()).toEqual([2_000, openEnd]);
  });

  it_('changes nothing by changes of nobody, and still tells how many hold', async () => {
    const { publish, options, licence, rows, people } = open();
    const waits = aPerson(3, [waiting(licence, group)]);
    await publish(
      [aPerson(1, [holding(licence), holding(licence, group)]), aPerson(2, [holding(licence)]), waits],
      1_000,
    );
    const before = [await rows(), await people()];
    const stage = createStage(test.db, options({ mode: 'changes' }));
    // Holds nothing and is no contact, so that nobody is staged.
    await stage.add([aPerson(4, [])]);
    expect(await stage.compare()).toEqual({ persons: 0, before: 2, opened: 0, changed: 0, ended: 0 });
    const counts = await test.db.write((trx) => stage.publish(trx, 2_000));
    await stage.clear();
    expect(Object.values(counts)).toEqual(Object.values(counts).map(() => 0));
    expect([await rows(), await people()]).toEqual(before);
    // The tenant's time went on all the same: what comes with a clock set back begins no earlier.
    await publish([aPerson(2, [])], 1_500, { mode: 'changes' });
    expect((await rows()).map(({ valid_to }) => valid_to).filter((end) => end !== openEnd)).toEqual([2_000]);
  });

  it_('ends everything by a full listing of nobody', async () => {
    const { publish, options, licence } = open();
    await publish([aPerson(1, [holding(licence), holding(licence, group)]), aPerson(2, [holding(licence)])], 1_000);
    const stage = createStage(test.db, options());
    expect(await stage.compare()).toEqual({ persons: 0, before: 2, opened: 0, changed: 0, ended: 2 });
    expect(await test.db.write((trx) => stage.publish(trx, 2_000))).toMatchObject({ assignmentsEnded: 3 });
    await stage.clear();
  });

  it_('compares and publishes changes of the staged persons only, whatever else is open', async () => {
    const { publish, options, licence, rows } = open();
    const both = { licences: [licence, licence + 1] };
    const three = [1, 2, 3].map((number) => aPerson(number, [holding(licence), holding(licence + 1)]));
    await publish(three, 1_000, both);
    const stage = createStage(test.db, options({ ...both, mode: 'changes' }));
    await stage.add([aPerson(1, [holding(licence + 1)]), aPerson(2, [holding(licence), holding(licence + 1, group)])]);
    expect(await stage.compare()).toEqual({ persons: 2, before: 6, opened: 0, changed: 1, ended: 1 });
    const counts = await test.db.write((trx) => stage.publish(trx, 2_000));
    await stage.clear();
    expect(counts).toMatchObject({ assignmentsEnded: 2, assignmentsOpened: 1, assignmentsChanged: 0 });
    expect((await rows()).map(({ valid_to }) => valid_to).sort()).toEqual([2_000, openEnd, openEnd]);
    // A licence that the import is not about stays as it is, also of a staged person.
    const other = await publish([aPerson(3, [])], 3_000, { licences: [licence + 1], mode: 'changes' });
    expect(other).toMatchObject({ assignmentsEnded: 1 });
    expect((await rows()).filter(({ valid_to }) => valid_to === 3_000)).toEqual([]);
  });

  it_('lets the last page win where a person comes again', async () => {
    const { options, licence, people } = open();
    const stage = createStage(test.db, options());
    await stage.add([aPerson(1, [holding(licence)]), aPerson(2, [holding(licence)])]);
    await stage.add([aPerson(1, []), aPerson(2, [holding(licence)], { displayName: 'Later' })]);
    expect((await stage.compare()).persons).toBe(1);
    await test.db.write((trx) => stage.publish(trx, 1_000));
    await stage.clear();
    expect((await people()).map(({ display_name }) => display_name)).toEqual(['Later']);
  });

  it_('lets the last page win where a person comes again after thousands of others', async () => {
    const { options, licence, people } = open();
    const stage = createStage(test.db, options());
    await stage.add([aPerson(1, [holding(licence)]), aPerson(2, [holding(licence)])]);
    // Each takes two rows: enough for the first ones to be written before they come again.
    const many = Array.from({ length: 6_000 }, (_, index) => aPerson(index + 10, [holding(licence)]));
    await stage.add(many);
    await stage.add([aPerson(1, []), aPerson(2, [holding(licence)], { displayName: 'Later' })]);
    expect((await stage.compare()).persons).toBe(6_001);
    await test.db.write((trx) => stage.publish(trx, 1_000));
    await stage.clear();
    expect((await people()).filter(({ display_name }) => display_name === 'Later')).toHaveLength(1);
  });

  it_('publishes nothing while rows are still to be written, and tells a failure to write them', async () => {
    const { options, licence, rows } = open();
    const early = createStage(test.db, options());
    await early.add([aPerson(1, [holding(licence)])]);
    await expect(test.db.write((trx) => early.publish(trx, 1_000))).rejects.toThrow('call compare before publish');
    await early.compare();
    await early.add([aPerson(1, [])]);
    await expect(test.db.write((trx) => early.publish(trx, 1_000))).rejects.toThrow('call compare before publish');
    expect((await early.compare()).persons).toBe(0);
    await early.clear();
    const broken = createStage(test.db, options());
    const odd = { ...holding(licence), holds: 'yes' as unknown as boolean };
    await broken.add([aPerson(2, [odd])]);
    await expect(broken.compare()).rejects.toMatchObject({ code: 'DATABASE_VALUE_INVALID' });
    await expect(broken.compare()).rejects.toMatchObject({ code: 'DATABASE_VALUE_INVALID' });
    await expect(test.db.write((trx) => broken.publish(trx, 1_000))).rejects.toThrow();
    await broken.clear();
    expect(await rows()).toEqual([]);
  });

  it_('publishes again harmlessly, and after a transaction that was rolled back', async () => {
    const { options, licence, rows } = open();
    const stage = createStage(test.db, options());
    await stage.add([aPerson(1, [holding(licence)])]);
    await stage.compare();
    await expect(
      test.db.write(async (trx) => {
        await stage.publish(trx, 1_000);
        throw new Error('lost');
      }),
    ).rejects.toThrow('lost');
    expect(await rows()).toEqual([]);
    const first = await test.db.write((trx) => stage.publish(trx, 1_000));
    const second = await test.db.write((trx) => stage.publish(trx, 1_000));
    expect([first.assignmentsOpened, second.assignmentsOpened, second.contactsCreated]).toEqual([1, 0, 0]);
    await stage.clear();
  });

  it_('takes the contact that another portal of the directory made meanwhile', async () => {
    const { options, licence, people, publish } = open();
    const stage = createStage(test.db, options());
    await stage.add([aPerson(1, [holding(licence)])]);
    await stage.compare();
    await publish([aPerson(1, [holding(licence + 1)])], 1_000, { portal: 'other', licences: [licence + 1] });
    const counts = await test.db.write((trx) => stage.publish(trx, 1_001));
    await stage.clear();
    expect(counts).toMatchObject({ contactsCreated: 0, assignmentsOpened: 1 });
    expect(await people()).toHaveLength(1);
  });

  it_('clears what dead runs of the portal left, and what they still added', async () => {
    const { options, licence } = open();
    const dead = createStage(test.db, options({ portal: 'dying' }));
    await dead.add([aPerson(1, [holding(licence)])]);
    const next = createStage(test.db, options({ portal: 'dying' }));
    await next.add([aPerson(2, [holding(licence)])]);
    await dead.add([aPerson(3, [holding(licence)])]);
    await next.clear();
    const last = createStage(test.db, options({ portal: 'dying' }));
    await last.compare();
    await last.clear();
    const left = await test.db.read(async (trx) => [await trx.rows(stagePersons), await trx.rows(stages)]);
    expect(left).toEqual([[], []]);
  });

  describe('first link of a contact without a directory', () => {
    interface Case {
      readonly title: string;
      readonly contacts: readonly { readonly mail?: string; readonly userPrincipalName?: string }[];
      readonly linked: number;
      readonly created: number;
      readonly ambiguous: number;
      readonly persons?: number;
    }
    const ann = 'ann@contoso.example';
    const cases: readonly Case[] = [
      { title: 'none there', contacts: [], linked: 0, created: 1, ambiguous: 0 },
      { title: 'the same mail', contacts: [{ mail: ann }], linked: 1, created: 0, ambiguous: 0 },
      {
        title: 'the same mail in other letters',
        contacts: [{ mail: ' ANN@Contoso.example ' }],
        linked: 1,
        created: 0,
        ambiguous: 0,
      },
      {
        title: 'the same user name',
        contacts: [{ userPrincipalName: 'ann.upn@contoso.example' }],
        linked: 1,
        created: 0,
        ambiguous: 0,
      },
      {
        title: 'mail and user name of one contact',
        contacts: [{ mail: ann, userPrincipalName: 'ann.upn@contoso.example' }],
        linked: 1,
        created: 0,
        ambiguous: 0,
      },
      { title: 'another mail', contacts: [{ mail: 'bob@contoso.example' }], linked: 0, created: 1, ambiguous: 0 },
      { title: 'empty fields', contacts: [{}], linked: 0, created: 1, ambiguous: 0 },
      {
        title: 'two contacts of one mail',
        contacts: [{ mail: ann }, { mail: ann }],
        linked: 0,
        created: 1,
        ambiguous: 1,
      },
      {
        title: 'mail of one, user name of another',
        contacts: [{ mail: ann }, { userPrincipalName: 'ann.upn@contoso.example' }],
        linked: 0,
        created: 1,
        ambiguous: 1,
      },
      { title: 'two persons of one mail', contacts: [{ mail: ann }], persons: 2, linked: 0, created: 2, ambiguous: 2 },
    ];
    it_.each(cases)('$title: $linked linked, $created new', async ({ contacts: before, persons = 1, ...expected }) => {
      const { publish, random, licence, people } = open();
      const keys = [];
      for (const contact of before)
        keys.push(
          await test.db.write((trx) => createContact(trx, { displayName: 'Old', ...contact }, { random, at: 500 })),
        );
      const listed = Array.from({ length: persons }, (_, index) =>
        aPerson(index, [holding(licence)], {
          displayName: 'Ann',
          mail: 'Ann@Contoso.example',
          userPrincipalName: index === 0 ? 'Ann.UPN@contoso.example' : `other${index}@contoso.example`,
        }),
      );
      const counts = await publish(listed, 1_000);
      expect(counts).toMatchObject({
        contactsLinked: expected.linked,
        contactsCreated: expected.created,
        contactsAmbiguous: expected.ambiguous,
      });
      const rows = await people();
      expect(rows).toHaveLength(persons);
      if (expected.linked === 1) expect(rows).toMatchObject([{ person: keys[0], source: 'm365', display_name: 'Ann' }]);
      expect(await publish(listed, 2_000)).toMatchObject({ contactsLinked: 0, contactsCreated: 0, contactsUpdated: 0 });
      await test.db.write((trx) => trx.remove(contacts, (query) => query.where({ tenant: '' })));
    });
  });

  it_('erases a person from every table, and no figure changes', async () => {
    const { publish, options, licence, people, random } = open();
    const canary = 'Canary7391';
    const secret = aPerson(1, [holding(licence)], {
      objectId: '73917391-0000-4000-8000-000000007391',
      displayName: `${canary} Name`,
      userPrincipalName: `${canary}@contoso.example`,
      mail: `mail.${canary}@contoso.example`,
      givenName: canary,
      surname: `von ${canary}`,
    });
    await publish([secret, aPerson(2, [holding(licence)])], 1_000);
    const before = (await people()).find(({ given_name }) => given_name === canary);
    const person = before?.person ?? 0;
    const stage = createStage(test.db, options());
    await stage.add([secret, aPerson(2, [holding(licence)])]);
    await stage.compare();
    await test.db.write((trx) => erasePerson(trx, person, { random, at: 2_000 }));
    await test.db.write((trx) => erasePerson(trx, person, { random, at: 2_001 }));
    const traces = [canary.toLowerCase(), '73917391', String(before?.fingerprint)];
    const everything = () =>
      test.db.read(async (trx) => {
        const dump: string[] = [];
        for (const { name } of catalogueTables)
          dump.push(JSON.stringify(await trx.from({ name }).select('*')).toLowerCase());
        return dump.join('\n');
      });
    const erased = await everything();
    for (const trace of traces) expect(erased).not.toContain(trace);
    expect(await test.db.read((trx) => consumersOf(trx, licence))).toMatchObject({ holders: 2 });
    expect(await test.db.read((trx) => consumersOf(trx, licence, 1_500))).toMatchObject({ holders: 2 });
    // The listing that was under way does not write the names back.
    await test.db.write((trx) => stage.publish(trx, 3_000));
    await stage.clear();
    const published = await everything();
    for (const trace of traces) expect(published).not.toContain(trace);
    await expect(test.db.write((trx) => erasePerson(trx, 1, { random, at: 1 }))).rejects.toMatchObject({
      code: 'PERSON_NOT_FOUND',
    });
  });

  it_('brings an erased person back as somebody new', async () => {
    const { publish, licence, people, random, rows } = open();
    await publish([aPerson(1, [holding(licence)])], 1_000);
    const old = (await people())[0]?.person ?? 0;
    await test.db.write((trx) => erasePerson(trx, old, { random, at: 2_000 }));
    await publish([aPerson(1, [holding(licence)])], 3_000);
    const [again] = await people();
    expect(again?.person).not.toBe(old);
    expect((await rows()).map(({ person, valid_to }) => [person === old, valid_to]).sort()).toEqual([
      [false, openEnd],
      [true, 3_000],
    ]);
  });
});
