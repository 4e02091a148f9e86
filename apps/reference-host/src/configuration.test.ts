import { describe, expect, it } from 'vitest';
import { readConfiguration } from './configuration.ts';

describe('configuration', () => {
  it('starts with the simulator, an embedded database and the loopback address', () => {
    const configuration = readConfiguration([], {});
    expect(configuration.simulator.enabled).toBe(true);
    expect(configuration.databaseUrl).toBeUndefined();
    expect(configuration.listen.host).toBe('127.0.0.1');
  });

  it('reads a real tenant where the environment names one', () => {
    const env = {
      M365_TENANT_ID: 't',
      M365_CLIENT_ID: 'c',
      M365_CLIENT_SECRET: 's',
      M365_CLIENT_SECRET_EXPIRES: '2027-05-20',
    };
    expect(readConfiguration(['--once'], env)).toMatchObject({
      once: true,
      simulator: { enabled: false },
      tenant: { tenantId: 't' },
    });
  });

  it.each([
    [{ M365_TENANT_ID: 't' }, 'M365_CLIENT_ID'],
    [{ M365_CLIENT_ID: 'c' }, 'M365_TENANT_ID'],
    [{ M365_TENANT_ID: 't', M365_CLIENT_ID: 'c' }, 'M365_CLIENT_SECRET'],
    [{ M365_TENANT_ID: 't', M365_CLIENT_ID: 'c', M365_CLIENT_SECRET: 's' }, 'M365_CLIENT_SECRET_EXPIRES'],
    [{ M365_TENANT_ID: 't', M365_CLIENT_ID: 'c', M365_CERTIFICATE_FILE: 'a.pem' }, 'M365_CLIENT_SECRET'],
  ])('names what is missing of %j', (env, missing) => {
    expect(() => readConfiguration([], env)).toThrow(missing);
  });

  it.each([
    ['--port', '70000'],
    ['--port', 'x'],
    ['--users', '0'],
    ['--language', 'fr'],
    ['--migrate', 'never'],
    ['--nonsense'],
  ])('refuses the argument %s %s', (...argv) => {
    expect(() => readConfiguration(argv, {})).toThrow(expect.objectContaining({ name: 'KnownError' }));
  });

  it('never shows a secret in an error', () => {
    const env = { M365_TENANT_ID: 't', M365_CLIENT_SECRET: 'canary-secret' };
    expect(() => readConfiguration([], env)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    );
  });
});
