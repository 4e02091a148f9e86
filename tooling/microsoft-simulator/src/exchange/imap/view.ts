import type { Folder } from '../folder.ts';
import type { StoredMessage } from '../message.ts';
import { inSet } from './syntax.ts';

/** A selected folder as this session knows it: sequence numbers change when the client is told, not before. */
export interface View {
  readonly folder: Folder;
  readonly readOnly: boolean;
  readonly uidValidity: number;
  /** The messages of a set, in order; those that another session removed are passed over. */
  select(set: string, byUid: boolean): readonly { readonly number: number; readonly message: StoredMessage }[];
  all(): readonly { readonly number: number; readonly message: StoredMessage }[];
  /** Untagged EXPUNGE and EXISTS for what happened meanwhile (RFC 9051 7.4.1, 7.5.1). */
  news(): readonly string[];
}

export const openView = (folder: Folder, readOnly: boolean): View => {
  let uids = folder.messages.map(({ uid }) => uid);
  const { uidValidity } = folder;

  // A folder only grows its list or gets another one, so equal lists of equal length hold the same messages.
  let told: { readonly list: Folder['messages']; readonly length: number } | undefined;
  let known:
    | { readonly of: typeof told; readonly uids: readonly number[]; readonly all: ReturnType<View['all']> }
    | undefined;
  const isAsTold = (mark: typeof told): boolean =>
    mark?.list === folder.messages && mark.length === folder.messages.length;

  const all: View['all'] = () => {
    if (known !== undefined && known.uids === uids && isAsTold(known.of)) return known.all;
    const present = new Map(folder.messages.map((message) => [message.uid, message]));
    const found = uids.flatMap((uid, at) => {
      const message = present.get(uid);
      return message === undefined ? [] : [{ number: at + 1, message }];
    });
    known = { of: { list: folder.messages, length: folder.messages.length }, uids, all: found };
    return found;
  };

  return {
    folder,
    readOnly,
    uidValidity,
    all,
    select: (set, byUid) => {
      const wanted = inSet(set, byUid ? (uids.at(-1) ?? 0) : uids.length);
      return all().filter(({ number, message }) => wanted(byUid ? message.uid : number));
    },
    news: () => {
      if (isAsTold(told)) return [];
      told = { list: folder.messages, length: folder.messages.length };
      const present = new Set(folder.messages.map(({ uid }) => uid));
      const gone = uids.flatMap((uid, at) => (present.has(uid) ? [] : [at + 1])).reverse();
      const before = new Set(uids);
      const added = folder.messages.filter(({ uid }) => !before.has(uid));
      if (gone.length === 0 && added.length === 0) return [];
      uids = folder.messages.map(({ uid }) => uid);
      const exists = added.length === 0 ? [] : [`* ${uids.length} EXISTS`];
      return [...gone.map((number) => `* ${number} EXPUNGE`), ...exists];
    },
  };
};
