import type { Stage } from '../fault.ts';
import type { GraphCaller } from './call.ts';

export interface GraphFolder {
  readonly id: string;
  readonly messages: number;
}

/** Names that mean the same folder in every language (Graph page "mailFolder resource type"). */
const wellKnown: readonly string[] = ['inbox', 'archive', 'deleteditems', 'drafts', 'junkemail', 'sentitems', 'outbox'];

const folderOf = (value: unknown): GraphFolder | undefined => {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return undefined;
  const messages = 'totalItemCount' in value && typeof value.totalItemCount === 'number' ? value.totalItemCount : 0;
  return { id: value.id, messages };
};

const select = { $select: 'id,totalItemCount' } as const;

/**
 * Finds a folder by its well-known name, or by the names that people see, from the top, parted by `/`; `''` is the inbox.
 * Creates nothing. Throws a fault with code `FOLDER_MISSING`.
 */
export const findFolder = async (caller: GraphCaller, name: string, stage: Stage): Promise<GraphFolder> => {
  const missing = () => caller.fault(stage, { code: 'FOLDER_MISSING' });
  const wanted = name.trim() === '' ? 'inbox' : name.trim();
  const plain = wanted.toLowerCase().replace(/[\s_-]/g, '');
  if (wellKnown.includes(plain)) {
    const path = caller.path(['mailFolders', plain], select);
    const found = folderOf(await caller.json({ stage, method: 'GET', path }));
    if (found === undefined) throw missing();
    return found;
  }
  let folder: GraphFolder | undefined;
  for (const part of wanted.split('/').slice(0, 20)) {
    const parts = folder === undefined ? ['mailFolders'] : ['mailFolders', folder.id, 'childFolders'];
    // OData doubles a quote within a text (OData 4.01, 5.1.1.6.1).
    const query = { ...select, $filter: `displayName eq '${part.replaceAll("'", "''")}'`, $top: '1' };
    const { value } = await caller.json({ stage, method: 'GET', path: caller.path(parts, query) });
    folder = folderOf(Array.isArray(value) ? value[0] : undefined);
    if (folder === undefined) throw missing();
  }
  if (folder === undefined) throw missing();
  return folder;
};
