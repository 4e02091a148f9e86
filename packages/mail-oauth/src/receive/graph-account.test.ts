import { eachDatabase } from '@itsm-m365/database/testing';
import { type RunningSimulator, simulatorDispatcher, startSimulator } from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox } from '../channels/channel.ts';
import { openGraphMailbox } from '../channels/graph/open-graph.ts';
import { contextOf, tokensOf } from '../testing/channel-context.ts';
import { mailboxDouble } from '../testing/mailbox-double.ts';
import { mime } from '../testing/receiving.ts';
import { receivingWorld, subjectsOf } from '../testing/receiving-world.ts';
import { answerCursor } from './cursor.ts';

const help = 'help@contoso.example';
const sales = 'sales@contoso.example';

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`fetching by Microsoft Graph on ${engine.name}`, () => {
    const world = receivingWorld(engine);
    let running: RunningSimulator;
    let http: Dispatcher;
    let token: string;
    beforeAll(async () => {
      running = await startSimulator({
        secret: 'simulated-secret',
        tenants: [
          { users: 2, apps: [{ roles: ['Mail.ReadWrite'] }], mailboxes: [{ address: help }, { address: sales }] },
        ],
      });
      http = simulatorDispatcher(running.url);
      const { tenant } = running.simulator;
      const { body } = await http.request({
        origin: 'https://login.microsoftonline.com',
        path: `/${tenant.tenantId}/oauth2/v2.0/token`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: tenant.clientId,
          client_secret: 'simulated-secret',
          scope: 'https://graph.microsoft.com/.default',
        }).toString(),
      });
      token = JSON.parse(await body.text()).access_token;
    });
    afterAll(async () => {
      await http.destroy();
      await running.close();
    });

    const open = (folder: string, mailbox = help): Promise<Mailbox> =>
      openGraphMailbox(
        tokensOf(mailbox, token).login,
        folder,
        contextOf({ host: 'graph.microsoft.com', port: 443 }, { http }),
      );

    it('never reads on in the mailbox that an account named before', async () => {
      const one = world.receiving(mailboxDouble({ protocol: 'graph' }));
      running.simulator.exchange.deliver(help, Buffer.from(mime('before')));
      await one.fetch({ mailbox: await open('') });
      const account = { ...one.account, mailbox: sales };
      const fetch = async () => one.fetch({ mailbox: await open('', sales), account });
      running.simulator.exchange.deliver(help, Buffer.from(mime('of the former')));
      running.simulator.exchange.deliver(sales, Buffer.from(mime('of the new one')));
      expect((await fetch()).outcome).toBe('held');
      await answerCursor(world.db, one.account.id, 'fetch-all', one.clock.now());
      expect((await fetch()).outcome).toBe('succeeded');
      expect(subjectsOf(one).at(-1)).toBe('of the new one');
      expect(subjectsOf(one)).not.toContain('of the former');
    });

    it('goes on from one fetch to the next, whether the inbox is named or not', async () => {
      for (const folder of ['', 'Inbox']) {
        const one = world.receiving(mailboxDouble({ protocol: 'graph' }));
        running.simulator.exchange.deliver(help, Buffer.from(mime(`first ${folder}`)));
        await one.fetch({ mailbox: await open(folder) });
        running.simulator.exchange.deliver(help, Buffer.from(mime(`second ${folder}`)));
        const report = await one.fetch({ mailbox: await open(folder) });
        expect(report.outcome).toBe('succeeded');
        expect(subjectsOf(one).at(-1)).toBe(`second ${folder}`.trim());
      }
    });
  });
