import type { Instant, Randomness, Transaction } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { contacts, publications, stageAssignments, stageKeys, stageLinks, stagePersons } from '../tables.ts';

/** What a listing under way has of the person goes too: it would write the names back when it is published. */
const removeStaged = async (trx: Transaction, person: number, objectId: string): Promise<void> => {
  const staged: { stage: number; seq: number }[] = await trx
    .from(stagePersons)
    .select('stage', 'seq')
    .where({ object_id: objectId });
  for (const { stage, seq } of staged)
    for (const table of [stageAssignments, stagePersons, stageKeys])
      await trx.remove(table, (query) => query.where({ stage, seq }));
  await trx.remove(stageLinks, (query) => query.where({ contact: person }));
};

/**
 * Makes a person unrecognisable for good: the names go, the directory's id is replaced by a random one. The random key
 * stays, so that no figure of any day changes. A second call finds nothing left to erase and changes nothing that
 * matters. Not undone by anything; the caller writes the audit. A person who is still in the directory comes back with
 * the next full listing as a new contact.
 *
 * @throws PERSON_NOT_FOUND
 */
export const erasePerson = async (
  trx: Transaction,
  person: number,
  { random, at }: { readonly random: Randomness; readonly at: Instant },
): Promise<void> => {
  const [contact] = await trx.rows(contacts, (query) => query.where({ person }));
  if (contact === undefined) throw catalogueErrors.PERSON_NOT_FOUND();
  // Locks the tenant as a publication does, and tells stages that their keys are out of date.
  await trx.sql(trx.name(publications)).where({ tenant: contact.tenant }).increment('version', 1);
  await removeStaged(trx, person, contact.object_id);
  await trx.update(
    contacts,
    {
      // Not `''`: an unlinked contact could be found by a first link.
      tenant: random.uuid(),
      object_id: random.uuid(),
      source: 'erased',
      display_name: '',
      upn: '',
      upn_key: '',
      mail: '',
      mail_key: '',
      given_name: '',
      surname: '',
      fingerprint: 0,
      changed_at: at,
    },
    (query) => query.where({ person }),
  );
};
