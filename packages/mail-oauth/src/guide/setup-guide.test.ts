import { languages } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import { accountOf as account, applicationOf as application, ids as known } from '../testing/accounts.ts';
import { delegatedScopes } from '../tokens/resources.ts';
import { adminConsentUrl } from './consent-url.ts';
import { type SetupGuide, setupGuide } from './setup-guide.ts';

const { client: clientId, object: objectId, tenant: tenantId } = known;

const secret = {
  type: 'secret',
  value: 'ref',
  secretId: '',
  validUntil: '',
} as unknown as ApplicationSettings['credential'];
const appOnly = application({ credential: secret });
const delegated = application({ flow: 'delegated', enterpriseObjectId: '' });

const guide = (one: AccountSettings, by: ApplicationSettings, accounts: readonly AccountSettings[] = []): SetupGuide =>
  setupGuide(one, by, { accounts, redirectUris: ['https://itsm.example.com/mail/callback'] });

const step = (from: SetupGuide, id: string) => {
  const found = [...from.steps, ...from.troubles].find((one) => one.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
};
const ids = (from: SetupGuide): readonly string[] => from.steps.map(({ id }) => id);
const values = (from: SetupGuide, id: string): readonly string[] =>
  step(from, id).values?.map(({ value }) => value) ?? [];

describe('the set-up of an application that signs in by itself', () => {
  const made = guide(account(), appOnly);

  it('ADV-01: registers the application under its menu path with a unique name', () => {
    expect(ids(made)[0]).toBe('register');
    expect(step(made, 'register').paths?.map(({ en }) => en)).toContain(
      'Identity > Applications > App registrations > New registration',
    );
    expect(step(made, 'register').paths?.map(({ de }) => de)).toContain(
      'Identität > Anwendungen > App-Registrierungen > Neue Registrierung',
    );
    expect(step(made, 'register').text.en).toContain('enter a unique name');
    expect(values(made, 'register')).toContain('Helpdesk mail');
  });

  it('ADV-02: says that a new application may take minutes, rarely hours, and what a first failure means', () => {
    expect(step(made, 'register').warning?.en).toMatch(/some minutes, rarely hours.*first failure then says nothing/);
    expect(step(made, 'wait').text.de).toContain('einige Minuten, selten Stunden');
    expect(ids(made).indexOf('wait')).toBeLessThan(ids(made).indexOf('test'));
  });

  it('ADV-03: chooses accounts of this organisational directory only', () => {
    expect(step(made, 'register').text.en).toContain('"Accounts in this organizational directory only"');
    expect(step(made, 'register').text.de).toContain('Nur Konten in diesem Organisationsverzeichnis');
  });

  it('ADV-04: registers the redirect address http://localhost on the platform Web', () => {
    expect(values(made, 'register')).toEqual(expect.arrayContaining(['Web', 'http://localhost']));
    expect(values(made, 'register').join()).not.toContain('nativeclient');
  });

  it('ADV-05: finds the permissions under Office 365 Exchange Online, not under Microsoft Graph', () => {
    expect(step(made, 'permissions').paths?.[0]?.en).toContain(
      'APIs my organization uses > Office 365 Exchange Online > Application permissions',
    );
    expect(step(made, 'permissions').text.en).toContain('not under Microsoft Graph');
  });

  it('ADV-06: names IMAP.AccessAsApp and SMTP.SendAsApp and the filter text', () => {
    expect(values(made, 'permissions')).toEqual(['IMAP.AccessAsApp']);
    expect(step(made, 'permissions').text.en).toContain('"asApp"');
    expect(values(made, 'wide-permissions')).toEqual(['SMTP.SendAsApp']);
    expect(step(made, 'wide-permissions').text.en).toContain('"asApp"');
    expect(values(guide(account({ receiving: { protocol: 'pop' } }), appOnly), 'permissions')).toEqual([
      'POP.AccessAsApp',
    ]);
  });

  it('gives the narrow role for sending first and the wider way second, and says never both', () => {
    const order = ids(made);
    expect(order.indexOf('scoped-roles')).toBeLessThan(order.indexOf('wide-permissions'));
    expect(step(made, 'scoped-roles').requirement).toBe('recommended');
    expect(step(made, 'wide-permissions').requirement).toBe('alternative');
    expect(step(made, 'wide-permissions').text.en).toContain('never both');
    expect(step(made, 'permissions').warning?.en).toContain('Do not add SMTP.SendAsApp');
    expect(step(made, 'scoped-roles').command?.split('\n')).toEqual([
      `New-ManagementScope -Name 'Mail ${clientId}' -RecipientRestrictionFilter 'PrimarySmtpAddress -eq ''helpdesk@example.com'''`,
      `New-ManagementRoleAssignment -App '${objectId}' -Role 'Application SMTP.SendAsApp' -CustomResourceScope 'Mail ${clientId}'`,
      `Test-ServicePrincipalAuthorization -Identity '${objectId}' -Resource 'helpdesk@example.com'`,
    ]);
  });

  it('ADV-07: grants admin consent right after the permissions, by menu or by an address', () => {
    expect(ids(made).indexOf('consent')).toBe(ids(made).indexOf('permissions') + 1);
    expect(step(made, 'consent')).toMatchObject({ requirement: 'required', acts: 'entra' });
    const url = new URL(step(made, 'consent').links?.[0] ?? '');
    expect(url.origin + url.pathname).toBe(`https://login.microsoftonline.com/${tenantId}/v2.0/adminconsent`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: clientId,
      redirect_uri: 'http://localhost',
      scope: 'https://ps.outlook.com/.default',
    });
  });

  it('ADV-09: recommends 180 days of validity and allows longer', () => {
    expect(step(made, 'secret').text.en).toContain('recommends 180 days, longer is allowed');
    expect(step(made, 'secret').text.de).toContain('180 Tage, länger ist erlaubt');
  });

  it('ADV-12: copies application id and object id from Enterprise applications, with a warning about the other one', () => {
    expect(values(made, 'ids')).toEqual([clientId, objectId, tenantId]);
    expect(step(made, 'ids').paths?.[0]?.en).toContain('Enterprise applications');
    expect(step(made, 'ids').text.en).toContain('The object ID of the app registration is another one');
  });

  it('ADV-13: registers the service principal in a PowerShell run as administrator', () => {
    expect(step(made, 'powershell').text.en).toContain('as administrator');
    expect(step(made, 'powershell').text.de).toContain('als Administrator');
    expect(ids(made).indexOf('powershell')).toBeLessThan(ids(made).indexOf('service-principal'));
  });

  it('ADV-14: installs the module, and leaves it out where it is present', () => {
    expect(step(made, 'install-module')).toMatchObject({
      command: 'Install-Module -Name ExchangeOnlineManagement',
      requirement: 'if-needed',
    });
  });

  it('ADV-15: loads the module', () => {
    expect(step(made, 'import-module').command).toBe('Import-Module ExchangeOnlineManagement');
  });

  it('ADV-16: connects to the directory by its id, and says where that stands', () => {
    expect(step(made, 'connect').command).toBe(`Connect-ExchangeOnline -Organization '${tenantId}'`);
    expect(step(made, 'connect').paths?.[0]?.en).toBe('Identity > Overview');
  });

  it('ADV-17: registers the service principal with application id and object id', () => {
    expect(step(made, 'service-principal').command).toBe(
      `New-ServicePrincipal -AppId '${clientId}' -ObjectId '${objectId}'`,
    );
  });

  it('ADV-18: shows the service principal by its application id and points at line Id', () => {
    expect(step(made, 'service-principal-id').command?.split('\n')[0]).toBe(
      `Get-ServicePrincipal | Where-Object { $_.AppId -eq '${clientId}' } | fl`,
    );
    expect(step(made, 'service-principal-id').text.en).toContain('Line "Id"');
  });

  it('ADV-19: gives the service principal full access to the mailbox', () => {
    expect(step(made, 'mailbox-permission').command).toBe(
      "Add-MailboxPermission -Identity 'helpdesk@example.com' -User $principal.Id -AccessRights FullAccess",
    );
  });

  it('ADV-20: makes one line for every account of the application, each mailbox once', () => {
    const all = guide(account(), appOnly, [
      account(),
      account({ mailbox: "o'brien@example.com" }),
      account({ mailbox: 'third@example.com', receiving: { protocol: 'graph' } }),
    ]);
    expect(step(all, 'mailbox-permission').command?.split('\n')).toEqual([
      "Add-MailboxPermission -Identity 'helpdesk@example.com' -User $principal.Id -AccessRights FullAccess",
      "Add-MailboxPermission -Identity 'o''brien@example.com' -User $principal.Id -AccessRights FullAccess",
    ]);
  });

  it('ADV-21: allows scripts only where Import-Module complains, and sets the default back', () => {
    expect(step(made, 'allow-scripts')).toMatchObject({
      command: 'Set-ExecutionPolicy RemoteSigned',
      requirement: 'if-needed',
    });
    expect(step(made, 'scripts-back').command).toBe('Set-ExecutionPolicy Default');
    expect(ids(made).indexOf('allow-scripts')).toBeLessThan(ids(made).indexOf('import-module'));
    expect(ids(made).indexOf('scripts-back')).toBeGreaterThan(ids(made).indexOf('mailbox-permission'));
  });

  it('ADV-34: an unknown parameter asks for the latest PowerShell, and shows the older name', () => {
    expect(step(made, 'unknown-parameter').text.en).toContain('Install the latest PowerShell');
    expect(step(made, 'unknown-parameter').command).toBe(
      `New-ServicePrincipal -AppId '${clientId}' -ServiceId '${objectId}'`,
    );
  });

  it('ADV-35: an error of the TPM can be ignored', () => {
    expect(step(made, 'tpm').text.en).toContain('Ignore the error of the Trusted Platform Module');
    expect(step(made, 'tpm').text.de).toContain('Ignorieren Sie');
  });

  it('ADV-36: where the portal lacks functions: reload, a current browser, one of another maker', () => {
    expect(step(made, 'portal').text.en).toMatch(/Reload.*current version.*another maker/);
    expect(step(made, 'portal').text.de).toMatch(/neu.*aktuelle Version.*anderen Herstellers/);
  });

  it('makes one script, in which what is not always needed is commented out', () => {
    const lines = made.script.split('\n');
    expect(lines).toContain(`Connect-ExchangeOnline -Organization '${tenantId}'`);
    expect(lines).toContain('# Set-ExecutionPolicy RemoteSigned');
    expect(
      lines.filter((line) => line.includes('Add-RecipientPermission')).every((line) => line.startsWith('# ')),
    ).toBe(true);
    expect(lines.filter((line) => line.startsWith('Add-MailboxPermission'))).toHaveLength(1);
  });

  it('shows a placeholder, and no consent address, where an id is not known yet', () => {
    const early = guide(
      account(),
      application({ credential: secret, tenantId: '', clientId: '', enterpriseObjectId: '' }),
    );
    expect(step(early, 'service-principal').command).toBe(
      "New-ServicePrincipal -AppId '<application (client) ID>' -ObjectId '<object ID of the enterprise application>'",
    );
    expect(step(early, 'consent').links).toEqual([]);
  });

  it('names a further mailbox in the scope that is there already, where the application has an account before', () => {
    expect(ids(guide(account(), appOnly))).not.toContain('wider-scope');
    const second = guide(account({ mailbox: 'second@example.com' }), appOnly, [account()]);
    expect(step(second, 'wider-scope').command?.split('\n')[0]).toBe(
      `Set-ManagementScope -Identity 'Mail ${clientId}' -RecipientRestrictionFilter 'PrimarySmtpAddress -eq ''second@example.com'' -or PrimarySmtpAddress -eq ''helpdesk@example.com'''`,
    );
    expect(second.script).toContain(`\n# Set-ManagementScope -Identity 'Mail ${clientId}'`);
  });

  it('uses roles and no permission in Entra for Microsoft Graph, and warns of the wider way', () => {
    const graph = guide(account({ receiving: { protocol: 'graph' }, sending: { protocol: 'graph' } }), appOnly);
    expect(ids(graph)).not.toContain('permissions');
    expect(ids(graph)).not.toContain('mailbox-permission');
    expect(step(graph, 'scoped-roles').command).toContain("-Role 'Application Mail.ReadWrite'");
    expect(step(graph, 'scoped-roles').command).toContain("-Role 'Application Mail.Send'");
    expect(step(graph, 'wide-permissions').warning?.en).toContain('every mailbox of the directory');
  });
});

