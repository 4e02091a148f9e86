import type { Instant, Randomness, Transaction } from '@itsm-m365/plugin-api';
import { fingerprint } from '../fingerprint.ts';
import { matchKey } from '../stage/rows.ts';
import { contacts } from '../tables.ts';

export interface NewContact {
  readonly displayName: string;
  readonly userPrincipalName?: string;
  readonly mail?: string;
  readonly givenName?: string;
  readonly surname?: string;
}

/** Makes a contact by hand. It belongs to no directory until an import links it by mail or UPN. Answers its key. */
export const createContact = async (
  trx: Transaction,
  contact: NewContact,
  { random, at }: { readonly random: Randomness; readonly at: Instant },
): Promise<number> => {
  const person = random.key();
  const names = {
    display_name: contact.displayName.slice(0, 256),
    upn: (contact.userPrincipalName ?? '').slice(0, 320),
    mail: (contact.mail ?? '').slice(0, 320),
    given_name: (contact.givenName ?? '').slice(0, 128),
    surname: (contact.surname ?? '').slice(0, 128),
  };
  await trx.insert(contacts, [
    {
      person,
      tenant: '',
      object_id: random.uuid(),
      source: 'manual',
      ...names,
      upn_key: matchKey(names.upn),
      mail_key: matchKey(names.mail),
      fingerprint: fingerprint(Object.values(names)),
      created_at: at,
      changed_at: at,
    },
  ]);
  return person;
};
