import { bigint, flag, guid, integer, json, longText, nullable, text, time, words } from '@itsm-m365/database';
import type { Migration } from '@itsm-m365/plugin-api';

const created = ['mail_state', 'mail_grant', 'mail_sign_in', 'mail_message', 'mail_outbox', 'mail_recipient_hour'];

export const migration: Migration = {
  id: '001-mail',
  async up(schema) {
    await schema.createTable(
      'mail_state',
      {
        account: guid(),
        name: words(100),
        position: nullable(json()),
        position_at: nullable(time()),
        cursor_state: text(16),
        cursor_detail: text(400),
        last_attempt_at: nullable(time()),
        last_complete_at: nullable(time()),
        last_run: text(64),
        failed_code: text(80),
        failed_at: nullable(time()),
        checked_at: nullable(time()),
        check_code: text(80),
        removed_at: nullable(time()),
      },
      ['account'],
    );
    await schema.createTable(
      'mail_grant',
      {
        account: guid(),
        refresh_token: text(200),
        tenant: text(100),
        client: guid(),
        user_id: guid(),
        user_name: text(320),
        scopes: text(1000),
        signed_in_at: time(),
        signed_in_by: text(100),
        renewed_at: time(),
        state: text(8),
        failed_code: text(80),
        failed_number: integer(),
        failed_at: nullable(time()),
        claim: text(64),
        version: integer(),
      },
      ['account'],
    );
    await schema.createTable(
      'mail_sign_in',
      {
        id: text(64),
        account: guid(),
        kind: text(8),
        actor: text(100),
        binding: text(64),
        redirect: text(1000),
        proof: text(200),
        created_at: time(),
        expires_at: time(),
        used_at: nullable(time()),
      },
      ['id'],
    );
    await schema.createTable(
      'mail_message',
      {
        account: guid(),
        message_key: text(400),
        id: guid(),
        state: text(12),
        attempts: integer(),
        class: text(20),
        message_id: text(998),
        subject: words(500),
        sender: text(320),
        content: text(64),
        size: bigint(),
        seen_at: time(),
        changed_at: time(),
        failed_code: text(80),
        acknowledged: flag(),
      },
      // The key first: were it the account, SQLite would walk all messages of one rather than use an index that is narrower.
      ['message_key', 'account'],
    );
    // What comes again, what waits for a person, what is still to be acknowledged.
    await schema.createIndex('mail_message', ['account', 'state', 'acknowledged'], { name: 'mail_message_state' });
    // Whether a message was taken before its cursor was reset.
    await schema.createIndex('mail_message', ['content', 'account'], { name: 'mail_message_content' });
    await schema.createTable(
      'mail_outbox',
      {
        id: guid(),
        account: guid(),
        event_key: text(200),
        message_id: text(200),
        from_address: text(320),
        recipients: json(),
        subject: words(500),
        mime: longText(),
        size: bigint(),
        automatic: flag(),
        state: text(12),
        attempts: integer(),
        next_at: time(),
        created_at: time(),
        changed_at: time(),
        sent_at: nullable(time()),
        failed_code: text(80),
        reply: text(1000),
        claim: text(64),
      },
      ['id'],
    );
    await schema.createIndex('mail_outbox', ['account', 'event_key'], { name: 'mail_outbox_event', unique: true });
    await schema.createIndex('mail_outbox', ['account', 'state', 'next_at'], { name: 'mail_outbox_due' });
    await schema.createTable(
      'mail_recipient_hour',
      { account: guid(), recipient: text(64), hour: time(), count: integer() },
      ['account', 'recipient', 'hour'],
    );
  },
  async down(schema) {
    for (const name of [...created].reverse()) await schema.dropTable(name);
  },
};
