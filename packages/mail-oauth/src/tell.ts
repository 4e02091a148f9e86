import { isKnownError, type Notify, type Services } from '@itsm-m365/plugin-api';
import { accounts } from './accounts.ts';
import { identityOf } from './identity.ts';
import { mailOptions } from './options.ts';
import { enqueue } from './outbox/enqueue.ts';

/** Keys of events may be longer than those of mails. The start tells the kind, the end the event. */
const keyOf = (key: string): string => (key.length <= 190 ? key : `${key.slice(0, 90)}…${key.slice(-90)}`);

/**
 * Puts a notice of the product into the outbox of the account that was chosen for it; nothing where none was. The same event
 * is the same mail. What cannot be written as a mail is logged and not tried again: the host is told of it all the same.
 */
export const tellByMail = async ({ key, notice }: Parameters<Notify['send']>[0], services: Services): Promise<void> => {
  const { notifyBy, notifyTo, notifyLanguage: language } = await services.settings.value(mailOptions);
  if (notifyBy === '' || notifyTo.length === 0) return;
  const account = await services.settings.item(accounts, notifyBy);
  if (account === undefined || !account.value.active || account.value.sending.protocol === 'none') return;
  const lines = [notice.message[language], notice.remedy?.[language], `(${notice.code})`];
  try {
    await enqueue(services, {
      account: account.id,
      eventKey: keyOf(key),
      from: identityOf(account.value, 'app-only').from,
      fromName: account.value.fromName,
      to: notifyTo,
      subject: notice.message[language].slice(0, 200),
      text: `${lines.filter((line) => line !== undefined).join('\r\n\r\n')}\r\n`,
      automatic: true,
    });
  } catch (error) {
    if (!isKnownError(error) || !error.code.startsWith('OUTBOX_')) throw error;
    services.logger.warn({ event: key, code: error.code }, 'A notice could not be sent by mail');
  }
};
