import type { Text } from '@itsm-m365/plugin-api';
import type { RestoredReason } from '../store/tables.ts';

const reasons: Readonly<Record<RestoredReason, Text>> = {
  older: {
    en: 'The database is older than this node left it.',
    de: 'Die Datenbank ist älter, als dieser Knoten sie hinterlassen hat.',
  },
  unknown: {
    en: 'The database does not know this node, which has worked on it before.',
    de: 'Die Datenbank kennt diesen Knoten nicht, der zuvor mit ihr gearbeitet hat.',
  },
  moved: {
    en: 'The database was put here without what a node notes outside of it.',
    de: 'Die Datenbank wurde ohne das hierher gebracht, was ein Knoten außerhalb von ihr vermerkt.',
  },
  told: {
    en: 'The operator said at the start that the database was restored.',
    de: 'Beim Start wurde angegeben, dass die Datenbank wiederhergestellt wurde.',
  },
  manual: {
    en: 'An administrator said that the database was restored.',
    de: 'Eine Administratorin oder ein Administrator hat angegeben, dass die Datenbank wiederhergestellt wurde.',
  },
};

/** Why restored mode was entered, as an administrator reads it. */
export const reasonText = (reason: RestoredReason): Text => reasons[reason];
