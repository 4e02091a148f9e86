/** How much an import may take away unasked. */
export interface GuardLimits {
  /** Share of the open assignments, in percent. */
  readonly maxSharePercent: number;
  /** Fewer than this many are never held: in a small portal one leaver is a large share. */
  readonly minCount: number;
}

/** What the last complete import had, and what publishing this one would leave. */
export interface GuardFacts {
  readonly mode: 'full' | 'changes';
  readonly skusBefore: number;
  readonly skus: number;
  readonly usersBefore: number;
  readonly users: number;
  readonly assignmentsBefore: number;
  readonly ended: number;
}

/** `skus`: the list of licences is empty; `users`: the listing is; `assignments`: too many would end. */
export type HeldKind = 'skus' | 'users' | 'assignments';

/** Tells a stored kind; `''` is none. */
export const isHeldKind = (kind: string): kind is HeldKind =>
  kind === 'skus' || kind === 'users' || kind === 'assignments';

/** A person's word for one run: this kind of removal, up to the number they were shown. */
export interface Confirmation {
  readonly kind: HeldKind;
  readonly count: number;
}

export type Verdict =
  | { readonly pass: true; readonly confirmed: boolean }
  | { readonly pass: false; readonly kind: HeldKind; readonly count: number; readonly of: number };

const finding = (facts: GuardFacts, limits: GuardLimits): Exclude<Verdict, { pass: true }> | undefined => {
  if (facts.skus === 0 && facts.skusBefore > 0) {
    return { pass: false, kind: 'skus', count: facts.skusBefore, of: facts.skusBefore };
  }
  if (facts.mode === 'full' && facts.users === 0 && facts.usersBefore > 0) {
    return { pass: false, kind: 'users', count: facts.ended, of: facts.assignmentsBefore };
  }
  const many = facts.ended >= limits.minCount && facts.ended * 100 > facts.assignmentsBefore * limits.maxSharePercent;
  return many ? { pass: false, kind: 'assignments', count: facts.ended, of: facts.assignmentsBefore } : undefined;
};

/**
 * Decides whether an import may be published. Empty answers and mass removals are far more often a fault on the way than
 * the truth (PnP #392, #395: a truncated answer deleted real assignments), so they wait for a person.
 */
export const judge = (facts: GuardFacts, limits: GuardLimits, confirmation: Confirmation | undefined): Verdict => {
  const found = finding(facts, limits);
  if (found === undefined) return { pass: true, confirmed: false };
  if (confirmation !== undefined && confirmation.kind === found.kind && confirmation.count >= found.count) {
    return { pass: true, confirmed: true };
  }
  return found;
};