describe('the set-up of a sign-in by a person', () => {
  const made = guide(account(), delegated);

  it('MAIL-07: lists the delegated permissions under Microsoft Graph', () => {
    const both = guide(account(), delegated, [account({ receiving: { protocol: 'pop' } })]);
    expect(values(both, 'permissions')).toEqual([
      'IMAP.AccessAsUser.All',
      'POP.AccessAsUser.All',
      'SMTP.Send',
      'offline_access',
    ]);
    expect(step(both, 'permissions').paths?.[0]?.en).toContain('Microsoft Graph > Delegated permissions');
  });

  it('lists every permission that the sign-in asks for, for shared mailboxes and other senders too', () => {
    const graph = { receiving: { protocol: 'graph' }, sending: { protocol: 'graph' } } as const;
    for (const one of [
      account(graph),
      account({ ...graph, mailbox: 'shared@example.com', signInUser: 'agent@example.com' }),
      account({ ...graph, from: 'team@example.com' }),
    ]) {
      const asked = delegatedScopes(one, 'graph', 'global').map((scope) => scope.slice(scope.lastIndexOf('/') + 1));
      expect(values(guide(one, delegated), 'permissions')).toEqual([...asked, 'offline_access']);
    }
  });

  it('registers a public client with the addresses that need no secret', () => {
    expect(values(made, 'register')).toEqual(
      expect.arrayContaining([
        'Public client/native (mobile & desktop)',
        'https://login.microsoftonline.com/common/oauth2/nativeclient',
      ]),
    );
    expect(ids(made)).not.toContain('secret');
    expect(step(made, 'public-client').text.en).toContain('A public client has no secret');
  });

  it('registers a confidential client as Web with the host’s address, and a secret', () => {
    const web = guide(account(), application({ flow: 'delegated', credential: secret }));
    expect(web.flow).toBe('delegated-confidential');
    expect(values(web, 'register')).toEqual(['Helpdesk mail', 'Web', 'Web', 'https://itsm.example.com/mail/callback']);
    expect(ids(web)).toContain('secret');
  });

  it('MAIL-13: names the path to the mail apps of the mailbox, and all checkboxes', () => {
    expect(step(made, 'email-apps').paths?.[0]).toEqual({
      en: 'Users > Active users > user > Mail > Email apps > Manage email apps',
      de: 'Benutzer > Aktive Benutzer > Benutzer > E-Mail > E-Mail-Apps > E-Mail-Apps verwalten',
    });
    expect(step(made, 'email-apps').text.en).toContain('Mark all checkboxes');
    expect(values(made, 'email-apps')).toEqual(['helpdesk@example.com']);
  });

  it('MAIL-14: switches authenticated SMTP on, and says that it is not always on', () => {
    expect(step(made, 'email-apps').command).toBe(
      "Set-CASMailbox -Identity 'helpdesk@example.com' -ImapEnabled $true -SmtpClientAuthenticationDisabled $false",
    );
    expect(step(made, 'email-apps').warning?.en).toBe('"Authenticated SMTP" is not always on by default.');
  });

  it('MAIL-15: says where the account is entered', () => {
    expect(step(made, 'enter').paths?.[0]?.en).toContain('System > Settings > ACMP Server > E-Mail Service');
  });

  it('MAIL-24: waits some minutes after a change before a new token is fetched', () => {
    expect(step(made, 'wait').text.en).toContain('some minutes, rarely hours');
    expect(ids(made).indexOf('wait')).toBe(ids(made).indexOf('sign-in') - 1);
  });

  it('opens a shared mailbox for the person who signs in, without licence and password', () => {
    const shared = guide(account({ mailbox: 'shared@example.com', signInUser: 'Agent@example.com' }), delegated);
    expect(step(shared, 'delegate-rights').command?.split('\n')).toEqual([
      "Add-MailboxPermission -Identity 'shared@example.com' -User 'agent@example.com' -AccessRights FullAccess",
      "Add-RecipientPermission -Identity 'shared@example.com' -Trustee 'agent@example.com' -AccessRights SendAs",
    ]);
    expect(step(shared, 'delegate-rights').text.en).toContain('neither licence nor password');
    expect(step(shared, 'email-apps').command?.split('\n')).toEqual([
      "Set-CASMailbox -Identity 'shared@example.com' -ImapEnabled $true",
      "Set-CASMailbox -Identity 'agent@example.com' -SmtpClientAuthenticationDisabled $false",
    ]);
    expect(ids(made)).not.toContain('delegate-rights');
  });
});

