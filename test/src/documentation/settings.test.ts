import { join } from 'node:path';
import { type CloudId, clouds, hostsOf } from '@itsm-m365/graph-auth';
import { accountDefaults, receivingServer, sendingServer } from '@itsm-m365/mail-oauth';
import type { UiHints } from '@itsm-m365/plugin-api';
import { allPlugins } from '@itsm-m365/server-tasks';
import { describe, expect, it } from 'vitest';
import { table } from './markdown.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly secret?: boolean;
  readonly ui?: UiHints;
}

interface Field {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly ui: UiHints | undefined;
}

const typeOf = (schema: Schema): string => {
  if (schema.secret) return 'secret';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(', ');
  return schema.type === 'array' && schema.items !== undefined
    ? `list of ${typeOf(schema.items)}`
    : (schema.type ?? 'any');
};

const fieldsOf = (schema: Schema, prefix = ''): Field[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const own = { path, type: typeOf(field), required: schema.required?.includes(name) ?? false, ui: field.ui };
    if (field.properties !== undefined) return fieldsOf(field, path);
    const variants = field.anyOf?.filter((variant) => variant.properties !== undefined) ?? [];
    return variants.length === 0 ? [own] : variants.flatMap((variant) => fieldsOf(variant, path));
  });

const sections = allPlugins.flatMap((plugin) => [
  ...(plugin.settings ?? []),
  ...(plugin.tasks ?? []).flatMap((task) =>
    task.kind === 'work' && task.settings !== undefined ? [task.settings] : [],
  ),
]);
const unique = sections.filter((section, index) => sections.findIndex(({ id }) => id === section.id) === index);

const fields = unique.flatMap((section) =>
  fieldsOf(section.schema as Schema)
    .filter(({ path }, index, all) => all.findIndex((other) => other.path === path) === index)
    .map((field) => ({ ...field, section: section.id })),
);

const document = (): string =>
  [
    '# Settings',
    '',
    'Made from the code; a test holds both equal.',
    ...unique.flatMap((section) => [
      '',
      `## ${section.title.en} (\`${section.id}\`)`,
      '',
      section.description.en,
      '',
      table(
        ['Field', 'Title', 'Titel', 'Value', 'Required', 'Default', 'Description'],
        fields
          .filter((field) => field.section === section.id)
          .map(({ path, type, required, ui }) => {
            const standard = (section.defaults as Readonly<Record<string, unknown>>)[path];
            return [
              `\`${path}\``,
              ui?.title.en ?? '',
              ui?.title.de ?? '',
              type,
              required ? 'yes' : '',
              standard === undefined ? '' : `\`${JSON.stringify(standard)}\``,
              ui?.description?.en ?? '',
            ];
          }),
      ),
    ]),
    '',
    '## Start conditions of the server tasks',
    '',
    table(
      ['Task', 'Title', 'Titel', 'Start condition', 'Follows'],
      allPlugins.flatMap((plugin) =>
        (plugin.tasks ?? []).map((task) => [
          `\`${task.id}\``,
          task.title.en,
          task.title.de,
          JSON.stringify(task.schedule),
          task.kind === 'work' ? (task.follows ?? '') : '',
        ]),
      ),
    ),
    '',
  ].join('\n');

/** Where an account without servers of its own connects to. */
const mailServers = () => {
  const account = { ...accountDefaults, name: 'x', mailbox: 'x@example.com' };
  const receiving = (protocol: 'imap' | 'pop') =>
    receivingServer({ ...account, receiving: { ...account.receiving, protocol } });
  return (
    [
      ['mail accounts that fetch by IMAP', receiving('imap')],
      ['mail accounts that fetch by POP3', receiving('pop')],
      ['mail accounts that send by SMTP', sendingServer(account)],
    ] as const
  ).flatMap(([feature, server]) => (server === undefined ? [] : [[feature, server] as const]));
};

const hosts = (): string =>
  [
    '# Hosts and ports',
    '',
    'What has to be reachable, for each cloud; made from the code. Outbound only; HTTPS on port 443, and for mail the protocols that accounts use.',
    '',
    table(
      ['Cloud', 'Feature', 'Host', 'Port'],
      (Object.keys(clouds) as CloudId[]).flatMap((cloud) =>
        hostsOf(cloud).map((host) => [cloud, 'sign-in of the app, import, connection test', `\`${host}\``, '443']),
      ),
    ),
    '',
    table(
      ['Cloud', 'Feature', 'Host', 'Port'],
      [
        ['all', 'refresh of SKU titles (optional; a file does as well)', '`download.microsoft.com`', '443'],
        ...mailServers().map(([feature, { host, port }]) => ['global', feature, `\`${host}\``, String(port)]),
      ],
    ),
    '',
  ].join('\n');

describe('settings', () => {
  it.each(fields)('$section has a title in English and German for $path', ({ ui }) => {
    expect(ui?.title.en).toBeTruthy();
    expect(ui?.title.de).toBeTruthy();
  });

  it('docs/settings.md equals the code', async () => {
    await expect(document()).toMatchFileSnapshot(join(docs, 'settings.md'));
  });

  it('docs/hosts.md equals the code', async () => {
    await expect(hosts()).toMatchFileSnapshot(join(docs, 'hosts.md'));
  });
});
