import { defineRoute, type TestReport } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { accounts } from '../accounts.ts';
import { applicationOf } from '../applications.ts';
import { diagnosisText } from '../diagnosis/diagnosis-text.ts';
import { accountErrors } from '../errors.ts';
import { setupGuide } from '../guide/setup-guide.ts';
import type { SetupStep } from '../guide/step.ts';
import { identityOf } from '../identity.ts';
import { composeMail } from '../outbox/compose.ts';
import { mailPermissions } from '../permissions.ts';
import { testAccount } from '../test-account.ts';
import { accountParams, permittedAccount } from './one-account.ts';
import { Bilingual } from './shapes.ts';
import { redirectOf } from './sign-ins.ts';

const { readAccounts, editAccounts } = mailPermissions;

const StepShape = Type.Object({
  id: Type.String(),
  title: Bilingual,
  text: Bilingual,
  acts: Type.String(),
  requirement: Type.String(),
  paths: Type.Optional(Type.Array(Bilingual)),
  values: Type.Optional(Type.Array(Type.Object({ label: Bilingual, value: Type.String() }))),
  links: Type.Optional(Type.Array(Type.String())),
  command: Type.Optional(Type.String()),
  warning: Type.Optional(Bilingual),
});

/** The schema's arrays can be written to, ours cannot: a copy satisfies both. */
const shapeOf = ({ paths, values, links, ...step }: SetupStep) => ({
  ...step,
  ...(paths === undefined ? {} : { paths: [...paths] }),
  ...(values === undefined ? {} : { values: [...values] }),
  ...(links === undefined ? {} : { links: [...links] }),
});

export const guideRoute = defineRoute({
  method: 'GET',
  path: '/accounts/:account/guide',
  summary: 'What administrators do in Entra and Exchange for this account, with its own values',
  permission: readAccounts,
  params: accountParams,
  response: Type.Object({
    flow: Type.String(),
    steps: Type.Array(StepShape),
    troubles: Type.Array(StepShape),
    script: Type.String(),
  }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, readAccounts, request.params.account);
    const application = await applicationOf(services, account);
    if (application === undefined) throw accountErrors.MAIL_APPLICATION_UNKNOWN({ account: account.value.name });
    const all = await services.settings.items(accounts);
    const sharing = all.filter(({ id, value }) => id !== account.id && value.application === application.id);
    const redirect = redirectOf(services);
    const guide = setupGuide(account.value, application.value, {
      accounts: sharing.map(({ value }) => value),
      redirectUris: redirect === undefined ? [] : [redirect],
    });
    return {
      flow: guide.flow,
      steps: guide.steps.map(shapeOf),
      troubles: guide.troubles.map(shapeOf),
      script: guide.script,
    };
  },
});

const TestStepShape = Type.Object({
  id: Type.String(),
  title: Bilingual,
  outcome: Type.String(),
  unlocks: Type.Optional(Bilingual),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Bilingual),
  remedy: Type.Optional(Bilingual),
  milliseconds: Type.Optional(Type.Integer()),
  evidence: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const printed = (report: TestReport) => ({ en: diagnosisText(report, 'en'), de: diagnosisText(report, 'de') });

export const testRoute = defineRoute({
  method: 'POST',
  path: '/accounts/:account/test',
  summary: 'Tests a stored account stage by stage, with a text to print, and sends a test mail where asked for',
  permission: editAccounts,
  params: accountParams,
  body: Type.Object(
    { testMailTo: Type.Optional(Type.String({ minLength: 3, maxLength: 320 })) },
    { additionalProperties: false },
  ),
  response: Type.Object({ ok: Type.Boolean(), steps: Type.Array(TestStepShape), text: Bilingual }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, editAccounts, request.params.account);
    const { testMailTo: to } = request.body;
    const from = identityOf(account.value, 'app-only').from;
    const { clock, random } = services;
    const mime =
      to === undefined
        ? undefined
        : await composeMail({
            from,
            fromName: account.value.fromName,
            to: [to],
            subject: `Test: ${account.value.name}`,
            text: 'This mail tests an account. / Diese Mail testet ein Konto.\r\n',
            automatic: true,
            messageId: `<${random.uuid()}@${from.slice(from.lastIndexOf('@') + 1)}>`,
            date: clock.now(),
          });
    const testMail = to === undefined || mime === undefined ? {} : { testMail: { to, mime } };
    const report = await testAccount(services, { account, problems: [], ...testMail }, request.signal);
    await request.audit({
      action: 'mail-account-tested',
      object: account.id,
      details: { ok: report.ok, ...(to === undefined ? {} : { testMail: true }) },
    });
    return { ok: report.ok, steps: report.steps.map((step) => ({ ...step })), text: printed(report) };
  },
});
