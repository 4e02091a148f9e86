import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isKnownError } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSku, decodeSkus, decodeSubscription } from './skus.ts';
import { createUserDecoder, decodeDeltaEntry } from './users.ts';
import { asGuid, boundedText, createDefects, isFields } from './values.ts';

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const e5 = '06ebc4ee-1bb5-47dd-8120-11324bc54e06';
const free = 'f30db892-07e9-47e9-837c-80727f46fd3d';
const group = 'e61ff361-5baf-41f0-b2fd-380a6a5e406a';
const person = '0b1f3c9a-0000-4000-8000-000000000001';

const decoder = (ignored: readonly string[] = []) => {
  const defects = createDefects();
  const licences = new Map([
    [e3, 1],
    [e5, 2],
  ]);
  return { ...createUserDecoder({ licences, ignored: new Set(ignored), defects }), defects };
};

const user = (patch: Record<string, unknown> = {}) => ({
  id: person,
  displayName: 'Ann Example',
  userPrincipalName: 'ann@example.com',
  accountEnabled: true,
  userType: 'Member',
  assignedLicenses: [],
  licenseAssignmentStates: [],
  ...patch,
});

const code = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return isKnownError(error) ? error.code : 'foreign';
  }
};

describe('decoding users', () => {
  it('keeps direct and group paths apart, and takes assignedLicenses as the truth for who holds', () => {
    const { user: decode, groups } = decoder();
    const states = [
      { skuId: e3, assignedByGroup: null, state: 'Active', error: 'None' },
      { skuId: e3, assignedByGroup: group.toUpperCase(), state: 'Active', error: null },
      { skuId: e5, assignedByGroup: group, state: 'Error', error: 'CountViolation' },
    ];
    expect(
      decode(user({ assignedLicenses: [{ skuId: e3.toUpperCase() }], licenseAssignmentStates: states })).assignments,
    ).toEqual([
      { licence: 1, path: '', holds: true, state: 'Active', error: '' },
      { licence: 1, path: group, holds: true, state: 'Active', error: '' },
      { licence: 2, path: group, holds: false, state: 'Error', error: 'CountViolation' },
    ]);
    expect([...groups]).toEqual([group]);
  });

  it('gives a licence without a state row the path "unknown"', () => {
    expect(decoder().user(user({ assignedLicenses: [{ skuId: e3 }] })).assignments).toEqual([
      { licence: 1, path: 'unknown', holds: true, state: '', error: '' },
    ]);
  });

  it('keeps unknown states and errors as they came, and merges a row sent twice in favour of the active one', () => {
    const rows = ['NewError', 'Active', 'Error'].map((state) => ({
      skuId: e3,
      assignedByGroup: null,
      state,
      error: state,
    }));
    expect(decoder().user(user({ licenseAssignmentStates: rows })).assignments).toEqual([
      { licence: 1, path: '', holds: false, state: 'Active', error: 'Active' },
    ]);
  });

  it('counts holders of SKUs that the tenant does not list, and leaves excluded ones alone silently', () => {
    const excluded = decoder([free]);
    excluded.user(user({ assignedLicenses: [{ skuId: free }] }));
    expect(excluded.unlisted.size).toBe(0);
    const plain = decoder();
    for (const _ of [1, 2])
      plain.user(user({ assignedLicenses: [{ skuId: free }], licenseAssignmentStates: [{ skuId: free }] }));
    expect(plain.unlisted.get(free)).toBe(2);
  });

  it('tells members, guests, agents and unknown apart', () => {
    const type = (patch: Record<string, unknown>) => decoder().user(user(patch)).facts.personType;
    expect(type({})).toBe('member');
    expect(type({ userType: 'guest' })).toBe('guest');
    expect(type({ userType: null })).toBe('unknown');
    expect(type({ userType: 'Robot' })).toBe('unknown');
    expect(type({ '@odata.type': '#microsoft.graph.agentUser' })).toBe('agent');
  });

  it('leaves a descriptive value of a wrong type empty and counts it', () => {
    const { user: decode, defects } = decoder();
    expect(decode(user({ department: 7, employeeOrgData: null, mail: null })).facts.department).toBe('');
    expect([...defects.counts]).toEqual([['user.department', 1]]);
  });

  const fatal: readonly (readonly [string, unknown])[] = [
    ['a user that is no object', 'text'],
    ['a user without id', user({ id: undefined })],
    ['an id that is no GUID', user({ id: '12' })],
    ['missing assignedLicenses', user({ assignedLicenses: undefined })],
    ['assignedLicenses of a wrong type', user({ assignedLicenses: {} })],
    ['an assigned licence of a wrong type', user({ assignedLicenses: ['x'] })],
    ['a SKU id of a wrong type', user({ assignedLicenses: [{ skuId: 5 }] })],
    ['a SKU id that is no GUID', user({ assignedLicenses: [{ skuId: 'E3' }] })],
    ['an assigned licence without a SKU id', user({ assignedLicenses: [{ skuId: e3 }, { skuId: null }] })],
    ['states of a wrong type', user({ licenseAssignmentStates: 'none' })],
    ['an account state of a wrong type', user({ accountEnabled: 'yes' })],
    ['absurdly many licences', user({ assignedLicenses: Array.from({ length: 1001 }, () => ({ skuId: e3 })) })],
  ];
  for (const [title, value] of fatal) {
    it(`refuses ${title}, because a listing with a hole is not a listing`, () => {
      expect(code(() => decoder().user(value))).toBe('IMPORT_OBJECT_UNREADABLE');
    });
  }

  it('keeps what a user holds where the states are missing, and counts that', () => {
    const { user: decode, defects } = decoder();
    const held = decode(user({ assignedLicenses: [{ skuId: e3 }], licenseAssignmentStates: null })).assignments;
    expect(held).toEqual([{ licence: 1, path: 'unknown', holds: true, state: '', error: '' }]);
    expect([...defects.counts]).toEqual([['user.licenseAssignmentStates', 1]]);
  });

  it('takes nobody for removed by a mark that says nothing', () => {
    for (const mark of [null, false, 0, '', 'x', []])
      expect(decodeDeltaEntry({ id: person, '@removed': mark }).removed).toBe(false);
  });

  it('reads who changed from delta, removed or not', () => {
    expect(decodeDeltaEntry({ id: person.toUpperCase(), '@removed': { reason: 'changed' } })).toEqual({
      objectId: person,
      removed: true,
    });
    expect(decodeDeltaEntry({ id: person, displayName: 'x' })).toEqual({ objectId: person, removed: false });
    expect(code(() => decodeDeltaEntry({}))).toBe('IMPORT_OBJECT_UNREADABLE');
  });
});

