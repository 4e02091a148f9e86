import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { checkConnection, openDatabase } from '../index.ts';
import { testClock } from '../testing/index.ts';
import { encryption, openTdsListener, type TdsListener, type TdsListenerOptions } from '../testing/tds-listener.ts';
import { offersEncryption } from './connector.ts';
import type { MssqlConnection } from './engine.ts';

const { privateKeyPem: key, certificatePem: certificate } = selfSignedCertificate({ addresses: ['127.0.0.1'] });
const other = selfSignedCertificate({ dnsNames: ['db.example.test'] });

const login7 = 16;

describe('the way to a SQL Server', () => {
  let listener: TdsListener | undefined;
  afterEach(async () => {
    await listener?.close();
    listener = undefined;
  });

  /** By the connection that the product works on, and by the one of the "Test" button. */
  const attempts = async (options: TdsListenerOptions, more: Partial<MssqlConnection> = {}) => {
    listener = await openTdsListener(options);
    const connection: MssqlConnection = {
      dialect: 'mssql',
      server: '127.0.0.1',
      port: listener.port,
      database: 'itsm',
      user: 'itsm_app',
      password: 'canary-password',
      ...more,
    };
    const codeOf = (error: unknown): unknown => Reflect.get(Object(error), 'code');
    const opened = await openDatabase(connection, { clock: testClock() }).then(() => 'opened', codeOf);
    const checked = await checkConnection(connection).then(() => 'checked', codeOf);
    return { codes: [opened, checked], ...listener };
  };

  for (const says of ['off', 'notSupported'] as const)
    it(`sends no login where encryption is asked for and the server answers '${says}'`, async () => {
      const { codes, inTheClear } = await attempts({ encryption: encryption[says] });
      expect(codes).toEqual(['DATABASE_ENCRYPTION_MISSING', 'DATABASE_ENCRYPTION_MISSING']);
      expect(inTheClear).not.toContain(login7);
    });

  it('sends no login where such an answer comes byte by byte', async () => {
    const { codes, inTheClear } = await attempts({ encryption: encryption.notSupported, dribbles: true });
    expect(codes).toEqual(['DATABASE_ENCRYPTION_MISSING', 'DATABASE_ENCRYPTION_MISSING']);
    expect(inTheClear).not.toContain(login7);
  });

  it('says that the server demands encryption where the settings go without', async () => {
    const { codes, inTheClear } = await attempts({ encryption: encryption.required }, { encrypt: false });
    expect(codes).toEqual(['DATABASE_ENCRYPTION_REQUIRED', 'DATABASE_ENCRYPTION_REQUIRED']);
    expect(inTheClear).not.toContain(login7);
  });

  it('takes no certificate that nobody vouches for, and says which is wrong', async () => {
    const { codes, inTheClear, encrypted } = await attempts({ encryption: encryption.on, key, certificate });
    expect(codes).toEqual(['DATABASE_CERTIFICATE_REFUSED', 'DATABASE_CERTIFICATE_REFUSED']);
    expect([...inTheClear, ...encrypted]).not.toContain(login7);
  });

  it('signs in encrypted where the settings trust any certificate', async () => {
    const { inTheClear, encrypted } = await attempts(
      { encryption: encryption.required, key: other.privateKeyPem, certificate: other.certificatePem },
      { trustServerCertificate: true },
    );
    expect(inTheClear).not.toContain(login7);
    expect(encrypted).toContain(login7);
  });

  it('goes without encryption where the settings say so and the server offers none', async () => {
    const { inTheClear } = await attempts({ encryption: encryption.notSupported }, { encrypt: false });
    expect(inTheClear).toContain(login7);
  });

  it.each([
    ['nothing yet', '', undefined],
    ['half a header', '04010000', undefined],
    ['half of the answer', '0401001a00000100000006', undefined],
    ['no options', '0401000900000100ff', false],
    ['an option that points behind the end', '0401000e0000010001ffff0001ff', false],
    ['ON', '0401000f000001000100060001ff01', true],
    ['NOT_SUP', '0401000f000001000100060001ff02', false],
  ])('reads the answer to PRELOGIN: %s', (_, hex, offered) => {
    expect(offersEncryption(Buffer.from(hex, 'hex'))).toBe(offered);
  });
});
