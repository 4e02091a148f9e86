import type { KnownError, Language } from '@itsm-m365/plugin-api';
import type { ChannelFault } from '../channels/fault.ts';
import { mailErrors } from './errors.ts';
import type { Cause } from './row.ts';
import { faultRow } from './rows.ts';
import { shown } from './shown.ts';

const intro = { en: 'Check in this order:', de: 'Prüfen Sie in dieser Reihenfolge:' } as const;

/** Causes and remedies as one text; several are numbered in the order to check them. */
export const adviceOf = (causes: readonly Cause[], language: Language): string => {
  const [first, ...others] = causes;
  if (first === undefined) return '';
  if (others.length === 0) return `${first.cause[language]} ${first.remedy[language]}`;
  const lines = causes.map(({ cause, remedy }, index) => `(${index + 1}) ${cause[language]} ${remedy[language]}`);
  return `${intro[language]} ${lines.join(' ')}`;
};

/**
 * What a fault of a channel means: a known error with cause and remedy. Its kind, and so whether trying again can help,
 * comes from the row. Pure; the server's words are shown bounded and cleaned. `causes`: the row's, ordered by who knows
 * more than the fault does (`orderedCauses`).
 */
export const faultError = (fault: ChannelFault, causes?: readonly Cause[]): KnownError => {
  const { facts } = fault;
  const row = faultRow(facts);
  const told = causes ?? row.causes;
  const words = shown(facts.reply);
  return mailErrors[row.code](
    {
      server: shown(facts.server, 300),
      reply: words || shown(facts.code, 100) || '-',
      remedyEn: adviceOf(told, 'en'),
      remedyDe: adviceOf(told, 'de'),
      row: row.id,
      acts: told[0]?.acts ?? 'operator',
      protocol: facts.protocol,
      stage: facts.stage,
      status: facts.status,
      reason: shown(facts.reason, 100),
      waitMs: facts.waitMs,
    },
    { cause: fault },
  );
};
