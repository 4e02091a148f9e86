import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import { ensureMailUser, freePorts, mailUser, runServer } from './server-process.ts';
import type { TokenKey } from './token-issuer.ts';

export interface DovecotOptions {
  /** Whose tokens are taken; checked by Dovecot itself against the public keys. */
  readonly keys: readonly TokenKey[];
  readonly issuers: readonly string[];
  /** The claim that has to equal XOAUTH2's `user=`. Default `preferred_username`. */
  readonly userClaim?: string;
  /** A word that the claim `scope` has to hold; default: none. */
  readonly scope?: string;
  /** Where the submission service relays to; default: nowhere. */
  readonly relayPort?: number;
  /** The name in the certificate. Default `mail.example.test`. */
  readonly host?: string;
  /** Folders besides the inbox that every delivered-to mailbox has. */
  readonly folders?: readonly string[];
  /** SASL mechanisms. Default `xoauth2` alone, as Exchange. */
  readonly mechanisms?: string;
}

export interface Dovecot {
  readonly host: string;
  readonly imaps: number;
  readonly imap: number;
  readonly pop3s: number;
  readonly pop3: number;
  readonly submission: number;
  /** Dovecot's authentication, for Postfix. */
  readonly sasl: number;
  /** PEM; the server's certificate is its own authority. */
  readonly authority: string;
  readonly privateKeyPem: string;
  /** Puts a message into the inbox as it is, byte for byte. */
  deliver(user: string, raw: Buffer | string): Promise<void>;
  /** Forgets all UIDs of the inbox, as a moved mailbox does: the next one that opens it finds another UIDVALIDITY. */
  forgetUids(user: string): Promise<void>;
  readonly logFile: string;
  log(): Promise<string>;
  close(): Promise<void>;
}

const configuration = (folder: string, ports: Ports, options: DovecotOptions): string => `
base_dir = ${folder}/run
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
protocols = imap pop3 submission
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
auth_mechanisms = ${options.mechanisms ?? 'xoauth2'}
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%u/Maildir
pop3_uidl_format = %08Xv%08Xu
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf.ext
}
userdb {
  driver = static
  args = uid=${mailUser} gid=${mailUser} home=${folder}/mail/%u
}
namespace inbox {
  inbox = yes
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    port = ${ports.submission}
  }
}
# Without it each failure slows the next one down by seconds.
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 00
  }
}
service stats {
  chroot =
}
service auth {
  inet_listener sasl {
    address = 127.0.0.1
    port = ${ports.sasl}
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = ${options.relayPort ?? 9}
`;

const validation = (folder: string, options: DovecotOptions): string => `
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=${folder}/keys/
username_attribute = ${options.userClaim ?? 'preferred_username'}
issuers = ${options.issuers.join(' ')}
${options.scope === undefined ? '' : `scope = ${options.scope}`}
`;

interface Ports {
  readonly imaps: number;
  readonly imap: number;
  readonly pop3s: number;
  readonly pop3: number;
  readonly submission: number;
  readonly sasl: number;
}

const choosePorts = async (): Promise<Ports> => {
  const [imaps = 0, imap = 0, pop3s = 0, pop3 = 0, submission = 0, sasl = 0] = await freePorts(6);
  return { imaps, imap, pop3s, pop3, submission, sasl };
};

/**
 * Starts Dovecot 2.3 of Debian on free ports of loopback, in a temporary folder, taking XOAUTH2 with JSON web tokens that it
 * validates itself. For Linux, as root; ask {@link serversMissing} first. Ends with {@link Dovecot.close}.
 */
export const startDovecot = async (options: DovecotOptions): Promise<Dovecot> => {
  ensureMailUser();
  const host = options.host ?? 'mail.example.test';
  const folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
  await chmod(folder, 0o755);
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  const makeOwned = async (path: string): Promise<void> => {
    const made = await mkdir(path, { recursive: true });
    if (made === undefined) return;
    execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, made], { timeout: 10_000 });
  };
  const { certificatePem, privateKeyPem } = selfSignedCertificate({ commonName: host });
  await writeFile(join(folder, 'cert.pem'), certificatePem);
  await writeFile(join(folder, 'key.pem'), privateKeyPem, { mode: 0o600 });
  await writeFile(join(folder, 'oauth2.conf.ext'), validation(folder, options));
  for (const { client, kid, publicKeyPem } of options.keys) {
    const keys = join(folder, 'keys', client, 'RS256');
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, kid), publicKeyPem);
  }
  await makeOwned(join(folder, 'mail'));
  const start = async (tries: number): Promise<readonly [Ports, { stop(): Promise<void> }]> => {
    const ports = await choosePorts();
    await writeFile(join(folder, 'dovecot.conf'), configuration(folder, ports, options));
    try {
      return [ports, await runServer('dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], Object.values(ports))];
    } catch (error) {
      // Somebody else took a port in between.
      if (tries > 1) return start(tries - 1);
      throw error;
    }
  };
  const [ports, server] = await start(3);
  const maildir = (user: string): string => join(folder, 'mail', user, 'Maildir');
  const logFile = join(folder, 'dovecot.log');
  let delivered = 0;
  return {
    ...ports,
    host,
    authority: certificatePem,
    privateKeyPem,
    deliver: async (user, raw) => {
      for (const name of ['', ...(options.folders ?? []).map((entry) => `.${entry}`)]) {
        for (const part of ['cur', 'new', 'tmp']) await makeOwned(join(maildir(user), name, part));
      }
      delivered += 1;
      // Dovecot numbers new files in the order of the time in their names.
      const file = join(maildir(user), 'new', `${1_700_000_000 + delivered}.M${delivered}P1.test`);
      await writeFile(file, raw);
      await chown(file, owner.uid, owner.gid);
    },
    forgetUids: async (user) => {
      for (const name of ['dovecot-uidlist', 'dovecot.index', 'dovecot.index.log', 'dovecot.index.cache']) {
        await rm(join(maildir(user), name), { force: true });
      }
    },
    logFile,
    log: () => readFile(logFile, 'utf8').catch(() => ''),
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const idOf = (option: '-u' | '-g'): number =>
  Number(execFileSync('id', [option, mailUser], { encoding: 'utf8', timeout: 10_000 }));
