import { flag, guid, integer, longText, nullable, text, time } from '@itsm-m365/database';
import type { Migration } from '@itsm-m365/plugin-api';

const names = ['m365_group', 'm365_notice_sent', 'm365_confirmation', 'm365_sku', 'm365_portal_state'] as const;

/** Shapes are frozen here, so that a later change of `tables.ts` does not change the past. */
export const migration: Migration = {
  id: '001-import',
  async up(schema) {
    await schema.createTable(
      'm365_portal_state',
      {
        portal: guid(),
        name: text(100),
        tenant: guid(),
        cloud: text(16),
        first_seen_at: time(),
        last_attempt_at: time(),
        last_run: text(64),
        last_complete_at: nullable(time()),
        last_full_at: nullable(time()),
        delta_link: longText(),
        fingerprint: text(64),
        users: integer(),
        failed_code: text(80),
        failed_at: nullable(time()),
        held_kind: text(16),
        held_count: integer(),
        held_of: integer(),
        held_at: nullable(time()),
        removed_at: nullable(time()),
      },
      ['portal'],
    );
    await schema.createTable(
      'm365_sku',
      {
        portal: guid(),
        sku: guid(),
        part_number: text(120),
        applies_to: text(16),
        listed: flag(),
        imported: flag(),
        consumed: integer(),
        counted: integer(),
        seen_at: time(),
      },
      ['portal', 'sku'],
    );
    await schema.createTable(
      'm365_confirmation',
      {
        id: guid(),
        portal: guid(),
        kind: text(16),
        removals: integer(),
        actor: text(100),
        actor_name: text(200),
        created_at: time(),
        used_run: text(64),
      },
      ['id'],
    );
    await schema.createIndex('m365_confirmation', ['portal', 'used_run'], { name: 'm365_confirmation_waiting' });
    await schema.createTable('m365_notice_sent', { portal: guid(), key_name: text(200), sent_at: time() }, [
      'portal',
      'key_name',
    ]);
    await schema.createTable('m365_group', { tenant: guid(), group_id: guid(), name: text(256), read_at: time() }, [
      'tenant',
      'group_id',
    ]);
  },
  async down(schema) {
    for (const name of names) await schema.dropTable(name);
  },
};
