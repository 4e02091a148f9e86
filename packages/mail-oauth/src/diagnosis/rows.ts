import type { FaultFacts } from '../channels/fault.ts';
import * as causes from './causes-login.ts';
import { fits } from './match.ts';
import { type FaultRow, only, text } from './row.ts';
import { channelRows } from './rows-channel.ts';
import { graphRows } from './rows-graph.ts';
import { networkRows } from './rows-network.ts';
import { receivingRows } from './rows-receiving.ts';
import { sendingRows } from './rows-sending.ts';
import { tlsRows } from './rows-tls.ts';
import { webRows } from './rows-web.ts';

/** What no other row knows, by where it happened. */
const otherRows: readonly FaultRow[] = [
  {
    id: 'login-other',
    code: 'MAIL_LOGIN_REFUSED',
    stages: ['login'],
    when: [{ codes: [''] }],
    causes: [causes.noConsent, causes.protocolOff, causes.notArrived, causes.wrongPassword],
  },
  {
    id: 'unexpected',
    code: 'MAIL_UNEXPECTED_REPLY',
    when: [{}],
    causes: only(
      'operator',
      text('No row of the diagnosis knows this answer.', 'Keine Zeile der Diagnose kennt diese Antwort.'),
      text(
        'Read the server’s words; copy the details of the test for support.',
        'Lesen Sie die Worte des Servers; kopieren Sie die Details des Tests für den Support.',
      ),
    ),
  },
];

/** The tables of the diagnosis in the order in which they are asked; the last row fits everything. */
export const faultRows: readonly FaultRow[] = [
  ...webRows,
  ...networkRows,
  ...tlsRows,
  ...channelRows,
  ...receivingRows,
  ...sendingRows,
  ...graphRows,
  ...otherRows,
];

const last = otherRows[otherRows.length - 1];

/** The row that speaks about these facts: the first that fits. Pure. */
export const faultRow = (facts: FaultFacts): FaultRow => {
  const row = faultRows.find((one) => fits(one, facts)) ?? last;
  if (row === undefined) throw new Error('the diagnosis has no last row');
  return row;
};
