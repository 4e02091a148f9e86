import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import { freePorts, runServer } from './server-process.ts';

export interface PostfixOptions {
  /** The port of Dovecot's authentication: {@link Dovecot.sasl}. */
  readonly sasl: number;
  /** An SMTP server of the test on loopback that gets what Postfix takes. */
  readonly relayPort: number;
  /** The name in the certificate. Default `smtp.example.test`. */
  readonly host?: string;
  /** Default 10 MB. */
  readonly maxBytes?: number;
}

export interface Postfix {
  readonly host: string;
  /** STARTTLS, then XOAUTH2; without signing in nothing is taken. */
  readonly submission: number;
  /** TLS from the first byte. */
  readonly submissions: number;
  /** PEM; the server's certificate is its own authority. */
  readonly authority: string;
  log(): Promise<string>;
  close(): Promise<void>;
}

const main = (folder: string, host: string, options: PostfixOptions): string => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
myhostname = ${host}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${options.sasl}
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = ${folder}/cert.pem
smtpd_tls_key_file = ${folder}/key.pem
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100
message_size_limit = ${options.maxBytes ?? 10_000_000}
mailbox_size_limit = 0
relayhost = [127.0.0.1]:${options.relayPort}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
`;

const services = (submission: number, submissions: number): string => `
127.0.0.1:${submission} inet n - n - - smtpd
127.0.0.1:${submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/**
 * Starts Postfix 3.7 of Debian on free ports of loopback, in a temporary folder, which asks Dovecot about tokens and hands
 * all mail to `relayPort`. For Linux, as root; ask {@link serversMissing} first. Ends with {@link Postfix.close}.
 */
export const startPostfix = async (options: PostfixOptions): Promise<Postfix> => {
  const host = options.host ?? 'smtp.example.test';
  const folder = await mkdtemp(join(tmpdir(), 'postfix-'));
  await chmod(folder, 0o755);
  const { certificatePem, privateKeyPem } = selfSignedCertificate({ commonName: host });
  await writeFile(join(folder, 'cert.pem'), certificatePem);
  await writeFile(join(folder, 'key.pem'), privateKeyPem, { mode: 0o600 });
  await writeFile(join(folder, 'main.cf'), main(folder, host, options));
  await mkdir(join(folder, 'queue'));
  await mkdir(join(folder, 'data'));
  execFileSync('chown', ['postfix', join(folder, 'data')], { timeout: 10_000 });
  const masterPid = (): number | undefined => {
    try {
      const pid = Number(readFileSync(join(folder, 'queue', 'pid', 'master.pid'), 'utf8').trim());
      return Number.isInteger(pid) && pid > 1 ? pid : undefined;
    } catch {
      return undefined;
    }
  };
  const start = async (tries: number): Promise<readonly [number, number, { stop(): Promise<void> }]> => {
    const [submission = 0, submissions = 0] = await freePorts(2);
    await writeFile(join(folder, 'master.cf'), services(submission, submissions));
    try {
      return [
        submission,
        submissions,
        await runServer('postfix', ['-c', folder, 'start-fg'], [submission, submissions], masterPid),
      ];
    } catch (error) {
      // Somebody else took a port in between.
      if (tries > 1) return start(tries - 1);
      const log = await readFile(join(folder, 'postfix.log'), 'utf8').catch(() => '');
      throw new Error(`Postfix did not start: ${log.slice(-2_000)}`, { cause: error });
    }
  };
  const [submission, submissions, server] = await start(3);
  return {
    host,
    submission,
    submissions,
    authority: certificatePem,
    log: () => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => ''),
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
