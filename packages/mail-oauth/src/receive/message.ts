import type { MailAddress, MailClass, ReceivedMail } from '@itsm-m365/plugin-api';
import { classify, isProtected, type PartFacts } from './classify.ts';
import { safeFileName } from './file-name.ts';
import { allOf, firstOf, headerOf, messageIdsOf, shown } from './headers.ts';
import { mailDate } from './mail-date.ts';
import type { RawAddress, RawMessage } from './parser.ts';

/** A message as the host gets it, without what belongs to the hand-over itself. */
export type ReadMessage = Omit<ReceivedMail, 'id' | 'attempt' | 'account' | 'size' | 'raw'>;

const addressOf = ({ address, name }: RawAddress): MailAddress => {
  const clean = shown(address, 320);
  return { address: /^[^\s@]+@[^\s@]+$/.test(clean) ? clean.toLowerCase() : clean, name: shown(name, 320) };
};

const addressesOf = (found: readonly RawAddress[]): readonly MailAddress[] =>
  found.map(addressOf).filter(({ address, name }) => address !== '' || name !== '');

const partOf = ({ contentType, parameters, disposition }: PartFacts): PartFacts => ({
  contentType: shown(contentType, 200).toLowerCase(),
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), shown(String(value), 1000)]),
  ),
  disposition: shown(disposition, 100).toLowerCase(),
});

/** NUL ends a text in too many places; everything else of a text stays as it was written. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd');

const classOf = (
  headers: Parameters<typeof classify>[0],
  parts: readonly PartFacts[],
  from: readonly MailAddress[],
  ours: ReadonlySet<string>,
): MailClass =>
  classify(
    headers,
    parts,
    from.map(({ address }) => address),
    ours,
  );

/**
 * Makes of a parser's findings what is handed to the host: texts of the header cleaned of control characters, addresses in
 * lower case, file names that are no paths; the HTML as it was written. `ours`: the addresses of all our accounts, in lower
 * case. Pure.
 */
export const readMessage = (raw: RawMessage, ours: ReadonlySet<string>): ReadMessage => {
  const headers = raw.headerLines.map(headerOf);
  const parts = raw.parts.map(partOf);
  const from = addressesOf(raw.from);
  return {
    class: classOf(headers, parts, from, ours),
    protected: isProtected(parts),
    messageId: messageIdsOf(firstOf(headers, 'message-id'))[0] ?? '',
    inReplyTo: messageIdsOf(firstOf(headers, 'in-reply-to')),
    references: messageIdsOf(allOf(headers, 'references').join(' ')),
    from,
    to: addressesOf(raw.to),
    cc: addressesOf(raw.cc),
    replyTo: addressesOf(raw.replyTo),
    subject: shown(raw.subject, 998),
    date: mailDate(firstOf(headers, 'date')),
    text: withoutNul(raw.text),
    html: withoutNul(raw.html),
    attachments: raw.attachments.map((one, index) => {
      const contentType = shown(one.contentType, 200).toLowerCase() || 'application/octet-stream';
      return {
        fileName: safeFileName(one.fileName, contentType, index + 1),
        contentType,
        contentId: shown(one.contentId, 998),
        inline: one.inline,
        content: one.content,
      };
    }),
  };
};
