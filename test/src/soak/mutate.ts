import type { Draw } from './draw.ts';

/** One change of an answer, told so that a person can find it again. */
export interface Mutation {
  readonly kind: string;
  /** `/value/3/assignedLicenses`, a JSON pointer; `''` is the whole text. */
  readonly place: string;
  /** What stands there now, cut. */
  readonly detail: string;
  readonly bytes: Buffer;
}

type Path = readonly (string | number)[];

interface Spot {
  readonly path: Path;
  readonly value: unknown;
}

type Container = Record<string | number, unknown>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Goes down by chance, so that an envelope is hit as often as the many users below it. */
const drawSpot = (root: unknown, draw: Draw): Spot => {
  let spot: Spot = { path: [], value: root };
  for (;;) {
    const { path, value } = spot;
    const keys: readonly (string | number)[] = Array.isArray(value)
      ? [...value.keys()]
      : isContainer(value)
        ? Object.keys(value)
        : [];
    if (!isContainer(value) || keys.length === 0 || (path.length > 0 && draw.fraction() < 0.1)) return spot;
    const key = draw.one(keys);
    spot = { path: [...path, key], value: value[key] };
  }
};

const pointerOf = (path: Path): string => path.map((part) => `/${part}`).join('');

/** Stands where a raw text goes: most of what is tried here cannot be held by a value. */
const mark = '@@mutated@@';

/** Puts a raw text in the place of a value; undefined takes it out. */
const replaced = (root: unknown, path: Path, raw: string | undefined): string => {
  const copy: unknown = structuredClone(root);
  const last = path.at(-1);
  if (last === undefined) return raw ?? '';
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (isContainer(at) ? at[key] : undefined), copy);
  if (!isContainer(parent)) return raw ?? '';
  if (raw !== undefined) parent[last] = mark;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return JSON.stringify(copy).replace(`"${mark}"`, () => raw ?? '');
};

/** Adds a member to an object; the raw text may name what no object literal can. */
const added = (root: unknown, path: Path, member: string): string => {
  const parent = path.reduce<unknown>((at, key) => (isContainer(at) ? at[key] : undefined), root);
  const inner = JSON.stringify(parent);
  return replaced(root, path, inner === '{}' ? `{${member}}` : `${inner.slice(0, -1)},${member}}`);
};

const huge = 1_000_000;
const controls = String.raw`\u0000\u0007\u001b[31m\r\n\u0085\u2028\u202e\u2066\ud800\uffff`;
const otherTypes = ['true', 'false', '0', '7', '"text"', '""', '[]', '{}', '[null]', '[[]]', '{"a":1}', '"null"'];
const numbers = [
  ...['-1', '0', '-0', '1.5', '2147483647', '2147483648', '-2147483649', '9007199254740993', '1e308', '-1e308'],
  ...['1e400', '5e-324', '"NaN"', '"Infinity"', '"1e3"', '"0x10"', '"-1"', '"１２"'],
];
const dates = [
  ...['0000-00-00T00:00:00Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '1969-12-31T23:59:59Z'],
  ...['9999-12-31T23:59:59Z', '10000-01-01T00:00:00Z', '275760-09-13T00:00:00Z', '+275760-09-13T00:00:00.000Z'],
  ...[
    '+275760-09-13T00:00:00.001Z',
    '2026-02-30T25:61:61Z',
    '2026-01-01',
    'June',
    '/Date(0)/',
    '-000001-01-01T00:00:00Z',
  ],
];
const prototypes = [
  '"__proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"toString":1,"valueOf":1',
  '"hasOwnProperty":null,"toJSON":"x"',
  '"then":"x","length":-1,"prototype":{}',
];
const graph = 'https://graph.microsoft.com';
const links = [
  ...['/users?$top=999', 'users', '?$skiptoken=x', '//evil.example/v1.0/users', 'https://evil.example/v1.0/users'],
  ...[
    'http://graph.microsoft.com/v1.0/users',
    'data:application/json,{"value":[]}',
    'javascript:1',
    'file:///etc/passwd',
  ],
  ...[
    `${graph}:8443/v1.0/users`,
    `https://user:word@graph.microsoft.com/v1.0/users`,
    `${graph}.evil.example/v1.0/users`,
  ],
  ...[`${graph}/v1.0/11111111-2222-4333-8444-555555555555/users`, `${graph}/v1.0/users/delta?$deltatoken=%00`],
  ...[`${graph}/v1.0/users/delta?$deltatoken=${'x'.repeat(200)}`, `${graph}/${'a'.repeat(100_000)}`, `${graph}\\@evil`],
  ...[
    'https://127.0.0.1/v1.0/users',
    'https://[::1]/',
    `${graph}/v1.0/users?a=b c`,
    'HTTPS://GRAPH.MICROSOFT.COM/v1.0/me',
  ],
  ...['', ' ', 'https://', `${graph}/%`, `${graph}/v1.0/users\u0000`, '/'],
];
const guids = (value: string): readonly string[] => [
  value.slice(0, 35),
  `${value}0`,
  value.replaceAll('-', ''),
  `{${value}}`,
  `${value.slice(0, 35)}g`,
  ` ${value}`,
  `${value}\n`,
  value.replace('-', '–'),
  `${value.slice(0, 35)}ａ`,
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];

const isGuid = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f-]{36}$/i.test(value);

const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join('');

const allGuids = (text: string): readonly string[] => [
  ...new Set(text.match(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi)),
];

type Change = (root: unknown, spot: Spot, draw: Draw) => string;

