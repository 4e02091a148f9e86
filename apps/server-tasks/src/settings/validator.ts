import type { Problem, Text } from '@itsm-m365/plugin-api';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { pointerOf } from './pointer.ts';

type Failure = ReturnType<Validator['Errors']>[number];

const words = (values: readonly unknown[]): string =>
  values
    .map((value) => JSON.stringify(value))
    .join(', ')
    .slice(0, 300);

/** What a schema keyword means to the person who filled the field, in both languages. Never quotes the value. */
const sentence = (failure: Failure): Text => {
  switch (failure.keyword) {
    case 'required':
      return { en: 'This field is required.', de: 'Dieses Feld ist erforderlich.' };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return { en: 'This field is not known here.', de: 'Dieses Feld ist hier nicht bekannt.' };
    case 'type': {
      const type = [failure.params.type].flat().join(', ');
      return { en: `A value of type ${type} is expected.`, de: `Erwartet wird ein Wert vom Typ ${type}.` };
    }
    case 'minLength': {
      const { limit } = failure.params;
      return { en: `At least ${limit} characters are needed.`, de: `Mindestens ${limit} Zeichen sind nötig.` };
    }
    case 'maxLength': {
      const { limit } = failure.params;
      return { en: `At most ${limit} characters are allowed.`, de: `Höchstens ${limit} Zeichen sind erlaubt.` };
    }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      const { comparison, limit } = failure.params;
      return { en: `The value must be ${comparison} ${limit}.`, de: `Der Wert muss ${comparison} ${limit} sein.` };
    }
    case 'minItems': {
      const { limit } = failure.params;
      return { en: `At least ${limit} entries are needed.`, de: `Mindestens ${limit} Einträge sind nötig.` };
    }
    case 'maxItems': {
      const { limit } = failure.params;
      return { en: `At most ${limit} entries are allowed.`, de: `Höchstens ${limit} Einträge sind erlaubt.` };
    }
    case 'uniqueItems':
      return { en: 'No entry may be there twice.', de: 'Kein Eintrag darf doppelt vorkommen.' };
    case 'const':
      return {
        en: `Only ${words([failure.params.allowedValue])} is allowed.`,
        de: `Erlaubt ist nur ${words([failure.params.allowedValue])}.`,
      };
    case 'enum':
      return {
        en: `Allowed are ${words(failure.params.allowedValues)}.`,
        de: `Erlaubt sind ${words(failure.params.allowedValues)}.`,
      };
    case 'format':
      return {
        en: `The value does not have the form "${failure.params.format}".`,
        de: `Der Wert hat nicht die Form „${failure.params.format}“.`,
      };
    default:
      return { en: 'The value is not allowed here.', de: 'Der Wert ist hier nicht erlaubt.' };
  }
};

/** The fields that a failure is about: those missing and those too many are named one by one. */
const pathsOf = (failure: Failure): readonly string[] => {
  const below = (names: readonly PropertyKey[]) =>
    names.map((name) => `${failure.instancePath}${pointerOf([String(name)])}`);
  switch (failure.keyword) {
    case 'required':
      return below(failure.params.requiredProperties);
    case 'additionalProperties':
      return below(failure.params.additionalProperties);
    case 'unevaluatedProperties':
      return below(failure.params.unevaluatedProperties);
    default:
      return [failure.instancePath];
  }
};

const mostProblems = 50;
const validators = new WeakMap<TSchema, Validator>();

const validatorOf = (schema: TSchema): Validator => {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const made: Validator = Compile(schema);
  validators.set(schema, made);
  return made;
};

export const fits = (schema: TSchema, value: unknown): boolean => validatorOf(schema).Check(value);

interface Branch {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly const?: unknown;
}

/**
 * A union reports the failures of all its branches. Those of the branch that the value means (by its constants) are
 * what the person wants to read.
 */
const meant = (schema: TSchema, value: unknown): TSchema | undefined => {
  const branches =
    'anyOf' in schema && Array.isArray(schema.anyOf) ? (schema.anyOf as readonly (TSchema & Branch)[]) : [];
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  return branches.find((branch) => {
    const constants = Object.entries(branch.properties ?? {}).filter(([, property]) => 'const' in property);
    return constants.length > 0 && constants.every(([name, property]) => record[name] === (property as Branch).const);
  });
};

const narrowed = (schema: TSchema, value: unknown): TSchema => {
  const branch = meant(schema, value);
  if (branch !== undefined) return narrowed(branch, value);
  const { properties } = schema as Branch;
  if (properties === undefined || typeof value !== 'object' || value === null) return schema;
  const record = value as Readonly<Record<string, unknown>>;
  const next = Object.entries(properties).map(([name, property]) => [name, narrowed(property, record[name])] as const);
  if (next.every(([name, property]) => properties[name] === property)) return schema;
  return { ...schema, properties: Object.fromEntries(next) } as TSchema;
};

/** Every field that does not fit the schema, with what to do. Empty where all is well. */
export const schemaProblems = (schema: TSchema, value: unknown): readonly Problem[] => {
  if (fits(schema, value)) return [];
  const found = new Map<string, Problem>();
  for (const failure of Compile(narrowed(schema, value)).Errors(value)) {
    if (failure.keyword === 'anyOf' && found.size > 0) continue;
    for (const path of pathsOf(failure))
      if (!found.has(path) && found.size < mostProblems)
        found.set(path, {
          path,
          code: failure.keyword.toUpperCase().replace(/[^A-Z]/g, ''),
          message: sentence(failure),
        });
  }
  if (found.size === 0)
    found.set('', {
      path: '',
      code: 'INVALID',
      message: { en: 'The value is not allowed here.', de: 'Der Wert ist hier nicht erlaubt.' },
    });
  return [...found.values()];
};
