import { day } from '../clock.ts';
import type { Subscription, SubscriptionStatus } from './model.ts';

const term = 365 * day;

/**
 * Length of a state in days. Graph names the states and the instant of the next (companySubscription page), not their
 * lengths: those are per subscription here. LockedOut is what an administrator's cancelling leads to, never time.
 */
const lengthOf = (subscription: Subscription, status: SubscriptionStatus): number | null => {
  switch (status) {
    case 'Enabled':
      return term;
    case 'Warning':
      return subscription.graceDays * day;
    case 'Suspended':
    case 'LockedOut':
      return subscription.suspendedDays * day;
    case 'Deleted':
      return null;
  }
};

const following: Readonly<Record<SubscriptionStatus, SubscriptionStatus>> = {
  Enabled: 'Warning',
  Warning: 'Suspended',
  Suspended: 'Deleted',
  LockedOut: 'Deleted',
  Deleted: 'Deleted',
};

/** Puts a subscription into a state that began at an instant. */
export const enter = (subscription: Subscription, status: SubscriptionStatus, at: number): void => {
  const length = lengthOf(subscription, status);
  subscription.status = status;
  subscription.nextLifecycleAt = length === null ? null : at + length;
};

/**
 * Lets time do its work: at each `nextLifecycleAt` that has passed, Enabled renews or goes to Warning (grace), Warning to
 * Suspended, Suspended and LockedOut to Deleted. Each state begins when the one before ended, however late this is called.
 */
export const live = (subscription: Subscription, now: number): void => {
  while (subscription.nextLifecycleAt !== null && subscription.nextLifecycleAt <= now) {
    const at = subscription.nextLifecycleAt;
    const renews = subscription.status === 'Enabled' && subscription.autoRenews;
    enter(subscription, renews ? 'Enabled' : following[subscription.status], at);
  }
};
