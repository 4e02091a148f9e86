import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { type Permission, type Route, type RouteRequest, type Services, systemActor } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyCatalogue } from './catalogue/apply-catalogue.ts';
import { prepareCatalogue } from './catalogue/load-catalogue.ts';
import { refreshSkuTitlesTask } from './plugin/refresh-task.ts';
import { skuSourceSettings } from './plugin/sku-source.ts';
import { licenceCatalogPlugin } from './plugin.ts';
import { createStage } from './stage/stage.ts';
import { openCatalogue, seededRandom } from './testing/catalogue.ts';
import { aPerson, holding } from './testing/persons.ts';
import { aPortal, aSku, e3, e5, unknownSku } from './testing/readings.ts';

const csv = [
  'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names',
  `Renamed E3,SPE_E3,${e3},PLAN,x,Plan`,
].join('\n');

describe('the plugin as data', () => {
  it('has ids under its own name, once each, and texts in both languages', () => {
    const { permissions = [], tasks = [], settings = [], routes = [] } = licenceCatalogPlugin;
    const ids = [...permissions, ...tasks, ...settings].map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^licence-catalog\.[a-z.-]+$/);
    expect(new Set(ids).size).toBe(ids.length);
    const paths = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(paths).size).toBe(paths.length);
    const known = new Set(permissions);
    for (const { permission } of routes) expect(known.has(permission)).toBe(true);
    for (const { message, remedy } of Object.values(licenceCatalogPlugin.errors?.definitions ?? {}))
      for (const text of [message, remedy]) expect(text.de).not.toBe(text.en);
  });

  it.each([
    ['/data/list.csv', true],
    ['C:\\data\\list.CSV', true],
    ['\\\\server\\share\\list.csv', false],
    ['//server/share/list.csv', false],
    ['list.csv', false],
    ['/etc/passwd', false],
  ])('takes the file %s: %s', async (file, taken) => {
    const problems = await skuSourceSettings.validate?.(
      { source: 'file', file },
      {
        id: 'value',
        previous: undefined,
        others: [],
        services: {} as Services,
      },
    );
    expect(problems?.length).toBe(taken ? 0 : 1);
  });
});

