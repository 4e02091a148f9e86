import { describe, expect, it } from 'vitest';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { accountOf, applicationOf, ids } from '../testing/accounts.ts';
import { type ClaimExpectation, claimProof, everyMailboxRoles } from './claim-findings.ts';
import { faultError } from './fault-error.ts';
import { orderedCauses } from './ordered-causes.ts';
import { tokenWith } from './testing/tokens.ts';
import { audienceOf, isCutShort, type TokenFacts, tokenFacts } from './token-facts.ts';

const now = Date.UTC(2026, 10, 21, 9);
const exchange = 'https://outlook.office365.com';
const good = { aud: exchange, tid: ids.tenant, appid: ids.client, exp: now / 1000 + 3600, roles: ['IMAP.AccessAsApp'] };

const factsOf = (claims: object): TokenFacts => {
  const facts = tokenFacts(tokenWith(claims));
  if (facts === undefined) throw new Error('no facts');
  return facts;
};
const appOnly: ClaimExpectation = { account: accountOf(), application: applicationOf(), resource: 'exchange', now };
const delegated: ClaimExpectation = { ...appOnly, application: applicationOf({ flow: 'delegated' }) };
const person = { ...good, roles: undefined, scp: 'IMAP.AccessAsUser.All SMTP.Send', upn: 'Helpdesk@example.com' };
const provenIds = (claims: object, expected = appOnly): readonly string[] =>
  claimProof(factsOf(claims), expected).proven.map(({ id }) => id);

