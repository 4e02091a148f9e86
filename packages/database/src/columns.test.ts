import { describe, expect, expectTypeOf, it } from 'vitest';
import { bytes, defineTable, flag, guid, json, nullable, type RowOf, text, time } from './index.ts';

interface Scope {
  readonly groups: readonly string[];
}

const portals = defineTable('m365_portals', {
  id: guid(),
  name: nullable(text(100)),
  active: flag(),
  seen: nullable(time()),
  scope: json<Scope>(),
  key: nullable(bytes()),
});

describe('a table', () => {
  it('has the row that its columns say', () => {
    expectTypeOf<RowOf<typeof portals>>().toEqualTypeOf<{
      id: string;
      name: string | null;
      active: boolean;
      seen: number | null;
      scope: Scope;
      key: Buffer | null;
    }>();
    expect(portals.columns.name).toEqual({ type: { kind: 'text', length: 100 }, nullable: true });
  });
});