describe.each(eachDatabase())('the plugin on $name', (engine) => {
  let test: TestDatabase;
  const random = seededRandom(3);
  const portal = aPortal(1, 'Contoso');
  let e3Number = 0;
  beforeAll(async () => {
    if (engine.skipped) return;
    test = await openCatalogue(engine);
    const readings = [aSku(e3, 'SPE_E3'), aSku(e5, 'SPE_E5'), aSku(unknownSku, 'NEW_THING')];
    const input = { portal, readings, subscriptions: [], exclusions: new Set<string>(), random };
    const plan = await prepareCatalogue(test.db, input);
    e3Number = plan.licenceOf.get(e3) ?? 0;
    const options = { portal: portal.id, tenant: portal.tenant, ticket: 't', mode: 'full', random } as const;
    const stage = createStage(test.db, { ...options, licences: plan.numbers });
    await stage.add([aPerson(1, [holding(e3Number)])]);
    await stage.compare();
    await test.db.write(async (trx) => {
      await applyCatalogue(trx, plan, 1_000);
      await stage.publish(trx, 1_000);
    });
    await stage.clear();
  });
  afterAll(() => test?.close());

  const it_ = it.skipIf(engine.skipped);
  const answer = (status: number, body: string) => ({
    request: async () => ({
      statusCode: status,
      body: Object.assign(
        (async function* () {
          yield Buffer.from(body);
        })(),
        { dump: async () => undefined },
      ),
    }),
  });
  const services = (http: object = {}): Services =>
    ({ db: test.db, clock: test.clock, random, http }) as unknown as Services;

  const call = async (
    method: string,
    path: string,
    request: object = {},
    allowed: (id: string) => boolean = () => true,
  ) => {
    const route = licenceCatalogPlugin.routes?.find((one) => one.method === method && one.path === path) as Route;
    const audited: string[] = [];
    const whole = {
      params: {},
      query: {},
      body: {},
      actor: systemActor,
      signal: new AbortController().signal,
      require: async ({ id }: Permission) => {
        if (!allowed(id)) throw new Error('FORBIDDEN');
      },
      allows: async ({ id }: Permission) => allowed(id),
      audit: async ({ action }: { readonly action: string }) => {
        audited.push(action);
      },
      ...request,
    } as unknown as RouteRequest<never, never, never>;
    return { body: (await route.handle(whole, services())) as Record<string, never>, audited };
  };

  it_('pages through products, each with its licence', async () => {
    const first = await call('GET', '/products', { query: { limit: 2, portal: portal.id } });
    expect(first.body).toMatchObject({ items: [{ readOnly: true, licences: [{ units: { enabled: 10 } }] }, {}] });
    const second = await call('GET', '/products', { query: { limit: 2, after: first.body.next } });
    expect(second.body).toMatchObject({ items: [{ name: 'Contoso - NEW_THING' }] });
    expect(second.body.next).toBeUndefined();
    expect((await call('GET', '/products', { query: { search: 'new_' } })).body.items).toHaveLength(1);
    expect((await call('GET', '/products', { query: { after: 'junk' } })).body.items).toHaveLength(3);
  });

  it_('shows counts instead of persons to who may not see them', async () => {
    const ask = (allowed: (id: string) => boolean) =>
      call('GET', '/licences/:number/consumers', { params: { number: e3Number } }, allowed);
    const open = await ask(() => true);
    expect(open.body).toMatchObject({ holders: 1, hidden: false, items: [{ displayName: 'Person 1' }] });
    expect(open.audited).toEqual(['persons.view']);
    const closed = await ask((id) => id !== 'licence-catalog.persons.see');
    expect(closed.body).toEqual({ holders: 1, waiting: 0, withError: 0, hidden: true, items: [] });
  });

  it_('M365-35: lists new contacts, with their licences', async () => {
    const { body } = await call('GET', '/contacts', { query: { search: 'PERSON1@' } });
    expect(body).toMatchObject({ items: [{ displayName: 'Person 1', source: 'm365' }] });
    expect((await call('GET', '/contacts', { query: { search: 'PERSON 1' } })).body).toEqual(body);
    const [contact] = body.items as unknown as { person: number }[];
    const own = await call('GET', '/contacts/:person/assignments', { params: { person: contact?.person } });
    expect(own.body).toMatchObject({ items: [{ licence: e3Number, licenceName: 'Contoso - Microsoft 365 E3' }] });
  });

  it_('offers no consumer type m365 for products made by hand', async () => {
    expect((await call('GET', '/consumer-types')).body).toEqual({ offered: ['manual'] });
  });

  it_('tells the product of a licence, and refuses unknown ones', async () => {
    const { body } = await call('GET', '/licences/:number', { params: { number: e3Number } });
    expect(body).toMatchObject({ product: { name: 'Contoso - Microsoft 365 E3' } });
    await expect(call('GET', '/licences/:number', { params: { number: 4711 } })).rejects.toMatchObject({
      code: 'LICENCE_NOT_FOUND',
      status: 404,
    });
  });

  it_('lists unresolved SKUs, and lets a title be entered', async () => {
    const unresolved = async () => (await call('GET', '/skus', { query: { unresolved: true } })).body.items;
    expect(await unresolved()).toMatchObject([{ sku: unknownSku, partNumber: 'NEW_THING' }]);
    const { audited } = await call('PUT', '/skus/:sku', { params: { sku: unknownSku }, body: { title: 'New' } });
    expect(audited).toEqual(['sku.edit']);
    expect(await unresolved()).toEqual([]);
    await call('PUT', '/skus/:sku', { params: { sku: unknownSku }, body: { title: null } });
  });

  const refresh = (http: object, options = { source: 'microsoft', file: '' } as const) =>
    refreshSkuTitlesTask.run({
      ...services(http),
      options,
      signal: new AbortController().signal,
      fence: async () => undefined,
      progress: { report: () => undefined },
    } as unknown as Parameters<typeof refreshSkuTitlesTask.run>[0]);

  it_('refreshes titles from Microsoft, and tells what stays without one', async () => {
    const report = await refresh(answer(200, csv));
    expect(report.counts).toEqual({ listed: 1, created: 1, changed: 0, unresolved: 1 });
    expect(report.notices).toMatchObject([{ code: 'SKU_UNRESOLVED', details: { count: 1 } }]);
  });

  it_('changes nothing when the answer is an error or no list', async () => {
    await expect(refresh(answer(503, 'busy'))).rejects.toMatchObject({ code: 'SKU_LIST_UNREACHABLE' });
    await expect(refresh(answer(200, '<html>'))).rejects.toMatchObject({ code: 'SKU_LIST_INVALID' });
    const body = { csv: 'no list' };
    await expect(call('POST', '/skus/list', { body })).rejects.toMatchObject({ code: 'SKU_LIST_INVALID' });
    expect((await call('POST', '/skus/list', { body: { csv } })).body).toEqual({ listed: 1, created: 0, changed: 0 });
  });
});
