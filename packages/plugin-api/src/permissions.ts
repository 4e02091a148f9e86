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

/** Who acts: a user of the host, or the system itself (`system`). */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

export const systemActor: Actor = { id: 'system', name: 'System' };
