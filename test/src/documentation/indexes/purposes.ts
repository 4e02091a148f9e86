/** Why an index is there: who asks, and a query of that kind, which has to use it. */
export interface Purpose {
  readonly serves: string;
  readonly query: string;
}

/** Indexes that are the tables themselves are listed for tables that grow with persons, runs or years. */
export const primaryKeys: Readonly<Record<string, Purpose>> = {
  lic_assignment: {
    serves: 'Consumers of a licence: counted in the order of the key, read in pages by person; the history of a pair.',
    query: 'select count(distinct person) from lic_assignment where licence = 1 and valid_to = 9',
  },
  lic_contact: {
    serves: 'Names for a page of holders; contacts in pages by key.',
    query: 'select * from lic_contact where person > 1 order by person limit 50',
  },
  lic_person_fact: {
    serves: 'The facts of a person at an instant.',
    query: 'select * from lic_person_fact where person = 1 and valid_from <= 5 and valid_to > 5',
  },
  lic_position: {
    serves: 'The quantities of a licence at an instant.',
    query: 'select * from lic_position where licence = 1 and valid_from <= 5 and valid_to > 5',
  },
  lic_subscription: {
    serves: 'The subscriptions of a portal, compared with a new list.',
    query: "select * from lic_subscription where portal = 'p' and valid_to = 9",
  },
  lic_stage_person: {
    serves: 'Staged persons in the order in which they came; removal of a stage.',
    query: 'select * from lic_stage_person where stage = 1 and seq > 0 and seq <= 20000',
  },
  lic_stage_assignment: {
    serves: 'Staged assignments of a person, counted by pair of person and licence.',
    query:
      'select seq, licence, max(holds) from lic_stage_assignment where stage = 1 and seq > 0 and seq <= 9 group by seq, licence',
  },
  lic_stage_key: {
    serves: 'Comparison and publication, in ranges of the person’s key.',
    query: 'select seq from lic_stage_key where stage = 1 and person > 0 and person <= 9',
  },
  lic_status: {
    serves: 'The history of a status.',
    query: "select * from lic_status where subject = 's' order by valid_from desc",
  },
  lic_evidence: {
    serves: 'The raw answer of a run, for an auditor.',
    query: "select sha256 from lic_evidence where run = 'r' and portal = 'p' and kind = 'k'",
  },
  mail_message: {
    serves: 'Whether a listed message is known; the rows of an account.',
    query: "select * from mail_message where account = 'a' and message_key in ('k', 'l')",
  },
  task_log: {
    serves: 'The log of a run, in pages.',
    query: "select * from task_log where run_id = 'r' and seq > 0 order by seq limit 100",
  },
};

export const indexes: Readonly<Record<string, Purpose>> = {
  ix_lic_assignment_person: {
    serves: 'What a person holds; changes of the few persons of a delta, whatever the number of licences.',
    query: 'select * from lic_assignment where person = 1 and valid_to = 9',
  },
  uq_lic_contact_object: {
    serves:
      'The contact of a staged person; contacts that no directory knows yet. Keeps a person single in a directory.',
    query: "select person from lic_contact where tenant = 't' and object_id = 'o'",
  },
  ix_lic_evidence_portal: {
    serves: 'The raw answers of a portal, newest first; how old the data of a portal is.',
    query: "select * from lic_evidence where portal = 'p' order by observed_at desc limit 500",
  },
  ix_lic_evidence_observed: {
    serves: 'Removal of raw answers by their age.',
    query: 'delete from lic_evidence where observed_at < 5',
  },
  ix_lic_evidence_content: {
    serves: 'Whether any run still names a content.',
    query: "select 1 from lic_evidence e where e.sha256 = 'x'",
  },
  uq_lic_folder_name: {
    serves: 'A folder by its name. Keeps names single within a folder.',
    query: "select id from lic_folder where parent = 'p' and name_key = 'n'",
  },
  uq_lic_folder_system: {
    serves: 'The folder of a portal. Keeps it single.',
    query: "select id from lic_folder where system_key = 'm365:p'",
  },
  uq_lic_licence_id: {
    serves: 'A licence by its id. Keeps ids single.',
    query: "select number from lic_licence where id = 'i'",
  },
  uq_lic_licence_sku: {
    serves: 'The licences of a portal. Keeps a SKU single among those that are not deleted.',
    query: "select * from lic_licence where portal = 'p'",
  },
  ix_lic_licence_product: {
    serves: 'The licences of a product, for its consumers.',
    query: "select number from lic_licence where product = 'p'",
  },
  uq_lic_product_sku: {
    serves: 'The products of a portal. Keeps a SKU single among those that are not deleted.',
    query: "select * from lic_product where portal = 'p'",
  },
  lic_status_open: {
    serves: 'The compliance view: the open status of every product. Keeps it single.',
    query: 'select subject, status from lic_status where valid_to = 9',
  },
  m365_confirmation_waiting: {
    serves: 'Confirmations that no run has used yet.',
    query: "select * from m365_confirmation where portal = 'p' and used_run = ''",
  },
  task_run_active: {
    serves: 'The active run of a task. Keeps it single: a second start meets the first.',
    query: "select id from task_run where active_key = 't'",
  },
  task_run_created: {
    serves: 'Runs, newest first; runs old enough to be forgotten.',
    query: 'select * from task_run order by created_at desc, id desc limit 50',
  },
  task_run_task: {
    serves: 'Runs of a task, newest first.',
    query: "select * from task_run where task = 't' order by created_at desc, id desc limit 50",
  },
  task_run_state: {
    serves: 'Runs under way, looked for every second.',
    query: "select * from task_run where state in ('queued', 'running')",
  },
  task_run_parent: {
    serves: 'The runs that a sequence started.',
    query: "select * from task_run where parent_id = 'r'",
  },
  task_notice_run: {
    serves: 'Notices of a run.',
    query: "select * from task_notice where run_id = 'r'",
  },
  task_event_last: {
    serves: 'Events, newest first.',
    query: 'select * from task_event order by last_at desc, event_key desc limit 50',
  },
  task_restored_active: {
    serves: 'The restored mode that is on, looked for wherever something could be sent. Keeps it single.',
    query: "select * from task_restored where active_key = 'active'",
  },
  task_restored_position: {
    serves: 'The last restored mode. Keeps it single where two nodes notice a restore at once.',
    query: 'select * from task_restored order by position desc limit 1',
  },
  task_restored_name: {
    serves: 'Whether a restore was told before. Keeps it single.',
    query: "select * from task_restored where name = 'n'",
  },
  task_audit_at: {
    serves: 'The audit trail, newest first.',
    query: 'select * from task_audit order by at desc, id desc limit 50',
  },
  mail_message_state: {
    serves: 'Messages of an account that come again, wait for a person, or are still to be acknowledged.',
    query: "select * from mail_message where account = 'a' and state = 'taken' and acknowledged = 0",
  },
  mail_message_content: {
    serves: 'Whether a message was taken before its mailbox was moved.',
    query: "select * from mail_message where account = 'a' and content = 'c'",
  },
  mail_outbox_due: {
    serves: 'What is to be sent next; what waits for a person.',
    query: "select id from mail_outbox where account = 'a' and state = 'queued' and next_at <= 5 order by next_at",
  },
  mail_outbox_event: {
    serves: 'One mail for one event.',
    query: "select id from mail_outbox where account = 'a' and event_key = 'k'",
  },
};
