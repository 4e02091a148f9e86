import { bigint, flag, guid, integer, json, nullable, text, time } from '@itsm-m365/database';
import type { Migration, MigrationContext } from '@itsm-m365/plugin-api';
import { createPending } from './pending.ts';

// Frozen: a change to a table is a migration of its own, never an edit here.
const runs: Migration = {
  id: '001-runs',
  async up(schema: MigrationContext) {
    await schema.createTable(
      'task_run',
      {
        id: guid(),
        task: text(200),
        active_key: text(200),
        cause: text(20),
        actor_id: text(200),
        actor_name: text(200),
        state: text(20),
        parent_id: nullable(guid()),
        stop_reason: nullable(text(20)),
        stopped_by: nullable(text(200)),
        timeout_minutes: integer(),
        counts: json(),
        created_at: time(),
        started_at: nullable(time()),
        ended_at: nullable(time()),
      },
      ['id'],
    );
    await schema.createIndex('task_run', ['active_key'], { name: 'task_run_active', unique: true });
    await schema.createIndex('task_run', ['created_at', 'id'], { name: 'task_run_created' });
    await schema.createIndex('task_run', ['task', 'created_at', 'id'], { name: 'task_run_task' });
    await schema.createIndex('task_run', ['state'], { name: 'task_run_state' });
    await schema.createIndex('task_run', ['parent_id'], { name: 'task_run_parent' });
    await schema.createTable(
      'task_item',
      {
        run_id: guid(),
        item_key: text(200),
        position: integer(),
        state: text(20),
        outcome: nullable(text(20)),
        ticket: nullable(guid()),
        node: nullable(text(200)),
        attempt: integer(),
        subject: nullable(json()),
        scope: nullable(json()),
        progress: nullable(json()),
        counts: nullable(json()),
        child_id: nullable(guid()),
        started_at: nullable(time()),
        ended_at: nullable(time()),
      },
      ['run_id', 'item_key'],
    );
    await schema.createTable(
      'task_lease',
      { ticket: guid(), run_id: guid(), item_key: text(200), node_id: guid(), counter: bigint() },
      ['ticket'],
    );
    await schema.createTable('task_fence', { scope: text(420), epoch: bigint() }, ['scope']);
    await schema.createTable('task_node', { id: guid(), name: text(200), started_at: time(), counter: bigint() }, [
      'id',
    ]);
  },
  async down(schema: MigrationContext) {
    for (const table of ['task_node', 'task_fence', 'task_lease', 'task_item', 'task_run'])
      await schema.dropTable(table);
  },
};

const schedules: Migration = {
  id: '002-schedules',
  async up(schema: MigrationContext) {
    await schema.createTable(
      'task_schedule',
      {
        task: text(200),
        enabled: flag(),
        schedule: nullable(json()),
        timeout_minutes: nullable(integer()),
        next_start: nullable(time()),
        last_start: nullable(time()),
        basis: text(500),
        starts: integer(),
        version: integer(),
      },
      ['task'],
    );
  },
  async down(schema: MigrationContext) {
    await schema.dropTable('task_schedule');
  },
};

const records: Migration = {
  id: '003-records',
  async up(schema: MigrationContext) {
    await schema.createTable(
      'task_log',
      {
        run_id: guid(),
        seq: integer(),
        at: time(),
        level: text(10),
        item_key: nullable(text(200)),
        message: text(1000),
        fields: json(),
      },
      ['run_id', 'seq'],
    );
    await schema.createTable(
      'task_notice',
      {
        id: guid(),
        run_id: guid(),
        item_key: nullable(text(200)),
        at: time(),
        position: integer(),
        code: text(100),
        severity: text(10),
        notice: json(),
      },
      ['id'],
    );
    await schema.createIndex('task_notice', ['run_id'], { name: 'task_notice_run' });
    await schema.createTable(
      'task_event',
      {
        event_key: text(400),
        source: text(200),
        notice: json(),
        first_at: time(),
        last_at: time(),
        sent_at: nullable(time()),
      },
      ['event_key'],
    );
    await schema.createIndex('task_event', ['last_at', 'event_key'], { name: 'task_event_last' });
    await schema.createTable(
      'task_audit',
      {
        id: guid(),
        at: time(),
        actor_id: text(200),
        actor_name: text(200),
        action: text(100),
        object: text(400),
        details: json(),
      },
      ['id'],
    );
    await schema.createIndex('task_audit', ['at', 'id'], { name: 'task_audit_at' });
  },
  async down(schema: MigrationContext) {
    for (const table of ['task_audit', 'task_event', 'task_notice', 'task_log']) await schema.dropTable(table);
  },
};

const restored: Migration = {
  id: '004-restored',
  async up(schema: MigrationContext) {
    await schema.createTable('task_mark', { place: guid(), generation: bigint(), kept: flag(), moved_at: time() }, [
      'place',
    ]);
    await schema.createTable(
      'task_restored',
      {
        id: guid(),
        active_key: text(36),
        position: integer(),
        name: text(200),
        reason: text(20),
        actor_id: text(200),
        actor_name: text(200),
        entered_at: time(),
        forgotten: json(),
        released_at: nullable(time()),
        released_by: nullable(text(200)),
        released_name: nullable(text(200)),
      },
      ['id'],
    );
    await schema.createIndex('task_restored', ['active_key'], { name: 'task_restored_active', unique: true });
    await schema.createIndex('task_restored', ['position'], { name: 'task_restored_position', unique: true });
    await schema.createIndex('task_restored', ['name'], { name: 'task_restored_name', unique: true });
    await schema.createTable(
      'task_release',
      {
        restored_id: guid(),
        plugin: text(100),
        item: text(200),
        at: time(),
        actor_id: text(200),
        actor_name: text(200),
      },
      ['restored_id', 'plugin', 'item'],
    );
  },
  async down(schema: MigrationContext) {
    for (const table of ['task_release', 'task_restored', 'task_mark']) await schema.dropTable(table);
  },
};

/** The core's own schema; its history is kept under the plugin id `server-tasks`. */
export const migrations: readonly Migration[] = [runs, schedules, records, restored, createPending];
