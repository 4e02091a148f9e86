import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import { credentialStep, idsStep } from './credential-steps.ts';
import { applicationPermissionsStep, consentStep, delegatedPermissionsStep, registerStep } from './entra-steps.ts';
import {
  connectSteps,
  delegateRightsStep,
  emailAppsStep,
  mailboxAccessStep,
  principalSteps,
  scriptsBackStep,
} from './exchange-steps.ts';
import { needOf, type SetupFlow, setupFlow } from './needs.ts';
import { finishSteps, troubleSteps } from './product-steps.ts';
import { scopedRolesStep, widePermissionsStep, widerScopeStep, wideSendingStep } from './role-steps.ts';
import type { SetupStep } from './step.ts';

export interface SetupFacts {
  /** All accounts that use the application, stored ones; the account at hand need not be among them (ADV-20). */
  readonly accounts: readonly AccountSettings[];
  /** Where the sign-in comes back to, as the host is configured; never from a request. */
  readonly redirectUris: readonly string[];
}

export interface SetupGuide {
  readonly flow: SetupFlow;
  readonly steps: readonly SetupStep[];
  /** What helps when a step goes wrong. */
  readonly troubles: readonly SetupStep[];
  /** All commands as one script; those that are needed only sometimes, and the alternatives, are commented out. */
  readonly script: string;
}

const present = (steps: readonly (SetupStep | undefined)[]): readonly SetupStep[] =>
  steps.filter((step) => step !== undefined);

/** Commands hold no line ends (`quote` refuses them), so that a comment sign holds for its whole command. */
export const scriptOf = (steps: readonly SetupStep[]): string =>
  steps
    .flatMap(({ title, command, requirement }) => {
      if (command === undefined) return [];
      const runs = requirement === 'required' || requirement === 'recommended';
      return [`# ${title.en}`, ...command.split('\n').map((line) => (runs ? line : `# ${line}`)), ''];
    })
    .join('\n');

/**
 * What administrators do in Entra and Exchange for this account's application, in order, with the account's own values.
 * Pure. The narrow way first (roles for chosen mailboxes), the wider one as alternative. Throws `GUIDE_VALUE_REFUSED`
 * where a value cannot stand in a command.
 */
export const setupGuide = (
  account: AccountSettings,
  application: ApplicationSettings,
  { accounts, redirectUris }: SetupFacts,
): SetupGuide => {
  const flow = setupFlow(application);
  const needs = [account, ...accounts].map((one) => needOf(one, application));
  const connect = connectSteps(application);
  const exchange =
    flow === 'app-only'
      ? present([
          ...principalSteps(application),
          mailboxAccessStep(needs),
          scopedRolesStep(application, needs),
          widerScopeStep(application, needs),
          widePermissionsStep(application, needs),
          wideSendingStep(needs),
          emailAppsStep(needs),
        ])
      : present([delegateRightsStep(needs), emailAppsStep(needs)]);
  const permissions = flow === 'app-only' ? applicationPermissionsStep(needs) : delegatedPermissionsStep(needs);
  const steps = present([
    registerStep(application, flow, redirectUris),
    permissions,
    permissions && consentStep(application, flow, needs, redirectUris),
    credentialStep(application),
    idsStep(application, flow),
    ...(exchange.some(({ command }) => command !== undefined) ? [...connect, ...exchange, scriptsBackStep] : exchange),
    ...finishSteps(flow),
  ]);
  return { flow, steps, troubles: troubleSteps(flow, application), script: scriptOf(steps) };
};
