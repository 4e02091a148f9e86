import { describe, expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { errorOf, graphOf, type Item, itemsOf, json, nextOf } from '../testing/client.ts';

const simulator = createSimulator({ users: 250 });
const graph = graphOf(simulator);
const { tenant } = simulator;
const advanced = { consistencylevel: 'eventual' };
const errorCode = (target: string, headers = {}) => [
  graph(target, headers).status,
  errorOf(graph(target, headers)).code,
];

describe('listing users', () => {
  test('gives the eleven default properties, a hundred users, and a nextLink with the real host', () => {
    const reply = graph('/users');
    const [first = {}] = itemsOf(reply);
    expect(Object.keys(first).sort()).toEqual(
      ['businessPhones', 'displayName', 'givenName', 'id', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation'].concat([
        'preferredLanguage',
        'surname',
        'userPrincipalName',
      ]),
    );
    expect(itemsOf(reply)).toHaveLength(100);
    expect(nextOf(reply)).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?\$skiptoken=/);
    expect(json(reply)['@odata.context']).toBe('https://graph.microsoft.com/v1.0/$metadata#users');
  });

  test('gives the selected properties and no others, not even the id', () => {
    const items = itemsOf(graph('/users?$select=displayName,ACCOUNTENABLED&$top=3'));
    expect(items.map((item) => Object.keys(item))).toEqual(Array(3).fill(['displayName', 'accountEnabled']));
  });

  test('walks every user once, carrying the options in the link', () => {
    const pages = graph.walk('/users?$top=60&$select=id,licenseAssignmentStates');
    expect(pages.map((page) => itemsOf(page).length)).toEqual([60, 60, 60, 60, 10]);
    expect(nextOf(pages[0] ?? { status: 0, headers: {}, body: '{}' })).toContain('$top=60');
    const ids = pages.flatMap(itemsOf).map((item) => item.id);
    expect(new Set(ids).size).toBe(250);
    expect(ids).toEqual([...tenant.truth.users()].map((user) => user.id));
  });

  test('refuses an unknown property with 400 and one outside the directory with 501', () => {
    expect(errorCode('/users?$select=id,shoeSize')).toEqual([400, 'BadRequest']);
    for (const name of ['aboutMe', 'mailboxSettings', 'skills', 'hireDate']) {
      expect(errorCode(`/users?$select=${name}`)).toEqual([501, 'NotImplemented']);
    }
  });

  test('clamps $top to 999 and refuses a $top that is no number', () => {
    const big = graphOf(createSimulator({ users: 1_200 }));
    expect(itemsOf(big('/users?$top=5000&$select=id'))).toHaveLength(999);
    expect(errorCode('/users?$top=0')).toEqual([400, 'BadRequest']);
    expect(errorCode('/users?$top=x')).toEqual([400, 'BadRequest']);
  });

  test.each(['$skip=5', '$expand=manager', '$search="displayName:a"', '$orderby=displayName'])(
    'refuses %s',
    (option) => {
      expect(errorCode(`/users?${option}`, advanced)).toEqual([400, 'Request_UnsupportedQuery']);
    },
  );

  test('refuses a damaged $skiptoken, and one of another tenant', () => {
    const next = nextOf(graph('/users?$top=5'));
    expect(errorCode(next.slice(0, -3))).toEqual([400, 'Request_BadRequest']);
    const other = graphOf(createSimulator({ tenants: [{ users: 20 }] }));
    expect(other(next).status).toBe(400);
  });

  test('lets a $skiptoken expire when it was given a lifetime', () => {
    const short = createSimulator({ pageTokenLifetimeSeconds: 60 });
    const ask = graphOf(short);
    const next = nextOf(ask('/users?$top=5'));
    expect(ask(next).status).toBe(200);
    short.advance(61_000);
    expect(errorOf(ask(next)).code).toBe('Directory_ExpiredPageToken');
  });
});

describe('counting', () => {
  test('needs ConsistencyLevel as a segment, and is ignored without it as an option', () => {
    expect(errorCode('/users/$count')).toEqual([400, 'Request_BadRequest']);
    expect(graph('/users/$count', advanced)).toMatchObject({ status: 200, body: '250' });
    expect(json(graph('/users?$count=true&$top=5'))).not.toHaveProperty('@odata.count');
  });

  test('appears on the first page only', () => {
    const [first, second] = graph.walk('/users?$count=true&$top=200', advanced).map(json);
    expect(first).toHaveProperty('@odata.count', 250);
    expect(second).not.toHaveProperty('@odata.count');
  });
});

