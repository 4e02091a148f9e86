import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretBinding, SecretRef, Secrets } from '@itsm-m365/plugin-api';
import { foreignErrors } from './errors.ts';

const algorithm = 'chacha20-poly1305';

/** One line a secret: reference, digest of the binding, nonce, tag and ciphertext, in hexadecimal with blanks between. */
interface Line {
  readonly ref: string;
  readonly binding: string;
  readonly nonce: string;
  readonly tag: string;
  readonly sealed: string;
}

const digestOf = ({ owner, field, boundTo }: SecretBinding): string =>
  createHash('sha512')
    .update(JSON.stringify([owner, field, Object.entries(boundTo).sort()]))
    .digest('hex');

const read = (file: string): Line[] =>
  !existsSync(file)
    ? []
    : readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [ref = '', binding = '', nonce = '', tag = '', sealed = ''] = line.split(' ');
          return { ref, binding, nonce, tag, sealed };
        });

const write = (file: string, lines: readonly Line[]): void => {
  const text = lines.map(({ ref, binding, nonce, tag, sealed }) => [ref, binding, nonce, tag, sealed].join(' '));
  writeFileSync(`${file}.new`, `${text.join('\n')}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

/** Secrets in a text file of this host's own format, the key in a file beside it. */
export const openVault = (folder: string): Secrets => {
  const file = join(folder, 'vault.txt');
  const keyFile = join(folder, 'vault.key');
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
  const key = readFileSync(keyFile);
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

  return {
    async store(value, binding) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: 16 });
      const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]).toString('hex');
      const ref = `vault-${randomBytes(9).toString('hex')}`;
      const tag = cipher.getAuthTag().toString('hex');
      write(file, [...read(file), { ref, binding: digestOf(binding), nonce: nonce.toString('hex'), tag, sealed }]);
      return ref as SecretRef;
    },
    async reveal(ref, binding) {
      const line = read(file).find((one) => one.ref === ref);
      if (line === undefined || line.binding !== digestOf(binding)) throw foreignErrors.SECRET_UNREADABLE();
      const cipher = createDecipheriv(algorithm, key, bytes(line.nonce), { authTagLength: 16 });
      cipher.setAuthTag(bytes(line.tag));
      return Buffer.concat([cipher.update(bytes(line.sealed)), cipher.final()]).toString('utf8');
    },
    async remove(ref) {
      write(
        file,
        read(file).filter((line) => line.ref !== ref),
      );
    },
  };
};
