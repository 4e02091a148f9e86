import type { Permission, Scope, SettingsSection } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';
import { taskErrors } from '../../errors.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import type { ShownItem } from '../../settings/editor.ts';
import { valueId } from '../../settings/read.ts';
import { type Call, defineEndpoint, type Endpoint } from '../endpoint.ts';
import {
  ChangeBody,
  DraftBody,
  ItemShape,
  itemParams,
  NewBody,
  ProblemsShape,
  ReportShape,
  SectionShape,
  sectionParams,
  Version,
} from './settings-shapes.ts';

type Asking = Pick<Call<unknown, unknown, unknown>, 'allows' | 'require'>;
type Item = Static<typeof ItemShape>;

/** `m365-import.portals` holds portals: the scope of its items is of type `portal`. */
const scopeOf = (section: SettingsSection, id: string | undefined): Scope | undefined => {
  if (section.kind === 'value' || id === undefined) return undefined;
  const last = section.id.slice(section.id.lastIndexOf('.') + 1);
  return { type: last.replace(/s$/, ''), id };
};

const permit = async (ask: Asking, section: SettingsSection, permission: Permission, id: string | undefined) => {
  const scope = scopeOf(section, id);
  if (scope !== undefined && (await ask.allows(permission, scope))) return;
  await ask.require(permission);
};

const shape = (section: SettingsSection): Static<typeof SectionShape> => ({
  id: section.id,
  kind: section.kind,
  title: section.title,
  description: section.description,
  location: [...(section.location ?? [])],
  schema: section.schema,
  defaults: section.defaults,
  testable: section.test !== undefined,
  secretsBoundTo: [...(section.secretsBoundTo ?? [])],
});

const plain = ({ id, version, value, problems }: ShownItem): Item => ({ id, version, value, problems: [...problems] });

/** Settings over HTTP. Items of a collection are permitted one by one. */
export const settingsRoutes = (tasks: ServerTasks): readonly Endpoint[] => {
  const { registry } = tasks.core;
  const { settings } = tasks;
  const tag = 'settings';
  const ofKind = (id: string, kind: SettingsSection['kind']): SettingsSection => {
    const section = registry.section(id);
    if (section.kind !== kind) throw taskErrors.SETTINGS_WRONG_KIND({ section: id, kind });
    return section;
  };

  return [
    defineEndpoint({
      method: 'GET',
      path: '/settings',
      summary: 'The sections of the settings that the actor may read, with their schemas',
      tag,
      access: 'handler',
      response: Type.Object({ items: Type.Array(SectionShape) }),
      async handle(call) {
        const items = [];
        for (const section of registry.sections.values())
          if (await call.allows(section.permissions.read)) items.push(shape(section));
        return { items };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/settings/:section',
      summary: 'One section with its schema',
      tag,
      access: 'handler',
      params: sectionParams,
      response: SectionShape,
      async handle(call) {
        const section = registry.section(call.params.section);
        await call.require(section.permissions.read);
        return shape(section);
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/settings/:section/value',
      summary: 'The value of a section that has one',
      tag,
      access: 'handler',
      params: sectionParams,
      response: ItemShape,
      async handle(call) {
        const section = ofKind(call.params.section, 'value');
        await call.require(section.permissions.read);
        return plain(await settings.get(section.id, valueId));
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/settings/:section/value',
      summary: 'Changes the value of a section',
      tag,
      access: 'handler',
      params: sectionParams,
      body: ChangeBody,
      response: ItemShape,
      async handle(call) {
        const section = ofKind(call.params.section, 'value');
        await call.require(section.permissions.edit);
        const { value, ifVersion } = call.body;
        return plain(await settings.put(section.id, valueId, value, { actor: call.actor, ifVersion }));
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/settings/:section/items',
      summary: 'The items of a collection that the actor may read; those that no longer fit the schema say so',
      tag,
      access: 'handler',
      params: sectionParams,
      response: Type.Object({ items: Type.Array(ItemShape) }),
      async handle(call) {
        const section = ofKind(call.params.section, 'collection');
        const all = await call.allows(section.permissions.read);
        const items: Item[] = [];
        for (const item of await settings.list(section.id))
          if (all || (await call.allows(section.permissions.read, scopeOf(section, item.id)))) items.push(plain(item));
        return { items };
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/settings/:section/items',
      summary: 'Adds an item; secrets are sent as text',
      tag,
      access: 'handler',
      status: 201,
      params: sectionParams,
      body: NewBody,
      response: ItemShape,
      async handle(call) {
        const section = ofKind(call.params.section, 'collection');
        await call.require(section.permissions.edit);
        return plain(await settings.put(section.id, undefined, call.body.value, { actor: call.actor, ifVersion: 0 }));
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/settings/:section/items/:id',
      summary: 'One item',
      tag,
      access: 'handler',
      params: itemParams,
      response: ItemShape,
      async handle(call) {
        const section = ofKind(call.params.section, 'collection');
        await permit(call, section, section.permissions.read, call.params.id);
        return plain(await settings.get(section.id, call.params.id));
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/settings/:section/items/:id',
      summary: 'Changes an item; a secret that is left out or sent as { "stored": true } is kept',
      tag,
      access: 'handler',
      params: itemParams,
      body: ChangeBody,
      response: ItemShape,
      async handle(call) {
        const section = ofKind(call.params.section, 'collection');
        await permit(call, section, section.permissions.edit, call.params.id);
        const { value, ifVersion } = call.body;
        return plain(await settings.put(section.id, call.params.id, value, { actor: call.actor, ifVersion }));
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: '/settings/:section/items/:id',
      summary: 'Removes an item and its secrets',
      tag,
      access: 'handler',
      params: itemParams,
      query: Type.Object({ ifVersion: Version }),
      async handle(call) {
        const section = ofKind(call.params.section, 'collection');
        await permit(call, section, section.permissions.edit, call.params.id);
        const { ifVersion } = call.query;
        await settings.remove(section.id, call.params.id, { actor: call.actor, ifVersion });
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/settings/:section/validate',
      summary: 'Every problem of an input that is not saved; with `id` as a change of that item',
      tag,
      access: 'handler',
      params: sectionParams,
      body: DraftBody,
      response: Type.Object({ problems: ProblemsShape }),
      async handle(call) {
        const section = registry.section(call.params.section);
        await permit(call, section, section.permissions.edit, call.body.id);
        return { problems: [...(await settings.validate(section.id, call.body.id, call.body.value))] };
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/settings/:section/test',
      summary: 'Tests an input that is not saved; with `id`, secrets left out are the stored ones',
      tag,
      access: 'handler',
      params: sectionParams,
      body: DraftBody,
      response: ReportShape,
      async handle(call) {
        const section = registry.section(call.params.section);
        await permit(call, section, section.permissions.edit, call.body.id);
        const { actor, signal } = call;
        const report = await settings.test(section.id, call.body.id, call.body.value, { actor, signal });
        return { ok: report.ok, steps: report.steps.map((step) => ({ ...step })) };
      },
    }),
  ];
};