describe('what is read from a token', () => {
  it('reads audience, permissions, directory, application and end without checking the signature', () => {
    expect(factsOf({ ...good, scp: 'A.B C.D' })).toEqual({
      audience: exchange,
      roles: ['IMAP.AccessAsApp'],
      scopes: ['A.B', 'C.D'],
      tenant: ids.tenant,
      application: ids.client,
      names: [],
      expiresAt: good.exp * 1000,
    });
  });

  it.each([
    ['nothing', ''],
    ['an opaque token', 'EwBwA8l6BAAU'],
    ['a token cut short', tokenWith(good).slice(0, -20).split('.').slice(0, 2).join('.')],
    ['broken base64', 'a.b!.c'],
    ['no object', `${tokenWith({}).split('.')[0]}.${Buffer.from('[]').toString('base64url')}.c`],
    ['a very long token', tokenWith({ aud: 'x'.repeat(200_000) })],
  ])('gives nothing for %s', (_, token) => {
    expect(tokenFacts(token)).toBeUndefined();
  });

  it('tells a token that was cut anywhere from a whole one and from an opaque one', () => {
    const whole = tokenWith(good);
    for (let length = 10; length < whole.length; length += 7) expect(isCutShort(whole.slice(0, length))).toBe(true);
    expect(isCutShort(whole)).toBe(false);
    for (const opaque of ['', 'EwBwA8l6BAAU', 'a.b.c', `${whole}.more`]) expect(isCutShort(opaque)).toBe(false);
    // Of other algorithms nothing is known.
    const [, body] = whole.split('.');
    expect(isCutShort(`${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${body}.c2ln`)).toBe(false);
  });

  it('bounds and cleans hostile claims', () => {
    const facts = factsOf({
      aud: 7,
      roles: [...Array.from({ length: 100 }, () => 'r'.repeat(300)), { a: 1 }, 'x\u202ey\nz'],
      scp: ['not', 'text'],
      appid: { toString: 'no' },
      exp: 'soon',
    });
    expect(facts.roles.length).toBeLessThanOrEqual(50);
    expect(Math.max(...facts.roles.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(facts).toMatchObject({ audience: '', application: '', expiresAt: Number.NaN });
    expect(factsOf({ roles: ['x\u202ey\nz'] }).roles).toEqual(['xy z']);
  });

  it.each([
    [`${exchange}/`, 'exchange'],
    ['https://outlook.office.com', 'exchange'],
    ['00000002-0000-0ff1-ce00-000000000000', 'exchange'],
    ['https://graph.microsoft.com', 'graph'],
    ['00000003-0000-0000-c000-000000000000', 'graph'],
    ['https://graph.microsoft.com.evil.example', undefined],
  ])('knows the audience %s as %s', (audience, service) => {
    expect(audienceOf({ audience })).toBe(service);
  });
});

describe('what the claims prove', () => {
  it('finds nothing wrong with good tokens', () => {
    expect(provenIds(good)).toEqual([]);
    expect(provenIds(person, delegated)).toEqual([]);
    expect(provenIds({}, delegated)).toEqual(['consent']);
  });

  it.each([
    ['a Graph token', { ...good, aud: 'https://graph.microsoft.com' }, ['audience']],
    ['an expired token', { ...good, exp: now / 1000 }, ['expired']],
    ['another directory', { ...good, tid: ids.client }, ['tenant']],
    ['another application', { ...good, appid: ids.tenant }, ['application']],
    ['a missing role', { ...good, roles: ['POP.AccessAsApp'] }, ['consent']],
  ])('proves %s', (_, claims, expected) => {
    expect(provenIds(claims)).toEqual(expected);
  });

  it('proves another person, and a missing delegated permission', () => {
    expect(provenIds({ ...person, upn: 'somebody@example.com' }, delegated)).toEqual(['user-name']);
    expect(provenIds({ ...person, scp: 'IMAP.AccessAsUser.All' }, delegated)).toEqual(['consent']);
  });

  it('proves nothing about roles that RBAC for Applications gives, which stand in no token', () => {
    const sendsOnly = { ...appOnly, account: accountOf({ receiving: { protocol: 'none' } }) };
    expect(provenIds({ ...good, roles: undefined }, sendsOnly)).toEqual([]);
    expect(claimProof(factsOf({ ...good, roles: undefined }), sendsOnly).ruledOut).not.toContain('consent');
  });

  it.each([
    [['Mail.ReadWrite'], ['Mail.ReadWrite']],
    [['full_access_as_app', 'IMAP.AccessAsApp'], ['full_access_as_app']],
    [['IMAP.AccessAsApp', 'POP.AccessAsApp', 'SMTP.SendAsApp', 'Mail.Send', 'User.Read.All'], []],
  ])('of %s, %s read every mailbox', (roles, wide) => {
    expect(everyMailboxRoles({ roles })).toEqual(wide);
  });
});

describe('the order of causes', () => {
  const refused = {
    stage: 'login',
    protocol: 'imap',
    server: 'outlook.office365.com:993',
    reply: 'NO AUTHENTICATE failed.',
  } as const;
  const causes = (claims: object | undefined, expected: ClaimExpectation, fault: Partial<FaultFacts> = {}) => {
    const proof = claims === undefined ? undefined : claimProof(factsOf(claims), expected);
    const { account, application } = expected;
    return orderedCauses(new ChannelFault({ ...refused, ...fault }).facts, { account, application, proof });
  };

  it('ADV-31: a Graph audience is the first cause of NO AUTHENTICATE failed, for sure', () => {
    const [first] = causes({ ...good, aud: 'https://graph.microsoft.com' }, appOnly);
    expect(first?.id).toBe('audience');
    expect(first?.cause.en).toBe(
      'The token is for https://graph.microsoft.com, which is the wrong service for this protocol.',
    );
  });

  it('ADV-32: a missing role is named, and comes first', () => {
    const [first] = causes({ ...good, roles: [] }, appOnly);
    expect(first?.cause.en).toContain('lacks IMAP.AccessAsApp');
    expect(first?.remedy.en).toContain('Grant admin consent');
  });

  it('ADV-33: with good claims the protocol of the mailbox comes first, with the command for this mailbox', () => {
    const found = causes(good, appOnly);
    expect(found.map(({ id }) => id)).toEqual([
      'protocol',
      'service-principal',
      'mailbox-right',
      'user-name',
      'replication',
    ]);
    expect(found[0]?.remedy.en).toContain("Set-CASMailbox -Identity 'helpdesk@example.com' -ImapEnabled $true");
    expect(causes(good, appOnly, { protocol: 'pop', reply: '-ERR Authentication failure: x' })[0]?.remedy.de).toContain(
      "Set-CASMailbox -Identity 'helpdesk@example.com' -PopEnabled $true",
    );
  });

  it('shows the cmdlets of an application with its own ids', () => {
    const remedies = causes(good, appOnly).map(({ remedy }) => remedy.en);
    expect(remedies[1]).toContain(`New-ServicePrincipal -AppId '${ids.client}' -ObjectId '${ids.object}'`);
    expect(remedies[2]).toContain(
      `$principal = Get-ServicePrincipal | Where-Object { $_.AppId -eq '${ids.client}' }; Add-MailboxPermission -Identity 'helpdesk@example.com' -User $principal.Id`,
    );
  });

  it('shows the cmdlet of a person for a shared mailbox, and no service principal', () => {
    const shared: ClaimExpectation = {
      ...delegated,
      account: accountOf({ mailbox: 'shared@example.com', signInUser: 'helpdesk@example.com' }),
    };
    const found = causes(person, shared);
    expect(found.map(({ id }) => id)).not.toContain('service-principal');
    expect(found.find(({ id }) => id === 'mailbox-right')?.remedy.en).toContain(
      "Add-MailboxPermission -Identity 'shared@example.com' -User 'helpdesk@example.com' -AccessRights FullAccess",
    );
  });

  it('MAIL-14: authenticated SMTP that is off has the command for the login, whatever the claims say', () => {
    const reply = '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.';
    const [first, ...others] = causes({ ...good, roles: [] }, appOnly, { protocol: 'smtp', status: 535, reply });
    expect(others).toEqual([]);
    expect(first?.remedy.en).toContain(
      "Set-CASMailbox -Identity 'helpdesk@example.com' -SmtpClientAuthenticationDisabled $false",
    );
  });

  it('MAIL-24: waiting for a change to arrive stays among the causes, whatever the claims prove', () => {
    for (const claims of [undefined, good, { ...good, aud: 'https://graph.microsoft.com' }])
      expect(causes(claims, appOnly).map(({ id }) => id)).toContain('replication');
  });

  it('leaves a general remedy where a value cannot stand in a command', () => {
    const odd = { ...appOnly, account: accountOf({ mailbox: 'a\u2028b@example.com' }) };
    expect(causes(good, odd)[0]?.remedy.en).not.toContain('Set-CASMailbox');
  });

  it('speaks of the password alone to an account with one', () => {
    const found = orderedCauses(new ChannelFault(refused).facts, {
      account: accountOf({ method: 'password' }),
      application: undefined,
      proof: undefined,
    });
    expect(found.map(({ id }) => id)).toEqual(['protocol', 'user-name', 'password']);
  });

  it('numbers the causes in the error', () => {
    const fault = new ChannelFault(refused);
    const error = faultError(fault, causes(good, appOnly));
    expect(error.remedy('en')).toMatch(/^Check in this order: \(1\) IMAP, POP or authenticated SMTP .*\(2\) /);
    expect(error.remedy('de')).toMatch(/^Prüfen Sie in dieser Reihenfolge: \(1\) /);
    expect(error.details.acts).toBe('exchange');
  });
});