describe('every guide', () => {
  it('says everything in both languages', () => {
    for (const one of [guide(account(), appOnly), guide(account(), delegated)])
      for (const { id, title, text, warning } of [...one.steps, ...one.troubles])
        for (const language of languages)
          for (const said of [title[language], text[language], warning?.[language]])
            if (said !== undefined) {
              expect(said.length, id).toBeGreaterThan(6);
              expect(said, id).not.toMatch(/\b(?:please|simply|just|easy|easily|bitte|einfach)\b/i);
            }
  });

  it('refuses a value that would break out of its line', () => {
    expect(() => guide(account({ mailbox: 'a@example.com\nRemove-Mailbox' }), appOnly)).toThrow(
      expect.objectContaining({ code: 'GUIDE_VALUE_REFUSED' }),
    );
  });

  it('keeps ids in their place of the consent address', () => {
    const url = new URL(
      adminConsentUrl({
        tenantId: '../x?y=1#',
        clientId: 'a&scope=all',
        redirectUri: 'http://localhost',
        scopes: ['s'],
      }),
    );
    expect(url.host).toBe('login.microsoftonline.com');
    expect(url.pathname.endsWith('/v2.0/adminconsent')).toBe(true);
    expect([...url.searchParams.keys()]).toEqual(['client_id', 'redirect_uri', 'scope']);
    expect(url.searchParams.get('client_id')).toBe('a&scope=all');
  });
});
