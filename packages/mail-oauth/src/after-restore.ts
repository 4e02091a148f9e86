import { type AfterRestore, type Cursor, type Services, shownTime } from '@itsm-m365/plugin-api';
import { accounts } from './accounts.ts';
import { type MailStateRow, mailStates, outbox } from './tables.ts';

const positionOf = ({ position, position_at }: MailStateRow): Cursor['position'] => {
  if (position === null || position_at === null) return { en: 'nothing fetched yet', de: 'noch nichts abgeholt' };
  const since = shownTime(position_at);
  if (position.kind === 'imap') {
    const { folder, uid, uidValidity } = position;
    return {
      en: `folder ${folder}, fetched up to UID ${uid} (UIDVALIDITY ${uidValidity}), noted ${since}`,
      de: `Ordner ${folder}, abgeholt bis UID ${uid} (UIDVALIDITY ${uidValidity}), notiert ${since}`,
    };
  }
  return { en: `fetched up to ${since}`, de: `abgeholt bis ${since}` };
};

/**
 * Fetching goes on where the backup was: what was taken after it is not in this database either, and is still in the
 * mailbox unless the account deletes. Mail that waited when the backup was made may have gone since: nobody here knows, so
 * it is looked up in Sent Items before it is sent again.
 */
export const afterRestore: AfterRestore = {
  async forget(trx, { now }) {
    const waiting = ['queued', 'sending'];
    const uncertainMails = await trx.update(outbox, { state: 'uncertain', changed_at: now, claim: '' }, (query) =>
      query.whereIn('state', waiting),
    );
    // A delta link may tell of less than was taken back; the list from the beginning skips what is known by its key.
    const rows = await trx.rows(mailStates);
    let deltaLinks = 0;
    for (const { account, position } of rows) {
      if (position?.kind !== 'graph' || position.link === '') continue;
      const fresh = { ...position, link: '' };
      deltaLinks += await trx.update(mailStates, { position: fresh }, (query) => query.where({ account }));
    }
    return { uncertainMails, deltaLinks };
  },
  async cursors(services: Services) {
    const known = new Map((await services.settings.items(accounts)).map(({ id, value }) => [id, value.name]));
    const states = await services.db.read((trx) => trx.rows(mailStates));
    return states
      .filter(({ account, removed_at }) => known.has(account) && removed_at === null)
      .map((state) => ({
        item: state.account,
        subject: { type: 'mail-account', id: state.account, name: known.get(state.account) ?? state.name },
        position: positionOf(state),
        observedAt: state.position_at,
      }));
  },
};