describe('filtering', () => {
  const found = (filter: string, headers = {}) =>
    itemsOf(graph(`/users?$top=999&$count=true&$filter=${encodeURIComponent(filter)}`, headers)).length;
  const truth = [...tenant.truth.users()];

  test('by default knows eq, startsWith, in, ge, le, any', () => {
    const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    expect(found('accountEnabled eq false')).toBe(truth.filter((user) => !user.accountEnabled).length);
    expect(found("userType eq 'Guest'")).toBe(15);
    expect(found('userType eq null')).toBe(5);
    expect(found(`assignedLicenses/any(x:x/skuId eq ${e3})`)).toBe([...tenant.truth.holders(e3)].length);
    expect(found("startsWith(displayName,'an') or department in ('Sales','Legal')")).toBeGreaterThan(10);
    expect(found("userType eq 'Member' and (department eq 'Sales' or department eq 'Legal')")).toBeGreaterThan(5);
    expect(found('createdDateTime ge 2019-01-01T00:00:00Z')).toBe(250);
    expect(found(`id eq '${truth[3]?.id}'`)).toBe(1);
  });

  test.each([
    "userType ne 'Guest'",
    "not(userType eq 'Guest')",
    "endsWith(mail,'.example')",
    'assignedLicenses/$count eq 0',
    "companyName eq 'Partner'",
  ])('knows %s as an advanced query only', (filter) => {
    expect(errorCode(`/users?$count=true&$filter=${encodeURIComponent(filter)}`)).toEqual([
      400,
      'Request_UnsupportedQuery',
    ]);
    expect(errorCode(`/users?$filter=${encodeURIComponent(filter)}`, advanced)[0]).toBe(400);
    expect(found(filter, advanced)).toBeGreaterThan(0);
  });

  test('finds the unlicensed with an advanced query', () => {
    expect(found('assignedLicenses/$count eq 0', advanced)).toBe(truth.filter((user) => user.held.length === 0).length);
  });

  test('fails on page 2 when ConsistencyLevel is not sent again', () => {
    const filter = encodeURIComponent("userType ne 'Guest'");
    const next = nextOf(graph(`/users?$count=true&$top=5&$filter=${filter}`, advanced));
    expect(graph(next).status).toBe(400);
    expect(graph(next, advanced).status).toBe(200);
  });

  test.each(["licenseAssignmentStates/any(x:x/state eq 'Error')", 'displayName', "displayName eq 'a' )", 'a $$'])(
    'refuses %s',
    (filter) => {
      expect(graph(`/users?$filter=${encodeURIComponent(filter)}`).status).toBe(400);
    },
  );

  test('reads an index that lags behind by the given time', () => {
    const lagging = createSimulator({ indexLagSeconds: 60, clock: { now: () => 0 } });
    lagging.advance(1_000_000);
    const ask = graphOf(lagging);
    const id = lagging.tenant.addUser({ department: 'Nowhere' });
    const hits = () => itemsOf(ask("/users?$count=true&$filter=department eq 'Nowhere'", advanced)).length;
    expect([hits(), itemsOf(ask("/users?$filter=department eq 'Nowhere'")).length]).toEqual([0, 1]);
    lagging.advance(61_000);
    expect(hits()).toBe(1);
    lagging.tenant.removeUser(id);
    expect(hits()).toBe(1);
  });
});

describe('one user', () => {
  test('is found by id in any case and by user principal name', () => {
    const [user] = tenant.truth.users();
    expect(json(graph(`/users/${user?.id.toUpperCase()}?$select=id,displayName`))).toMatchObject({
      id: user?.id,
      displayName: user?.displayName,
    });
    expect(json(graph(`/users/${user?.userPrincipalName}`))).toMatchObject({ id: user?.id });
  });

  test('is 404 when unknown or removed', () => {
    expect(errorCode(`/users/${crypto.randomUUID()}`)).toEqual([404, 'Request_ResourceNotFound']);
    const id = tenant.addUser();
    tenant.removeUser(id);
    expect(graph(`/users/${id}`).status).toBe(404);
  });
});

describe('sign-in activity', () => {
  test('needs AuditLog.Read.All and a premium tenant, and halves the page', () => {
    expect(errorCode('/users?$select=id,signInActivity')).toEqual([403, 'Authorization_RequestDenied']);
    const roles = ['User.Read.All', 'AuditLog.Read.All'];
    const rich = graphOf(createSimulator({ tenants: [{ users: 600, apps: [{ roles }] }] }));
    expect(itemsOf(rich('/users?$select=signInActivity&$top=999'))).toHaveLength(500);
    const poor = graphOf(createSimulator({ tenants: [{ users: 20, premium: false, apps: [{ roles }] }] }));
    expect(errorOf(poor('/users?$select=signInActivity')).code).toBe(
      'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    );
  });
});

test('agent users announce their type whatever is selected', () => {
  const agents = graph
    .walk('/users?$select=id')
    .flatMap(itemsOf)
    .filter((item: Item) => '@odata.type' in item);
  expect(agents).toHaveLength(5);
  expect(agents[0]?.['@odata.type']).toBe('#microsoft.graph.agentUser');
});
