import type { Route } from '@itsm-m365/plugin-api';
import { listAccounts, listApplications, oneAccount } from './routes/accounts.ts';
import { guideRoute, testRoute } from './routes/help.ts';
import { answerCursorRoute, decideMessageRoute, listMessagesRoute } from './routes/messages.ts';
import { decideOutbox, listOutbox } from './routes/outbox.ts';
import { beginDeviceRoute, beginRoute, completeAnyRoute, completeRoute, pollDeviceRoute } from './routes/sign-ins.ts';

export const mailRoutes: readonly Route[] = [
  listAccounts,
  oneAccount,
  listApplications,
  beginRoute,
  completeRoute,
  completeAnyRoute,
  beginDeviceRoute,
  pollDeviceRoute,
  testRoute,
  guideRoute,
  answerCursorRoute,
  listMessagesRoute,
  decideMessageRoute,
  listOutbox,
  decideOutbox,
];
