import type { Text } from './text.ts';

/** A right that the host grants: `m365-import.portals.edit`. */
export interface Permission {
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
}

/** What a right is asked for: one portal, one account. Undefined asks for all. */
export interface Scope {
  readonly type: string;
  readonly id: string;
}

/** Asks the host about the actor of a request. */
export interface Asking {
  /** Throws `FORBIDDEN` where the actor may not do this for the scope. */
  require(permission: Permission, scope?: Scope): Promise<void>;
  /** Tells whether the actor may, for leaving out what may not be seen. */
  allows(permission: Permission, scope?: Scope): Promise<boolean>;
}

/** A right for the one thing is enough; without it, the right for all is needed. Throws as `require`. */
export const permit = async (ask: Asking, permission: Permission, scope: Scope): Promise<void> => {
  if (await ask.allows(permission, scope)) return;
  await ask.require(permission);
};

/** Who acts: a user of the host, or the system itself (`system`). */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

export const systemActor: Actor = { id: 'system', name: 'System' };
