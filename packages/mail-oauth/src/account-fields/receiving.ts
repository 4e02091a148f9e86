import { Type } from 'typebox';
import { text } from './hints.ts';
import { serverDefaults, serverFields } from './server.ts';

/** What is fetched, from where, and what becomes of it in the mailbox. */
export const receivingFields = Type.Object(
  {
    protocol: Type.Union([Type.Literal('none'), Type.Literal('imap'), Type.Literal('pop'), Type.Literal('graph')], {
      ui: {
        title: text('Fetch mail by', 'Mail abholen über'),
        group: 'receiving',
        order: 1,
        widget: 'select',
        labels: {
          none: text('Do not fetch', 'Nicht abholen'),
          imap: text('IMAP', 'IMAP'),
          pop: text('POP3', 'POP3'),
          graph: text('Microsoft Graph', 'Microsoft Graph'),
        },
      },
    }),
    ...serverFields('receiving', { field: 'receiving.protocol', is: ['imap', 'pop'] }),
    folder: Type.String({
      maxLength: 200,
      ui: {
        title: text('Folder', 'Ordner'),
        description: text('Empty: the inbox.', 'Leer: der Posteingang.'),
        group: 'receiving',
        order: 7,
        showWhen: { field: 'receiving.protocol', is: ['imap', 'graph'] },
      },
    }),
    after: Type.Union([Type.Literal('mark'), Type.Literal('move'), Type.Literal('delete')], {
      ui: {
        title: text('After the message was taken', 'Nachdem die Nachricht übernommen wurde'),
        description: text(
          'POP3 knows only: leave (mark) or delete.',
          'POP3 kennt nur: belassen (markieren) oder löschen.',
        ),
        group: 'receiving',
        order: 8,
        widget: 'select',
        labels: {
          mark: text('Mark it as read', 'Als gelesen markieren'),
          move: text('Move it', 'Verschieben'),
          delete: text('Delete it', 'Löschen'),
        },
      },
    }),
    moveTo: Type.String({
      maxLength: 200,
      ui: {
        title: text('Move to folder', 'Verschieben in Ordner'),
        group: 'receiving',
        order: 9,
        showWhen: { field: 'receiving.after', is: ['move'] },
      },
    }),
    maxMegabytes: Type.Integer({
      minimum: 1,
      maximum: 150,
      ui: {
        title: text('Largest message (MB)', 'Größte Nachricht (MB)'),
        description: text(
          'Larger ones stay in the mailbox and are listed.',
          'Größere bleiben im Postfach und werden aufgeführt.',
        ),
        group: 'receiving',
        order: 10,
        widget: 'number',
      },
    }),
    maxTries: Type.Integer({
      minimum: 1,
      maximum: 100,
      ui: {
        title: text('Set a message aside after (tries)', 'Nachricht beiseitelegen nach (Versuchen)'),
        group: 'receiving',
        order: 11,
        widget: 'number',
      },
    }),
  },
  { additionalProperties: false },
);

export const receivingDefaults = {
  protocol: 'imap',
  ...serverDefaults,
  folder: '',
  after: 'mark',
  moveTo: '',
  maxMegabytes: 50,
  maxTries: 5,
} as const;
