import type { AppOptions } from '../options.ts';
import { type SimulatorApp, settleConsents } from './apps.ts';
import type { Identity } from './identity.ts';

/** What an administrator does to apps; apps are named by client id, users by id or user principal name. */
export interface ConsentControls {
  /** Registers an app with its service principal; with `knownAfterSeconds` the directory learns of it late. */
  addApp(options?: AppOptions): SimulatorApp;
  /** Grants delegated scopes, and the roles among them (`…AsApp`), to an app for the whole tenant. */
  consent(clientId: string, scopes: readonly string[], options?: { readonly knownAfterSeconds?: number }): void;
  /** Takes scopes and roles away, of users' own consent too; without `scopes` all but Graph's roles. */
  withdrawConsent(clientId: string, scopes?: readonly string[]): void;
  assignUser(clientId: string, user: string): void;
  unassignUser(clientId: string, user: string): void;
}

export const createConsents = (context: {
  readonly apps: SimulatorApp[];
  readonly identity: Identity;
  readonly now: () => number;
  readonly create: (options: AppOptions) => SimulatorApp;
}): ConsentControls => {
  const { apps, identity, now } = context;

  const find = (clientId: string): SimulatorApp => {
    const app = apps.find((entry) => entry.clientId === clientId.toLowerCase());
    if (app === undefined) throw new Error(`The tenant has no app ${clientId}.`);
    return app;
  };

  const userId = (user: string): string => {
    const facts = identity.user(user);
    if (facts === undefined) throw new Error(`The tenant has no user ${user}.`);
    return facts.id;
  };

  return {
    addApp: (options = {}) => {
      const app = context.create(options);
      apps.push(app);
      return app;
    },
    consent: (clientId, scopes, options) => {
      const app = find(clientId);
      const knownFrom = now() + (options?.knownAfterSeconds ?? 0) * 1000;
      app.pending.push(...scopes.map((name) => ({ name, knownFrom })));
      settleConsents(app, now());
    },
    withdrawConsent: (clientId, scopes) => {
      const app = find(clientId);
      const stays = (name: string): boolean => scopes !== undefined && !scopes.includes(name);
      app.pending = app.pending.filter((entry) => stays(entry.name));
      app.delegatedScopes = app.delegatedScopes.filter(stays);
      app.exchangeRoles = app.exchangeRoles.filter(stays);
      for (const [user, names] of app.userConsents) app.userConsents.set(user, new Set([...names].filter(stays)));
    },
    assignUser: (clientId, user) => {
      find(clientId).assignedUsers.add(userId(user));
    },
    unassignUser: (clientId, user) => {
      find(clientId).assignedUsers.delete(userId(user));
    },
  };
};