describe('decoding licences', () => {
  it('reads a missing lockedOut as 0 and lower-cases ids', () => {
    const sku = decodeSku(
      {
        skuId: e3.toUpperCase(),
        skuPartNumber: 'SPE_E3',
        appliesTo: 'User',
        capabilityStatus: 'Enabled',
        consumedUnits: 14,
        prepaidUnits: { enabled: 0, suspended: 25, warning: 0 },
        subscriptionIds: ['ABC'],
      },
      createDefects(),
    );
    expect(sku.units).toEqual({ enabled: 0, warning: 0, suspended: 25, lockedOut: 0, consumed: 14 });
    expect([sku.skuId, sku.subscriptionIds]).toEqual([e3, ['abc']]);
  });

  it('refuses units that are missing or null: taken for 0 they would be missing seats', () => {
    const units = { enabled: 1, warning: 0, suspended: 0 };
    const sku = { skuId: e3, consumedUnits: 1, prepaidUnits: units };
    expect(code(() => decodeSku(sku, createDefects()))).toBeUndefined();
    for (const patch of [
      { consumedUnits: undefined },
      { consumedUnits: null },
      { prepaidUnits: undefined },
      { prepaidUnits: null },
      ...Object.keys(units).map((name) => ({ prepaidUnits: { ...units, [name]: null } })),
    ])
      expect(code(() => decodeSku({ ...sku, ...patch }, createDefects()))).toBe('IMPORT_OBJECT_UNREADABLE');
  });

  it('refuses numbers beyond 32 bits, below 0 or broken, and a SKU listed twice', () => {
    const sku = { skuId: e3, consumedUnits: 1, prepaidUnits: { enabled: 1, warning: 0, suspended: 0 } };
    for (const consumedUnits of [2 ** 31, -1, 1.5, '7']) {
      expect(code(() => decodeSku({ ...sku, consumedUnits }, createDefects()))).toBe('IMPORT_OBJECT_UNREADABLE');
    }
    expect(code(() => decodeSkus([sku, { ...sku, skuId: e5 }], createDefects()))).toBeUndefined();
    expect(code(() => decodeSkus([sku, { ...sku, skuId: e3.toUpperCase() }], createDefects()))).toBe(
      'IMPORT_OBJECT_UNREADABLE',
    );
  });

  it('reads a purchase, and counts a lifecycle date that is none', () => {
    const defects = createDefects();
    const entry = {
      id: 'A',
      skuId: e3.toUpperCase(),
      status: 'Warning',
      isTrial: null,
      totalLicenses: 3,
      nextLifecycleDateTime: '2026-12-01T00:00:00Z',
    };
    expect(decodeSubscription(entry, defects)).toEqual({
      id: 'a',
      skuId: e3,
      status: 'Warning',
      isTrial: false,
      total: 3,
      created: undefined,
      nextLifecycle: Date.UTC(2026, 11, 1),
      ownerTenant: '',
    });
    expect(decodeSubscription({ ...entry, nextLifecycleDateTime: '0' }, defects).nextLifecycle).toBeUndefined();
    expect(defects.counts.size).toBe(1);
  });
});

