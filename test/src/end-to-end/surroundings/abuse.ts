import type { Described } from './crawl.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values for a part of an address: every one of them is somebody's try at a path, a number, a name. */
export const addressParts = [
  ...['%00', 'a%00b', '..', '..%2f..%2fetc%2fpasswd', '%2e%2e%2f', '..%5c', '%252e%252e', '%ff%fe', '%ED%A0%80'],
  ...['__proto__', 'constructor', 'toString', '%E2%80%AE', '%0d%0aX-A:%20b', '-1', '0', '1.5', '1e308', 'NaN'],
  ...[
    '9007199254740993',
    '%20',
    "'%20OR%201=1--",
    '%F0%9F%98%80',
    `${'a'.repeat(201)}`,
    '*',
    '%25',
    '[object%20Object]',
  ],
] as const;

/** Queries that name one parameter in every wrong way. */
export const queriesOf = (name: string): readonly string[] => [
  ...addressParts.filter((_, number) => number % 2 === 0).map((part) => `${name}=${part}`),
  ...['1e308', '9007199254740993', '-1', '1.5'].map((number) => `${name}=${number}`),
  `${name}=`,
  name,
  `${name}=1&${name}=2`,
  `${name}[]=1`,
  `${name}[a]=1`,
  `${name}=${'9'.repeat(400)}`,
  `${name}=true&__proto__=1&constructor[prototype]=1`,
];

/** A value that a schema takes, near enough: wrong ones are as welcome. */
const sample = (schema: unknown): unknown => {
  if (!isFields(schema)) return 'x';
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [first] = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray) ?? [];
  if (first !== undefined) return sample(first);
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(isFields(schema.properties) ? schema.properties : {}).map(([name, one]) => [name, sample(one)]),
    );
  if (schema.type === 'array') return [sample(schema.items)];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  return schema.type === 'null' ? null : 'sample';
};

/** The first eight are of every type there is. */
const wrong: readonly unknown[] = [
  ...[null, true, -1, 2 ** 31, '', '\u0000', [null], { constructor: { prototype: { polluted: true } } }],
  ...[0, 1.5, 2 ** 53, 1e308, 'x'.repeat(5000), '\u202e\u0007', '\ud800', '1', 'NaN'],
  ...[[], [[]], {}, { a: 1 }, Array.from({ length: 2000 }, () => 0)],
];

/** Bodies with one field changed at a time, the first level and the second; then bodies that are no object at all. */
export const bodiesOf = (schema: unknown): readonly string[] => {
  const whole = sample(schema);
  const bodies = wrong.map((value) => JSON.stringify(value));
  bodies.push(
    '',
    '{',
    '{"a":',
    'null',
    '"',
    '{"__proto__":{"a":1}}',
    `${'['.repeat(60)}${']'.repeat(60)}`,
    '{"a":1}{"b":2}',
    '\ufeff{}',
    '\0',
  );
  bodies.push(JSON.stringify(whole));
  if (!isFields(whole)) return bodies;
  const patched = (name: string, value: unknown): string => JSON.stringify({ ...whole, [name]: value });
  for (const [name, value] of Object.entries(whole)) {
    for (const one of wrong) bodies.push(patched(name, one));
    const { [name]: _, ...without } = whole;
    bodies.push(JSON.stringify(without));
    if (isFields(value))
      for (const inner of Object.keys(value))
        for (const one of wrong.slice(0, 8)) bodies.push(patched(name, { ...value, [inner]: one }));
  }
  bodies.push(patched('unknown', 1));
  return bodies;
};

export const bodySchemaOf = ({ operation }: Described): unknown =>
  operation.requestBody?.content['application/json']?.schema;

/** What an answer to nonsense may be: anything but a failure of ours, and with a code and a remedy where it refuses. */
export const refusalProblem = (
  asked: string,
  answer: { status: number; type: string; text: string },
): string | undefined => {
  const { status, type, text } = answer;
  if (status < 200) return `${asked}: no answer`;
  if (status < 400) return undefined;
  if (status === 500 || status > 504) return `${asked}: ${status} ${text.slice(0, 300)}`;
  if (!type.startsWith('application/problem+json')) return `${asked}: ${status} as ${type}: ${text.slice(0, 200)}`;
  const body: unknown = JSON.parse(text);
  const whole =
    isFields(body) &&
    body.status === status &&
    [body.code, body.remedy].every((one) => typeof one === 'string' && one !== '');
  return whole ? undefined : `${asked}: a problem without code or remedy: ${text.slice(0, 200)}`;
};
