import type { Problem, SecretRef, Secrets, SettingsSection } from '@itsm-m365/plugin-api';
import { fieldOf, type Path, pointerOf, valueAt, withValue } from './pointer.ts';
import { bindingOf, isMarker, sameBound, secretPaths, storedRefs } from './secret-fields.ts';
import { schemaProblems } from './validator.ts';

/** What is stored, for a draft that changes it. */
export interface Previous {
  readonly id: string;
  readonly value: unknown;
}

/**
 * An input on its way to being stored: every secret in `value` is a reference, either of the host's, or one of this
 * draft's own (`typed`), which `secrets` knows and nobody else.
 */
export interface Draft {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Typed secrets by field: the draft's own reference and the text. */
  readonly typed: ReadonlyMap<string, { readonly path: Path; readonly ref: SecretRef; readonly text: string }>;
  /** The host's secrets, and those of the draft: code that checks or tests a value reveals both alike. */
  readonly secrets: Secrets;
}

const reentry = (path: Path): Problem => ({
  path: pointerOf(path),
  code: 'SECRET_REENTRY_REQUIRED',
  message: {
    en: 'This secret was entered for other values. Enter it again.',
    de: 'Dieses Geheimnis wurde für andere Werte eingegeben. Geben Sie es erneut ein.',
  },
});

const missing = (path: Path): Problem => ({
  path: pointerOf(path),
  code: 'SECRET_MISSING',
  message: {
    en: 'No secret is stored that could be kept. Enter it.',
    de: 'Es ist kein Geheimnis gespeichert, das beibehalten werden könnte. Geben Sie es ein.',
  },
});

const withTyped = (secrets: Secrets, typed: Draft['typed']): Secrets => ({
  ...secrets,
  store: (text, binding) => secrets.store(text, binding),
  remove: (ref) => secrets.remove(ref),
  async reveal(ref, binding) {
    for (const entry of typed.values()) if (entry.ref === ref) return entry.text;
    return secrets.reveal(ref, binding);
  },
});

/**
 * Turns an input into a draft: text in a secret field is a typed secret; the marker `{ "stored": true }` or an absent
 * field keeps the stored one, unless a value that it was entered for has changed; null removes it. All problems of the
 * schema and of the secrets are reported at once, and no problem quotes a value.
 */
export const makeDraft = async (
  section: SettingsSection,
  typedInput: unknown,
  previous: Previous | undefined,
  secrets: Secrets,
): Promise<Draft> => {
  const prepared = (await section.prepare?.(typedInput)) ?? { value: typedInput, problems: [] };
  // What could not be turned into the schema's shape would only be complained of twice.
  if (prepared.problems.length > 0) return { value: undefined, problems: prepared.problems, typed: new Map(), secrets };
  const input = prepared.value;
  const refs = previous === undefined ? new Map<string, SecretRef>() : storedRefs(section, previous.value);
  const typed = new Map<string, { path: Path; ref: SecretRef; text: string }>();
  const problems: Problem[] = [];
  const kept = new Set<string>();
  // What the schema checks: texts as they were typed, references where a stored secret is kept.
  let checked = input;
  for (const path of secretPaths(section, input)) {
    const field = fieldOf(path);
    const given = valueAt(input, path);
    const ref = refs.get(field);
    if (typeof given === 'string') {
      typed.set(field, { path, ref: `draft:${typed.size}:${field}` as SecretRef, text: given });
    } else if (given === undefined || isMarker(given)) {
      checked = withValue(checked, path, ref);
      if (ref !== undefined) kept.add(field);
      if (ref === undefined && given !== undefined) problems.push(missing(path));
    } else if (given === null) {
      checked = withValue(checked, path, undefined);
    }
  }
  const found = schemaProblems(section.schema, checked);
  problems.push(...found.filter(({ path }) => !problems.some((problem) => problem.path === path)));
  let value = checked;
  for (const { path, ref } of typed.values()) value = withValue(value, path, ref);
  const sound = problems.length === 0;
  if (sound && section.normalise !== undefined) value = section.normalise(value);
  // Only now: upper case or a blank alone does not make another tenant.
  if (sound && previous !== undefined && !sameBound(section, value, previous.value))
    for (const path of secretPaths(section, value)) if (kept.has(fieldOf(path))) problems.push(reentry(path));
  return { value, problems, typed, secrets: withTyped(secrets, typed) };
};

/**
 * Stores the typed secrets with the host. They are bound to the values beside them; the caller removes them again where
 * the settings could not be stored.
 */
export const storeTyped = async (
  section: SettingsSection,
  id: string,
  draft: Draft,
  secrets: Secrets,
): Promise<{ readonly value: unknown; readonly stored: readonly SecretRef[] }> => {
  const stored: SecretRef[] = [];
  let { value } = draft;
  try {
    for (const [field, { path, ref, text }] of draft.typed) {
      // A normalisation may have dropped the field.
      if (valueAt(value, path) !== ref) continue;
      const real = await secrets.store(text, bindingOf(section, id, field, draft.value));
      stored.push(real);
      value = withValue(value, path, real);
    }
    return { value, stored };
  } catch (error) {
    for (const ref of stored) await secrets.remove(ref).catch(() => undefined);
    throw error;
  }
};