describe('bounded text', () => {
  it('cuts at a character, not in the middle of one', () => {
    expect(boundedText('ab😀', 3)).toBe('ab');
    expect(boundedText('ab😀', 4)).toBe('ab😀');
  });

  it('keeps control characters, halves of pairs and text turners out', () => {
    expect(boundedText('a\u0000b\nc\u202ed\ud800e\u0085f', 20)).toBe('ab cdef');
  });

  it('never exceeds its limit, never holds half a character, and leaves clean text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (value, limit) => {
        const result = boundedText(value, limit);
        expect(result.length).toBeLessThanOrEqual(limit);
        expect(Buffer.from(result, 'utf8').toString('utf8')).toBe(result);
        expect(boundedText(result, limit)).toBe(result);
      }),
    );
  });

  it('agrees with the pattern of a GUID on every text', () => {
    const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
    const near = fc
      .tuple(fc.uuid(), fc.nat(35), fc.string({ maxLength: 1 }))
      .map(([id, at, other]) => id.slice(0, at) + other + id.slice(at + 1));
    fc.assert(
      fc.property(
        fc.oneof(fc.uuid(), near, fc.string()),
        (value) => (asGuid(value) !== undefined) === pattern.test(value),
      ),
    );
  });
});

const anything = fc.anything({ maxDepth: 3, withBigInt: false, withNullPrototype: true });

/** A valid object with some fields replaced by anything, at any depth: what a broken proxy or a new API version sends. */
const mutated = (valid: Record<string, unknown>) =>
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(valid), 'extra'), anything), { maxLength: 3 })
    .map((changes) => ({ ...valid, ...Object.fromEntries(changes) }));

describe('decoding what nobody expects', () => {
  const row = { skuId: e3, assignedByGroup: group, state: 'Active', error: 'None', disabledPlans: [] };

  it('answers mutated users with a value in bounds or a typed error, never with a crash', () => {
    const nested = fc
      .tuple(mutated(user()), mutated(row), mutated({ skuId: e3 }))
      .map(([value, state, held]) => ({ licenseAssignmentStates: [state], assignedLicenses: [held], ...value }));
    fc.assert(
      fc.property(fc.oneof(nested, mutated(user()), anything), (value) => {
        const result = code(() => {
          const decoded = decoder().user(value);
          expect(decoded.displayName.length).toBeLessThanOrEqual(256);
          for (const entry of decoded.assignments) expect(entry.error.length).toBeLessThanOrEqual(64);
        });
        expect([undefined, 'IMPORT_OBJECT_UNREADABLE']).toContain(result);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers mutated licences with a value or a typed error', () => {
    const sku = {
      skuId: e3,
      skuPartNumber: 'X',
      appliesTo: 'User',
      capabilityStatus: 'Enabled',
      consumedUnits: 1,
      prepaidUnits: { enabled: 1, warning: 0, suspended: 0 },
      subscriptionIds: ['a'],
    };
    const subscription = {
      id: 'a',
      skuId: e3,
      status: 'Enabled',
      isTrial: false,
      totalLicenses: 1,
      nextLifecycleDateTime: null,
    };
    fc.assert(
      fc.property(mutated(sku), mutated(subscription), anything, (one, other, third) => {
        for (const work of [
          () => decodeSku(one, createDefects()),
          () => decodeSubscription(other, createDefects()),
          () => decodeDeltaEntry(third),
        ]) {
          expect([undefined, 'IMPORT_OBJECT_UNREADABLE']).toContain(code(work));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const reference = process.env.GRAPH_REFERENCE_DIR;

describe.skipIf(reference === undefined)('payloads printed in Microsoft’s documentation', () => {
  const sample = (name: string): Record<string, unknown> => {
    const value: unknown = JSON.parse(readFileSync(join(reference ?? '', 'graph-samples', name), 'utf8'));
    return isFields(value) ? value : {};
  };
  const listOf = (name: string): readonly unknown[] => {
    const { value } = sample(name);
    return Array.isArray(value) ? value : [];
  };

  it('reads the documented SKUs, more assigned than enabled included', () => {
    const skus = decodeSkus(listOf('subscribedSkus.list.json'), createDefects());
    expect(skus.map(({ units }) => [units.enabled, units.suspended, units.consumed])).toEqual([
      [25, 0, 14],
      [0, 25, 14],
    ]);
  });

  it('reads the documented assignment states, direct and by group', () => {
    const value = sample('user.licenseAssignmentStates.direct-and-group.json');
    const twice = '240622ac-b9b8-4d50-94e2-dad19a3bf4b5';
    const { user: decode } = createUserDecoder({
      licences: new Map([[twice, 7]]),
      ignored: new Set(),
      defects: createDefects(),
    });
    const { assignments } = decode({ ...value, assignedLicenses: [{ skuId: twice }] });
    expect(assignments.map(({ path, holds, error }) => [path, holds, error])).toEqual([
      [group, true, ''],
      ['', true, ''],
    ]);
  });

  it('reads the documented delta pages', () => {
    const pages = [
      'users.delta.page1-nextLink.json',
      'users.delta.page2-nextLink.json',
      'users.delta.page3-deltaLink.json',
    ];
    expect(
      pages
        .flatMap(listOf)
        .map(decodeDeltaEntry)
        .every(({ removed }) => !removed),
    ).toBe(true);
  });
});
