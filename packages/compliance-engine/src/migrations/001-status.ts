import { bigint, guid, integer, json, nullable, text, time } from '@itsm-m365/database';
import type { Migration } from '@itsm-m365/plugin-api';

/** Shapes are frozen here: a later change of `tables.ts` does not change the past. */
export const statusMigration: Migration = {
  id: '001-status',
  up: async (schema) => {
    await schema.createTable(
      'lic_status',
      {
        subject: guid(),
        kind: text(8),
        valid_from: time(),
        valid_to: time(),
        status: text(24),
        reason: text(24),
        cause: text(60),
        required: nullable(bigint()),
        available: nullable(bigint()),
        balance: nullable(bigint()),
        consumers: nullable(bigint()),
        waiting: nullable(bigint()),
        consumed_reported: nullable(bigint()),
        enabled: nullable(bigint()),
        warning: nullable(bigint()),
        suspended: nullable(bigint()),
        trial: nullable(bigint()),
        rests_on: text(24),
        rests_until: nullable(time()),
        explanation: json(),
        print: text(64),
        data_as_of: nullable(time()),
        run: text(40),
      },
      ['subject', 'valid_from'],
    );
    // The open intervals of all subjects: the list. Also the backstop against two open intervals of one subject.
    await schema.createIndex('lic_status', ['valid_to', 'subject'], { name: 'lic_status_open', unique: true });
    await schema.createTable(
      'lic_recalculation',
      {
        number: integer(),
        run: text(40),
        started_at: time(),
        finished_at: time(),
        actor: text(100),
        trigger: text(12),
        rule: json(),
        inputs: json(),
        counts: json(),
      },
      ['number'],
    );
  },
  down: async (schema) => {
    await schema.dropTable('lic_recalculation');
    await schema.dropTable('lic_status');
  },
};
