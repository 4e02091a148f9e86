import { describe, expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { errorOf, graphOf, itemsOf, json, nextOf } from '../testing/client.ts';

const make = (roles: readonly string[]) => createSimulator({ tenants: [{ users: 10, apps: [{ roles }] }] });
const simulator = make(['GroupMember.Read.All']);
const { tenant, faults } = simulator;
const graph = graphOf(simulator);
const ids = () => tenant.groups.map(({ id }) => id);

describe('a listing of groups', () => {
  test.each([
    ['GroupMember.Read.All', 200],
    ['Group.Read.All', 200],
    ['Directory.Read.All', 200],
    ['User.Read.All', 403],
    ['Organization.Read.All', 403],
  ])('with the role %s is answered %d', (role, status) => {
    const reply = graphOf(make([role]))('/groups?$top=1&$select=id');
    expect(reply.status).toBe(status);
    if (status === 403) expect(errorOf(reply).code).toBe('Authorization_RequestDenied');
  });

  test('answers the probe of a connection test with one id and a link to the others', () => {
    const reply = graph('/groups?$top=1&$select=id');
    expect(itemsOf(reply)).toEqual([{ id: tenant.groups[0]?.id }]);
    expect(nextOf(reply)).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/groups\?\$select=id&\$top=1&\$skiptoken=/);
    expect(json(reply)['@odata.context']).toBe('https://graph.microsoft.com/v1.0/$metadata#groups(id)');
    expect(reply.headers['x-ms-resource-unit']).toBe('1');
  });

  test('gives every group once, page by page', () => {
    const pages = graph.walk('/groups?$top=7&$select=id,displayName');
    expect(pages.map((page) => itemsOf(page).length).slice(0, -1)).toEqual(pages.slice(1).map(() => 7));
    expect(pages.flatMap(itemsOf)).toEqual(tenant.groups.map(({ id, displayName }) => ({ id, displayName })));
  });

  test('has pages of 100 by default and of 999 at most, or refuses more when the fault says so', () => {
    for (let at = tenant.groups.length; at < 1_100; at += 1) tenant.addGroup(`Group ${at}`);
    const sizes = (query: string) => graph.walk(`/groups?$select=id${query}`).map((page) => itemsOf(page).length);
    expect(sizes('').slice(0, 2)).toEqual([100, 100]);
    expect(sizes('&$top=5000')).toEqual([999, 101]);
    const fault = faults.enable('top-over-maximum-refused');
    expect(errorOf(graph('/groups?$top=1000')).code).toBe('Request_UnsupportedQuery');
    fault.disable();
  });

  test.each(['$top=0', '$top=x', '$select=members', '$filter=id eq 1', '$skip=1', '$skiptoken=nonsense'])(
    'refuses %s',
    (query) => {
      expect(graph(`/groups?${query}`).status).toBe(400);
    },
  );

  test('does not continue with a token of the listing of users, nor that with one of groups', () => {
    const reader = graphOf(make(['Directory.Read.All']));
    const swap = (from: string, to: string) => nextOf(reader(`/${from}?$top=1`)).replace(`/${from}?`, `/${to}?`);
    expect([reader(swap('users', 'groups')).status, reader(swap('groups', 'users')).status]).toEqual([400, 400]);
  });

  test('counts in an advanced query alone', () => {
    expect(json(graph('/groups?$count=true'))).not.toHaveProperty('@odata.count');
    const advanced = graph('/groups?$count=true', { consistencylevel: 'eventual' });
    expect(json(advanced)['@odata.count']).toBe(ids().length);
  });

  test('knows the faults of listings', () => {
    const walk = () => graph.walk('/groups?$top=999&$select=id');
    const during = (name: Parameters<typeof faults.enable>[0]) => {
      const fault = faults.enable(name, { endpoint: 'groups' });
      const pages = walk();
      fault.disable();
      return pages;
    };
    expect(during('empty-page').flatMap((page) => itemsOf(page).map(({ id }) => id))).toEqual(ids());
    expect(during('partial-listing')).toHaveLength(1);
    expect(errorOf(during('expired-page-token')[1] ?? graph('/groups')).code).toBe('Directory_ExpiredPageToken');
    const foreign = faults.enable('foreign-next-link', { endpoint: 'groups' });
    expect(nextOf(graph('/groups?$top=1'))).toContain('https://graph.example.net/');
    foreign.disable();
  });
});
