import { bigint, defineTable, guid, integer, json, longText, type RowOf, text, time, words } from '@itsm-m365/database';
import type { Migration } from '@itsm-m365/plugin-api';

/** The host's own tables, apart from the plugins': another host has its own in their place. */
export const settingTable = defineTable('host_setting', {
  section: text(200),
  id: text(100),
  version: integer(),
  value: json<unknown>(),
  changed_at: time(),
  changed_by: text(200),
});

export const secretTable = defineTable('host_secret', {
  id: guid(),
  owner: text(300),
  field: text(200),
  /** What it was entered for (tenant, cloud); authenticated with the ciphertext, so that editing it makes it unreadable. */
  bound: json<Readonly<Record<string, string>>>(),
  key_id: text(40),
  /** AES-256-GCM nonce, tag and ciphertext, each base64, joined by dots. */
  sealed: longText(),
  created_at: time(),
});

export const userTable = defineTable('host_user', {
  id: guid(),
  name: text(200),
  name_key: text(200),
  password: text(400),
  grants: json<readonly Grant[]>(),
  failures: integer(),
  locked_until: time(),
  changed_at: time(),
});

export const sessionTable = defineTable('host_session', {
  /** SHA-256 of the cookie's token: a read of this table gives nobody a session. */
  token_hash: text(64),
  user: guid(),
  created_at: time(),
  seen_at: time(),
});

/** How far this database has come; the same is noted in the data folder. See `marks.ts`. */
export const markTable = defineTable('host_mark', { id: text(20), generation: bigint() });

/** What a help desk makes of mail, as little as shows that it arrived. The id is the message's. */
export const ticketTable = defineTable('host_ticket', {
  id: guid(),
  account: guid(),
  class: text(20),
  state: text(8),
  sender: words(320),
  subject: words(500),
  text: longText(),
  attachments: integer(),
  size: bigint(),
  created_at: time(),
});
export type TicketRow = RowOf<typeof ticketTable>;

/** A right of a user: one permission or `*`, for one scope or everywhere. */
export interface Grant {
  readonly permission: string;
  readonly scope?: { readonly type: string; readonly id: string };
}

export const hostMigrations: readonly Migration[] = [
  {
    id: '001-host',
    async up(schema) {
      await schema.createTable('host_setting', settingTable.columns, ['section', 'id']);
      await schema.createTable('host_secret', secretTable.columns, ['id']);
      await schema.createTable('host_user', userTable.columns, ['id']);
      await schema.createIndex('host_user', ['name_key'], { unique: true, name: 'host_user_name' });
      await schema.createTable('host_session', sessionTable.columns, ['token_hash']);
    },
    async down(schema) {
      for (const name of ['host_session', 'host_user', 'host_secret', 'host_setting']) await schema.dropTable(name);
    },
  },
  {
    id: '002-mark',
    up: (schema) => schema.createTable('host_mark', { id: text(20), generation: bigint() }, ['id']),
    down: (schema) => schema.dropTable('host_mark'),
  },
  {
    id: '003-ticket',
    async up(schema) {
      await schema.createTable(
        'host_ticket',
        {
          id: guid(),
          account: guid(),
          class: text(20),
          state: text(8),
          sender: words(320),
          subject: words(500),
          text: longText(),
          attachments: integer(),
          size: bigint(),
          created_at: time(),
        },
        ['id'],
      );
      await schema.createIndex('host_ticket', ['created_at', 'id'], { name: 'host_ticket_created' });
    },
    down: (schema) => schema.dropTable('host_ticket'),
  },
];
