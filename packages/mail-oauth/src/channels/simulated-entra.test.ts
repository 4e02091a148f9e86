import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { type Relay, serversMissing, startRelay } from '@itsm-m365/mail-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateMail, openStage, type Stage } from '../sign-in/testing/stage.ts';
import { contextOf, faultOf, serverOf } from '../testing/channel-context.ts';
import type { Login } from './channel.ts';
import { openImap } from './imap/open-imap.ts';
import { openPop } from './pop/open-pop.ts';
import { openSmtp } from './smtp/open-smtp.ts';

const missing = serversMissing('dovecot', 'postfix');

// From the browser to the mailbox: a person signs in at the simulated Entra, and servers that are nobody's double check
// the token that comes of it by its signature, issuer, expiry and user.
describe.skipIf(missing)(`tokens of a sign-in at real servers${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let relay: Relay;
  let test: TestDatabase;
  let stage: Stage;
  let login: Login;

  beforeAll(async () => {
    const [engine] = eachDatabase();
    if (engine === undefined) throw new Error('no database');
    test = await engine.open();
    // The servers have the machine's time, and so must what they are to accept.
    stage = await openStage(test.db, { start: Date.now() });
    await migrateMail(test.db, stage.clock);
    const { kid, pem } = stage.running.simulator.signingKeyPem();
    const { tenant } = stage;
    relay = await startRelay({
      keys: [{ client: tenant.clientId, kid, publicKeyPem: pem }],
      issuers: [`https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`],
    });
    const account = stage.account();
    await stage.signIn(account);
    const tokens = stage.tokens(account);
    login = { kind: 'oauth', user: stage.user, token: (options) => tokens.token('exchange', options) };
  }, 120_000);
  afterAll(async () => {
    await relay?.close();
    await stage?.close();
    await test?.close();
  });

  it('are taken by IMAP and POP3', async () => {
    await relay.dovecot.deliver(stage.user, 'Subject: one\r\n\r\ntext\r\n');
    const imap = serverOf({ ...relay.dovecot, port: relay.dovecot.imaps });
    const byImap = await openImap(imap, login, '', contextOf(imap));
    expect(byImap.facts.messages).toBe(1);
    await byImap.close();
    const pop = serverOf({ ...relay.dovecot, port: relay.dovecot.pop3s });
    const byPop = await openPop(pop, login, contextOf(pop));
    expect(byPop.facts.messages).toBe(1);
    await byPop.close();
  });

  it('are taken for sending, by Dovecot and by Postfix', async () => {
    for (const server of [relay.dovecot, relay.postfix]) {
      const target = serverOf({ ...server, port: server.submission }, { encryption: 'starttls' });
      const submission = await openSmtp(target, login, contextOf(target));
      await submission.send(
        { from: stage.user, to: ['c@example.test'] },
        Buffer.from(`From: ${stage.user}\r\nSubject: by ${server.host}\r\n\r\nx\r\n`),
      );
      await submission.close();
      await expect.poll(() => relay.sink.relayed.join(''), { timeout: 20_000 }).toContain(`by ${server.host}`);
    }
  });

  it('are refused for another user', async () => {
    const imap = serverOf({ ...relay.dovecot, port: relay.dovecot.imaps });
    const foreign: Login = { ...login, user: stage.other };
    expect((await faultOf(openImap(imap, foreign, '', contextOf(imap)))).stage).toBe('login');
  });
});
