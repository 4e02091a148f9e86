import { nameKey, type StoredItem } from '@itsm-m365/plugin-api';
import { Compile } from 'typebox/compile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PortalSettings, portalDefaults, portalFields, portalPages } from './portal-fields.ts';
import { portals } from './portals.ts';
import { canary, openWorld, portalId, type World } from './testing/world.ts';

interface Hints {
  readonly title?: { readonly en: string; readonly de: string };
  readonly description?: { readonly en: string; readonly de: string };
  readonly group?: string;
  readonly widget?: string;
  readonly labels?: Readonly<Record<string, { readonly en: string }>>;
  readonly choices?: { readonly filter: { readonly title: { readonly en: string } } };
  readonly order?: number;
  readonly pages?: typeof portalPages;
}

const hintsOf = (schema: object): Hints => ('ui' in schema ? (schema.ui as Hints) : {});
const field = (name: keyof PortalSettings): Hints => hintsOf(portalFields.properties[name]);
const fieldsOf = (group: string): string[] =>
  Object.entries(portalFields.properties)
    .filter(([, schema]) => hintsOf(schema).group === group)
    .map(([name]) => name);

describe('the portals section', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(undefined, { users: 10, portal: false });
  });
  afterEach(() => world.close());

  const typed = (patch: Partial<PortalSettings> = {}): PortalSettings => ({
    ...portalDefaults,
    exclusions: [],
    name: 'Contoso',
    tenantId: world.tenant.tenantId,
    clientId: world.tenant.clientId,
    credential: { type: 'secret', value: canary as never, validUntil: '2099-12-31' },
    ...patch,
  });
  const stored = (id: string, name: string): StoredItem<PortalSettings> => ({ id, value: typed({ name }), version: 1 });
  const problems = async (
    patch: Partial<PortalSettings>,
    others: readonly StoredItem<PortalSettings>[] = [],
    id?: string,
  ) => {
    const secrets = { ...world.harness.services.secrets, reveal: async (ref: string) => ref };
    const found = await portals.validate?.(typed(patch), {
      id,
      previous: undefined,
      others,
      services: { ...world.harness.services, secrets },
    });
    return (found ?? []).map(({ code, path }) => `${path} ${code}`);
  };

  it('M365-09: stands at System > Settings > Licence Management > Microsoft 365', () => {
    expect(portals.location?.map(({ en }) => en)).toEqual([
      'System',
      'Settings',
      'Licence Management',
      'Microsoft 365',
    ]);
    expect(portals.location?.map(({ de }) => de)).toEqual([
      'System',
      'Einstellungen',
      'Lizenzmanagement',
      'Microsoft 365',
    ]);
  });

  it('M365-12: has the wizard’s three pages in their order, and every field stands on one', () => {
    expect(hintsOf(portalFields).pages?.map(({ title }) => title.en)).toEqual([
      'General',
      'Connection information',
      'Exclusions for the import',
    ]);
    const pages = portalPages.map(({ id }) => id);
    for (const name of Object.keys(portalFields.properties))
      expect(pages).toContain(field(name as keyof PortalSettings).group);
    expect(fieldsOf('general').slice(0, 2)).toEqual(['name', 'description']);
    expect(fieldsOf('exclusions')).toEqual(['exclusions']);
  });

  it('takes a PFX file in place of a credential, and points at the field where it cannot', async () => {
    const wrong = await portals.prepare?.({ name: 'x', credential: { type: 'pfx', file: 'AAAA', password: 'p' } });
    expect(wrong?.problems).toMatchObject([{ path: '/credential/file', code: 'PFX_UNREADABLE' }]);
    const other = { name: 'x', credential: { type: 'secret', value: 's' } };
    expect(await portals.prepare?.(other)).toEqual({ value: other, problems: [] });
  });

  it('M365-13: refuses a portal without a name', async () => {
    expect(Compile(portalFields).Check({ ...typed(), name: '' })).toBe(false);
    expect(await problems({ name: '  ' })).toEqual(['/name PORTAL_NAME_MISSING']);
  });

  it('M365-14: refuses a name that another portal has, also in other case or with blanks', async () => {
    expect(await problems({ name: ' contoSO ' }, [stored('other', 'Contoso')])).toEqual(['/name PORTAL_NAME_TAKEN']);
    expect(await problems({ name: 'Contoso 2' }, [stored('other', 'Contoso')])).toEqual([]);
    expect(nameKey('Straße')).toBe(nameKey('STRASSE'));
  });

  it('M365-16: takes a portal without a description', () => {
    expect(portals.defaults.description).toBe('');
  });

  it('M365-17: labels application and directory id and says what each is', async () => {
    expect(field('clientId').title?.en).toBe('Application (client) ID');
    expect(field('tenantId').title).toEqual({ en: 'Directory (tenant) ID', de: 'Verzeichnis-ID (Mandant)' });
    expect(field('clientId').description?.en).toContain('application registered');
    expect(field('tenantId').description?.en).toContain('tenant');
    expect(await problems({ tenantId: 'contoso.onmicrosoft.com', clientId: 'app' })).toEqual([
      '/tenantId PORTAL_TENANT_INVALID',
      '/clientId PORTAL_CLIENT_INVALID',
    ]);
  });

  it('M365-18: lets the authentication type be chosen', () => {
    const types = portalFields.properties.credential.anyOf.map((branch) => branch.properties.type.const);
    expect(types).toEqual(['certificate', 'secret', 'federated']);
    expect(field('credential').group).toBe('connection');
  });

  it('M365-20: edits with the same three groups, as tabs', () => {
    expect(new Set(Object.values(portalFields.properties).map((schema) => hintsOf(schema).group))).toEqual(
      new Set(portalPages.map(({ id }) => id)),
    );
    expect(portals.kind).toBe('collection');
  });

  it('M365-21: checks an edited portal by the same rules, itself left out', async () => {
    expect(await problems({ name: 'Fabrikam' }, [stored('other', 'Fabrikam')], portalId)).toEqual([
      '/name PORTAL_NAME_TAKEN',
    ]);
    expect(
      await problems(
        { credential: { type: 'secret', value: world.tenant.tenantId as never, validUntil: '2001-01-01' } },
        [],
        portalId,
      ),
    ).toEqual(['/credential/value SECRET_VALUE_IS_ID', '/credential/validUntil SECRET_EXPIRED']);
  });

  it('stores ids in lower case, the name trimmed, each exclusion once', () => {
    const sku = '05E9A617-0261-4CEE-BB44-138D3EF5D965';
    const value = portals.normalise?.(
      typed({
        name: ' A ',
        tenantId: ` ${world.tenant.tenantId.toUpperCase()} `,
        exclusions: [sku, sku.toLowerCase()],
      }),
    );
    expect([value?.name, value?.tenantId, value?.exclusions]).toEqual([
      'A',
      world.tenant.tenantId,
      [sku.toLowerCase()],
    ]);
  });

  it('refuses an exclusion that is no SKU id', async () => {
    expect(await problems({ exclusions: ['E3'] })).toEqual(['/exclusions/0 PORTAL_EXCLUSION_INVALID']);
  });

  it('refuses another directory once data was imported', async () => {
    await world.harness.putPortal(world.portal());
    await world.harness.runOne();
    const other = '99999999-9999-4999-8999-999999999999';
    expect(await problems({ tenantId: other }, [], portalId)).toEqual(['/tenantId PORTAL_TENANT_FIXED']);
    expect(await problems({}, [], portalId)).toEqual([]);
  });

  it('binds secrets to tenant, application and cloud', () => {
    expect(portals.secretsBoundTo).toEqual(['tenantId', 'clientId', 'cloud']);
  });

  it('AUTH-15: tests a connection that was never stored', async () => {
    const report = await portals.test?.(typed(), {
      id: undefined,
      services: world.harness.services,
      reveal: async (name) => (name === 'value' ? canary : undefined),
      signal: new AbortController().signal,
    });
    expect(report?.ok).toBe(true);
    const refused = await portals.test?.(typed(), {
      id: undefined,
      services: world.harness.services,
      reveal: async () => 'wrong',
      signal: new AbortController().signal,
    });
    expect(refused?.ok).toBe(false);
    expect(JSON.stringify([report, refused])).not.toContain(canary);
  });

  it('M365-24: draws the exclusions as two lists, all available licences on the left', () => {
    expect(field('exclusions')).toMatchObject({ widget: 'transfer-list', choices: { route: '/skus' } });
    expect(field('exclusions').description?.en).toMatch(/Left: all available licences.*Right/);
  });

  it('has texts in both languages for every field', () => {
    for (const schema of Object.values(portalFields.properties)) {
      const { title } = hintsOf(schema);
      expect(title?.en && title.de).toBeTruthy();
    }
  });
});
