import { describe, expect, it } from 'vitest';
import { type Asking, type Permission, permit, type Scope } from './permissions.ts';

const permission: Permission = {
  id: 'm365-import.portals.read',
  title: { en: 'See portals', de: 'Portale sehen' },
  description: { en: 'See portals.', de: 'Portale sehen.' },
};
const scope: Scope = { type: 'portal', id: 'one' };

/** Somebody with the right for one thing, or for all of them. */
const somebody = (granted: 'one' | 'all' | 'none'): Asking => {
  const may = (asked: Scope | undefined) => granted === 'all' || (granted === 'one' && asked?.id === scope.id);
  return {
    allows: async (_, asked) => may(asked),
    async require(_, asked) {
      if (!may(asked)) throw new Error('FORBIDDEN');
    },
  };
};

describe('permit', () => {
  it('lets pass who has the right for the one thing, and who has it for all', async () => {
    for (const granted of ['one', 'all'] as const) await permit(somebody(granted), permission, scope);
  });

  it('refuses who has the right for another one only, and who has none', async () => {
    await expect(permit(somebody('none'), permission, scope)).rejects.toThrow('FORBIDDEN');
    await expect(permit(somebody('one'), permission, { type: 'portal', id: 'two' })).rejects.toThrow('FORBIDDEN');
  });

  it('lets pass who has it for all where a host grants that for no single thing', async () => {
    const host: Asking = { allows: async (_, asked) => asked === undefined, require: async () => undefined };
    await permit(host, permission, scope);
  });
});
