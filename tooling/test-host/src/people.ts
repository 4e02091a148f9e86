import type { Actor, Host } from '@itsm-m365/plugin-api';

export interface Right {
  /** A permission's id, or `*`. */
  readonly permission: string;
  readonly scope?: { readonly type: string; readonly id: string };
}

export interface People {
  /** Makes a person known who may do what the rights say; a known one's rights are replaced. */
  hire(name: string, rights: readonly Right[]): void;
  find(name: string): Actor | undefined;
  readonly allows: Host['permissions']['allows'];
}

/** This host's people live in memory and are named by a header; a proxy before it has signed them in. */
export const createPeople = (): People => {
  const known = new Map<string, readonly Right[]>();
  return {
    hire: (name, rights) => {
      known.set(name, rights);
    },
    find: (name) => (known.has(name) ? { id: `person:${name}`, name } : undefined),
    allows: async (actor, permission, scope) =>
      (known.get(actor.name) ?? []).some(
        (right) =>
          (right.permission === '*' || right.permission === permission) &&
          (right.scope === undefined || (right.scope.type === scope?.type && right.scope.id === scope.id)),
      ),
  };
};
