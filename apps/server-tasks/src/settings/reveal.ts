import type { RevealField, SettingsSection } from '@itsm-m365/plugin-api';
import type { Draft } from './draft.ts';
import { fieldOf, valueAt } from './pointer.ts';
import { bindingOf, secretPaths, storedRefs } from './secret-fields.ts';

/** A field may be named by its path (`credential.privateKey`), its pointer, or, where that is clear, its last step. */
export const revealOf =
  (section: SettingsSection, id: string | undefined, draft: Draft): RevealField =>
  async (name) => {
    const asked = name.startsWith('/') ? name.slice(1).replaceAll('/', '.') : name;
    const paths = secretPaths(section, draft.value);
    const exact = paths.find((path) => fieldOf(path) === asked);
    const byName = paths.filter((path) => path.at(-1) === asked);
    const path = exact ?? (byName.length === 1 ? byName[0] : undefined);
    const ref = path === undefined ? undefined : valueAt(draft.value, path);
    const entry = path === undefined || typeof ref !== 'string' ? undefined : { field: fieldOf(path), ref };
    if (entry === undefined) return undefined;
    const typed = draft.typed.get(entry.field);
    if (typed !== undefined && typed.ref === entry.ref) return typed.text;
    const kept = [...storedRefs(section, draft.value).entries()].find(([field]) => field === entry.field)?.[1];
    return kept === undefined
      ? undefined
      : draft.secrets.reveal(kept, bindingOf(section, id ?? '', entry.field, draft.value));
  };
