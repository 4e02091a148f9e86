import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type CloudName, clouds, createSimulator, defaultCatalogue } from './index.ts';
import { deltaOf, graphOf, json, requestToken } from './testing/client.ts';
import * as schema from './testing/schema.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
const roles = ['User.Read.All', 'Organization.Read.All', 'Group.Read.All'];

const answersOf = (cloud: CloudName) => {
  const simulator = createSimulator({ tenants: [{ users: 260, cloud, apps: [{ roles }] }] });
  const { tenant } = simulator;
  const graph = graphOf(simulator);
  const select = `$select=${schema.allUserProperties.join(',')}`;
  const first = tenant.userIdAt(0);
  const round = graph.walk(`/users/delta?${select}`);
  tenant.removeUser(tenant.userIdAt(1));
  tenant.updateUser(first, { department: 'Changed' });
  const changes = graph(deltaOf(round.at(-1) ?? { status: 0, headers: {}, body: '{}' }));
  return {
    subscribedSkus: [graph('/subscribedSkus')],
    subscriptions: [graph('/directory/subscriptions')],
    organization: [graph('/organization')],
    users: [...graph.walk(`/users?${select}&$count=true`, { consistencylevel: 'eventual' }), graph('/users')],
    delta: [...round, changes],
    groups: [...graph.walk('/groups?$top=5'), graph('/groups?$count=true', { consistencylevel: 'eventual' })],
    group: [graph(`/groups/${tenant.groups[0]?.id}`)],
    errors: [graph('/users?$skip=1'), graph('/users/nobody'), graph('/nothing'), graph.post('/users', {})],
    token: [requestToken(simulator)],
    entraErrors: [requestToken(simulator, {}), requestToken(simulator, {}, { name: 'nowhere' })],
  };
};

type Kind = keyof ReturnType<typeof answersOf>;

const own: Readonly<Record<Kind, object>> = {
  subscribedSkus: schema.collectionOf(schema.subscribedSku),
  subscriptions: schema.collectionOf(schema.companySubscription),
  organization: schema.collectionOf(schema.organization),
  users: schema.collectionOf(schema.user),
  delta: schema.deltaPage,
  groups: schema.collectionOf(schema.group),
  group: schema.group,
  errors: schema.graphError,
  token: schema.token,
  entraErrors: schema.entraError,
};

describe.each(Object.keys(clouds) as CloudName[])('every answer of %s', (cloud) => {
  const answers = answersOf(cloud);
  test.each(Object.keys(own) as Kind[])('%s fits the schema of this package', (kind) => {
    const validate = ajv.compile(own[kind]);
    for (const reply of answers[kind]) expect([validate(json(reply)), validate.errors]).toEqual([true, null]);
  });
});

const reference = process.env.GRAPH_REFERENCE_DIR ?? '';
const schemaFile = join(reference, 'graph-schema', 'graph-v1.0-license-slices.schema.json');

describe.skipIf(reference === '' || !existsSync(schemaFile))('the reference data in GRAPH_REFERENCE_DIR', () => {
  const names: Readonly<Record<Kind, string>> = {
    subscribedSkus: 'subscribedSkuCollectionResponse',
    subscriptions: 'companySubscriptionCollectionResponse',
    organization: 'organizationCollectionResponse',
    users: 'userCollectionResponse',
    delta: 'userDeltaResponse',
    groups: 'groupCollectionResponse',
    group: 'microsoft.graph.group',
    errors: 'microsoft.graph.ODataErrors.ODataError',
    token: 'entraTokenResponse',
    entraErrors: 'entraErrorResponse',
  };

  test.each(Object.entries(names))('agrees with the answers of %s', (kind, name) => {
    const document = JSON.parse(readFileSync(schemaFile, 'utf8')) as { readonly $id: string };
    const strict = new Ajv2020({ strict: false, validateFormats: false });
    strict.addSchema(document);
    const validate = strict.getSchema(`${document.$id}#/$defs/${name}`);
    for (const reply of answersOf('global')[kind as Kind]) {
      expect([validate?.(json(reply)), validate?.errors]).toEqual([true, null]);
    }
  });

  test('knows the SKU ids and part numbers of the generated products', () => {
    const rows = readFileSync(join(reference, 'sku-catalog.csv'), 'utf8').toLowerCase();
    for (const sku of defaultCatalogue.filter((entry) => !entry.skuPartNumber.startsWith('SIMULATED'))) {
      expect(rows).toContain(`${sku.skuPartNumber.toLowerCase()},${sku.skuId}`);
      for (const plan of sku.servicePlans ?? []) {
        expect(rows).toContain(`${plan.servicePlanName.toLowerCase()},${plan.servicePlanId}`);
      }
    }
  });
});
