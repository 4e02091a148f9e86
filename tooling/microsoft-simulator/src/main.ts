import { parseArgs } from 'node:util';
import { clouds } from './clouds.ts';
import { demoTenant } from './demo.ts';
import { startExchange } from './exchange/start.ts';
import type { TenantOptions } from './options.ts';
import { startSimulator } from './server.ts';

const help = `Usage: microsoft-simulator [options]

  --port N                 port on 127.0.0.1 (default 8365; 0: any free one)
  --users N                users per tenant, up to 1000000 (default 250)
  --assignments-per-user N average number of assignments per user (default 2.5)
  --seed N                 equal seeds give equal tenants (default 365)
  --tenants N              number of tenants (default 1)
  --secret TEXT            client secret of every tenant's app (default: new on every start)
  --cloud NAME             ${Object.keys(clouds).join(', ')} (default global)
  --mailbox ADDRESS        mailbox of the first tenant; may be given several times
  --mail-port N            IMAPS on N, then IMAP, POP3S, SMTP, SMTPS (default 0: any free ones)
  --help                   this text
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8365' },
    users: { type: 'string', default: '250' },
    'assignments-per-user': { type: 'string', default: '2.5' },
    seed: { type: 'string', default: '365' },
    tenants: { type: 'string', default: '1' },
    secret: { type: 'string' },
    cloud: { type: 'string', default: 'global' },
    mailbox: { type: 'string', multiple: true, default: [] },
    'mail-port': { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

const stop = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

const number = (name: 'port' | 'users' | 'assignments-per-user' | 'seed' | 'tenants' | 'mail-port'): number => {
  const value = Number(values[name]);
  return Number.isFinite(value) && value >= 0 ? value : stop(`--${name} must be a number, not '${values[name]}'.`);
};

const run = async (): Promise<void> => {
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const cloud = Object.values(clouds).find((entry) => entry.name === values.cloud)?.name;
  if (cloud === undefined) return stop(`There is no cloud named '${values.cloud}'.`);
  const shared = { users: number('users'), assignmentsPerUser: number('assignments-per-user'), cloud };
  const { clientId, ...demo } = demoTenant;
  const tenants: TenantOptions[] = Array.from({ length: Math.max(1, number('tenants')) }, (_, at) =>
    at === 0 ? { ...demo, apps: [{ clientId }], ...shared } : shared,
  );
  const running = await startSimulator({
    port: number('port'),
    seed: number('seed'),
    tenants,
    ...(values.secret === undefined ? {} : { secret: values.secret }),
  });
  for (const address of values.mailbox) running.simulator.exchange.addMailbox({ address });
  const first = number('mail-port');
  const at = (offset: number): number => (first === 0 ? 0 : first + offset);
  const mail =
    values.mailbox.length === 0
      ? undefined
      : await startExchange(running.simulator, {
          ports: { imaps: at(0), imap: at(1), pop3s: at(2), submission: at(3), smtps: at(4) },
        });
  const mailLine =
    mail === undefined
      ? ''
      : `Mail servers on 127.0.0.1: ${Object.entries(mail.ports)
          .map(([name, port]) => `${name} ${port}`)
          .join(', ')}; certificate: ${running.url}/_control/exchange\n`;
  const lines = running.simulator.tenants.flatMap((tenant) => [
    '',
    `Tenant   ${tenant.displayName} (${tenant.domain}), ${tenant.truth.userCount()} users`,
    `  tenant id  ${tenant.tenantId}`,
    `  client id  ${tenant.clientId}`,
    // A secret given on the command line is known to whoever gave it, and need not be in a log.
    `  secret     ${values.secret === undefined ? tenant.secret : '(as given)'}`,
    `  hosts      ${tenant.cloud.loginHost}, ${tenant.cloud.graphHost}`,
  ]);
  process.stdout.write(
    `Microsoft simulator listening on ${running.url}\nControl surface: ${running.url}/_control/\n${mailLine}${lines.join('\n')}\n`,
  );
  const end = (): void => {
    Promise.all([running.close(), mail?.close()]).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
};

run().catch((error: unknown) => stop(error instanceof Error ? error.message : String(error)));