const put = (raw: (spot: Spot, draw: Draw) => string | undefined): Change => {
  return (root, spot, draw) => replaced(root, spot.path, raw(spot, draw));
};

/** The nearest object at or above a spot. */
const objectAt = (root: unknown, { path }: Spot): Path => {
  for (let length = path.length; length > 0; length -= 1) {
    const at = path
      .slice(0, length)
      .reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), root);
    if (isContainer(at) && !Array.isArray(at)) return path.slice(0, length);
  }
  return [];
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Changes of one place of a JSON document. */
const changes: Readonly<Record<string, Change>> = {
  'other type': put((_, draw) => draw.one(otherTypes)),
  missing: put(() => undefined),
  null: put(() => 'null'),
  'empty text': put(() => '""'),
  'huge text': put((_, draw) => `"${draw.one(['a', 'ß', '\\u0000', '𝕏']).repeat(huge / 4)}"`),
  'many entries': put(({ value }) => {
    const entry = JSON.stringify(Array.isArray(value) ? value[0] : value) ?? '{}';
    return `[${Array.from({ length: 10_000 }, () => (entry.length < 400 ? entry : '{}')).join(',')}]`;
  }),
  'deep nesting': put((_, draw) =>
    draw.one(['[', '{"a":']) === '['
      ? '['.repeat(10_000) + ']'.repeat(10_000)
      : `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  ),
  duplicate: (root, spot, draw) => {
    const at = [...spot.path].findLastIndex((part) => typeof part === 'number');
    const text = JSON.stringify(root);
    if (isGuid(spot.value) || at === -1)
      return replaced(root, spot.path, JSON.stringify(draw.one([...allGuids(text), 'x'])));
    const path = spot.path.slice(0, at + 1);
    const entry = path.reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), root);
    return replaced(root, path, `${JSON.stringify(entry)},${JSON.stringify(entry)}`);
  },
  'other case': put(({ value }) => JSON.stringify(swapCase(asText(value)))),
  'name in other case': (root, { path, value }) => {
    const name = path.at(-1);
    if (typeof name !== 'string') return JSON.stringify(root);
    const without: unknown = JSON.parse(replaced(root, path, undefined));
    return added(without, path.slice(0, -1), `${JSON.stringify(swapCase(name))}:${JSON.stringify(value)}`);
  },
  'control characters': put(({ value }) => `${JSON.stringify(asText(value).slice(0, 200)).slice(0, -1)}${controls}x"`),
  number: put((_, draw) => draw.one(numbers)),
  'prototype names': (root, spot, draw) =>
    draw.fraction() < 0.5
      ? replaced(root, spot.path, `{${draw.one(prototypes)}}`)
      : added(root, objectAt(root, spot), draw.one(prototypes)),
  date: put((_, draw) => JSON.stringify(draw.one(dates))),
  guid: put(({ value }, draw) =>
    JSON.stringify(draw.one(guids(isGuid(value) ? value : '0b1f3c9a-0000-4000-8000-000000000001'))),
  ),
  link: (root, _spot, draw) => {
    const name = draw.one(['@odata.nextLink', '@odata.deltaLink']);
    const value = draw.one([...links.map((link) => JSON.stringify(link)), '5', '{}', '[]', `"${graph}/${controls}"`]);
    const without = isContainer(root) && name in root ? JSON.parse(replaced(root, [name], undefined)) : root;
    return added(without, [], `"${name}":${value}`);
  },
  'removed mark': (root, spot, draw) =>
    added(root, objectAt(root, spot), `"@removed":${draw.one(['null', '0', '"x"', 'false', '[]'])}`),
};

/** Damage to the text that carries it. */
const damages: Readonly<Record<string, (text: Buffer, draw: Draw) => Buffer>> = {
  truncated: (text, draw) => text.subarray(0, draw.whole(text.length)),
  'invalid UTF-8': (text, draw) => {
    const at = draw.whole(text.length);
    const wrong = draw.one([[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x00], [0xc0, 0xaf]]);
    return Buffer.concat([text.subarray(0, at), Buffer.from(wrong), text.subarray(at)]);
  },
  'another document': (_, draw) =>
    Buffer.from(
      draw.one(['', ' ', 'null', '[]', '{}', '"x"', '7', '<html>', '{"value":[]}', '{"value":null}', '{"error":{}}']),
    ),
  'something behind': (text, draw) => Buffer.concat([text, Buffer.from(draw.one(['x', '{}', '\0', '}']))]),
  'byte order mark': (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text]),
};

const kinds = [...Object.keys(changes), ...Object.keys(damages)];

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}… (${text.length})` : text);

/** What stands where the texts part. */
const difference = (before: string, after: string): string => {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return JSON.stringify(short(after.slice(Math.max(0, at - 20), at + 200)));
};

/** Changes one place of a JSON text, at any depth; what is no JSON gets its text damaged. */
export const mutate = (text: string, draw: Draw): Mutation => {
  const kind = draw.one(kinds);
  const change = changes[kind];
  const damage = damages[kind];
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    root = undefined;
  }
  if (change === undefined || !isContainer(root)) {
    const bytes = (damage ?? damages.truncated)?.(Buffer.from(text), draw) ?? Buffer.alloc(0);
    return {
      kind: damage === undefined ? 'truncated' : kind,
      place: '',
      detail: difference(text, bytes.toString()),
      bytes,
    };
  }
  const spot = drawSpot(root, draw);
  const after = change(root, spot, draw);
  return {
    kind,
    place: pointerOf(spot.path),
    detail: difference(JSON.stringify(root), after),
    bytes: Buffer.from(after),
  };
};
