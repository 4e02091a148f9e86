import { defineRoute, type Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import { applicationOf, applications } from '../applications.ts';
import { passwordWarning } from '../guide/basic-auth.ts';
import { accountScope, mailPermissions } from '../permissions.ts';
import { readDetail } from '../receive/cursor.ts';
import { type GrantRow, grants, type MailStateRow, mailStates, outbox } from '../tables.ts';
import { accountParams, permittedAccount } from './one-account.ts';
import { Bilingual } from './shapes.ts';

const { readAccounts } = mailPermissions;
const time = Type.Union([Type.Integer(), Type.Null()]);

const AccountShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  active: Type.Boolean(),
  mailbox: Type.String(),
  method: Type.String(),
  application: Type.String(),
  receiving: Type.String(),
  sending: Type.String(),
  /** `none`: nobody has to sign in; `missing`, `ok`, `dead`. */
  signIn: Type.Object({
    state: Type.String(),
    user: Type.String(),
    at: time,
    by: Type.String(),
    failure: Type.String(),
  }),
  fetchedAt: time,
  failure: Type.Union([Type.Object({ code: Type.String(), at: Type.Integer() }), Type.Null()]),
  check: Type.Union([Type.Object({ code: Type.String(), at: Type.Integer() }), Type.Null()]),
  /** `moved`: the mailbox is another one than it was, and a person decides from where to go on. */
  cursor: Type.Object({ state: Type.String(), reason: Type.String(), at: time }),
  warnings: Type.Array(Type.Object({ code: Type.String(), message: Bilingual, remedy: Bilingual })),
});

interface Known {
  readonly states: ReadonlyMap<string, MailStateRow>;
  readonly grants: ReadonlyMap<string, GrantRow>;
  readonly flows: ReadonlyMap<string, string>;
  readonly now: number;
}

const knownOf = async (services: Services): Promise<Known> => {
  const [states, rows] = await services.db.read(
    async (trx) => [await trx.rows(mailStates), await trx.rows(grants)] as const,
  );
  const all = await services.settings.items(applications);
  return {
    states: new Map(states.map((row) => [row.account, row])),
    grants: new Map(rows.map((row) => [row.account, row])),
    flows: new Map(all.map(({ id, value }) => [id, value.flow])),
    now: services.clock.now(),
  };
};

const signInOf = ({ id, value }: MailAccount, known: Known) => {
  const row = known.grants.get(id);
  const delegated = value.method === 'oauth' && known.flows.get(value.application) === 'delegated';
  if (!delegated) return { state: 'none', user: '', at: null, by: '', failure: '' };
  if (row === undefined || row.refresh_token === '')
    return { state: 'missing', user: '', at: null, by: '', failure: '' };
  const failure = row.failed_number === 0 ? row.failed_code : `AADSTS${row.failed_number}`;
  return { state: row.state, user: row.user_name, at: row.signed_in_at, by: row.signed_in_by, failure };
};

const shapeOf = (account: MailAccount, known: Known) => {
  const { id, value } = account;
  const state = known.states.get(id);
  const warning = passwordWarning(value, known.now);
  return {
    id,
    name: value.name,
    active: value.active,
    mailbox: value.mailbox,
    method: value.method,
    application: value.application,
    receiving: value.receiving.protocol,
    sending: value.sending.protocol,
    signIn: signInOf(account, known),
    fetchedAt: state?.last_complete_at ?? null,
    failure:
      state === undefined || state.failed_at === null || state.failed_code === ''
        ? null
        : { code: state.failed_code, at: state.failed_at },
    check: state === undefined || state.checked_at === null ? null : { code: state.check_code, at: state.checked_at },
    cursor: {
      state: state?.cursor_state ?? '',
      reason: readDetail(state?.cursor_detail ?? '')?.reason ?? '',
      at: state?.position_at ?? null,
    },
    warnings:
      warning === undefined
        ? []
        : [{ code: warning.code, message: warning.message, remedy: warning.remedy ?? { en: '', de: '' } }],
  };
};

export const listAccounts = defineRoute({
  method: 'GET',
  path: '/accounts',
  summary: 'Lists mail accounts with the state of their sign-in, their fetching and their checks',
  permission: readAccounts,
  response: Type.Object({ items: Type.Array(AccountShape) }),
  async handle(request, services) {
    const known = await knownOf(services);
    const all = await request.allows(readAccounts);
    const items = [];
    for (const account of await services.settings.items(accounts)) {
      if (all || (await request.allows(readAccounts, accountScope(account.id)))) items.push(shapeOf(account, known));
    }
    return { items };
  },
});

export const oneAccount = defineRoute({
  method: 'GET',
  path: '/accounts/:account',
  summary: 'Shows a mail account, and how many mails wait in its outbox',
  permission: readAccounts,
  params: accountParams,
  response: Type.Object({
    account: AccountShape,
    application: Type.Union([
      Type.Object({ id: Type.String(), name: Type.String(), flow: Type.String() }),
      Type.Null(),
    ]),
    outbox: Type.Record(Type.String(), Type.Integer()),
  }),
  async handle(request, services) {
    const account = await permittedAccount(request, services, readAccounts, request.params.account);
    const application = await applicationOf(services, account);
    const counted: { readonly state: string; readonly found: unknown }[] = await services.db.read((trx) =>
      trx.from(outbox).where({ account: account.id }).groupBy('state').select('state').count({ found: '*' }),
    );
    return {
      account: shapeOf(account, await knownOf(services)),
      application:
        application === undefined
          ? null
          : { id: application.id, name: application.value.name, flow: application.value.flow },
      outbox: Object.fromEntries(counted.map(({ state, found }) => [state, Number(found)])),
    };
  },
});

export const listApplications = defineRoute({
  method: 'GET',
  path: '/applications',
  summary: 'Lists mail applications, for choosing one',
  permission: readAccounts,
  response: Type.Object({
    items: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), flow: Type.String() })),
  }),
  async handle(request, services) {
    await request.require(readAccounts);
    const all = await services.settings.items(applications);
    return { items: all.map(({ id, value }) => ({ id, name: value.name, flow: value.flow })) };
  },
});
