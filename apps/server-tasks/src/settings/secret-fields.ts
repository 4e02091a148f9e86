import type { SecretBinding, SecretRef, SettingsSection } from '@itsm-m365/plugin-api';
import { fieldOf, type Path, valueAt, withValue } from './pointer.ts';

/** The keywords of a schema that lead to a field; the rest does not matter here. */
interface Keywords {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Keywords>>;
  readonly patternProperties?: Readonly<Record<string, Keywords>>;
  readonly additionalProperties?: Keywords | boolean;
  readonly items?: Keywords | readonly Keywords[];
  readonly anyOf?: readonly Keywords[];
  readonly oneOf?: readonly Keywords[];
  readonly allOf?: readonly Keywords[];
  readonly const?: unknown;
}

/** A branch of a union is meant unless one of its constants says otherwise. */
const isMeant = (branch: Keywords, value: unknown): boolean =>
  Object.entries(branch.properties ?? {}).every(
    ([name, property]) => !('const' in property) || valueAt(value, [name]) === property.const,
  );

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const walk = (schema: Keywords, value: unknown, path: Path, found: Map<string, Path>): void => {
  if (schema.secret === true) found.set(fieldOf(path), path);
  for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    if (isMeant(branch, value)) walk(branch, value, path, found);
  for (const part of schema.allOf ?? []) walk(part, value, path, found);
  if (isRecord(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      walk(property, value[name], [...path, name], found);
    const others = Object.keys(value).filter((name) => !Object.hasOwn(schema.properties ?? {}, name));
    const loose = [schema.additionalProperties, ...Object.values(schema.patternProperties ?? {})];
    for (const name of others)
      for (const part of loose) if (typeof part === 'object') walk(part, value[name], [...path, name], found);
  }
  if (Array.isArray(value) && typeof schema.items === 'object' && !Array.isArray(schema.items))
    for (const [index, entry] of value.entries())
      walk(schema.items as Keywords, entry, [...path, String(index)], found);
};

/**
 * Where a value has, or could have, secrets: anywhere inside, in the branch of a union that the value's constants name.
 * A field of an object that is not there is not found.
 */
export const secretPaths = (section: Pick<SettingsSection, 'schema'>, value: unknown): readonly Path[] => {
  const found = new Map<string, Path>();
  walk(section.schema as Keywords, value, [], found);
  return [...found.values()];
};

/** What the API shows in place of a secret, and takes as "keep the stored one". */
export const storedMarker = { stored: true } as const;

export const isMarker = (value: unknown): boolean =>
  isRecord(value) && value.stored === true && Object.keys(value).length === 1;

/** A value as the API shows it. */
export const masked = (section: Pick<SettingsSection, 'schema'>, value: unknown): unknown =>
  secretPaths(section, value).reduce(
    (shown, path) => (valueAt(shown, path) === undefined ? shown : withValue(shown, path, storedMarker)),
    value,
  );

/** References to secrets that a stored value holds, by field. */
export const storedRefs = (
  section: Pick<SettingsSection, 'schema'>,
  value: unknown,
): ReadonlyMap<string, SecretRef> => {
  const refs = new Map<string, SecretRef>();
  for (const path of secretPaths(section, value)) {
    const ref = valueAt(value, path);
    if (typeof ref === 'string') refs.set(fieldOf(path), ref as SecretRef);
  }
  return refs;
};

type BoundSection = Pick<SettingsSection, 'id' | 'secretsBoundTo'>;

/** The values that secrets of an item were entered for. */
export const boundValues = (section: BoundSection, value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (section.secretsBoundTo ?? []).map((name) => {
      const bound = valueAt(value, name.split('.'));
      return [
        name,
        bound === undefined || bound === null ? '' : typeof bound === 'string' ? bound : JSON.stringify(bound),
      ];
    }),
  );

export const bindingOf = (section: BoundSection, id: string, field: string, value: unknown): SecretBinding => ({
  owner: `${section.id}/${id}`,
  field,
  boundTo: boundValues(section, value),
});

export const sameBound = (section: BoundSection, a: unknown, b: unknown): boolean =>
  JSON.stringify(boundValues(section, a)) === JSON.stringify(boundValues(section, b));
