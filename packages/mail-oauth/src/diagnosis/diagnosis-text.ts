import type { Acts } from '@itsm-m365/graph-auth';
import type { Language, TestReport, TestStep, Text } from '@itsm-m365/plugin-api';
import { text } from './row.ts';
import { printable } from './shown.ts';

const outcomes: Readonly<Record<TestStep['outcome'], Text>> = {
  passed: text('OK', 'OK'),
  warning: text('WARNING', 'WARNUNG'),
  failed: text('FAILED', 'FEHLER'),
  skipped: text('SKIPPED', 'AUSGELASSEN'),
};

/** Who has to act, in words. */
export const actsTexts: Readonly<Record<Acts, Text>> = {
  entra: text('an administrator of Entra', 'eine Administration von Entra'),
  exchange: text('an administrator of Exchange', 'eine Administration von Exchange'),
  user: text('the signed-in user', 'der angemeldete Benutzer'),
  operator: text('whoever set up the account here', 'wer das Konto hier eingerichtet hat'),
  network: text('the administration of the network', 'die Verwaltung des Netzes'),
  nobody: text('nobody', 'niemand'),
};

const isActs = (value: string): value is Acts => Object.hasOwn(actsTexts, value);

const labels = {
  result: text('Result', 'Ergebnis'),
  good: text('The account works.', 'Das Konto funktioniert.'),
  bad: text('The account does not work yet.', 'Das Konto funktioniert noch nicht.'),
  code: text('Code', 'Code'),
  remedy: text('Remedy', 'Abhilfe'),
  acts: text('To act', 'Zuständig'),
  retry: text('Trying again can help', 'Ein neuer Versuch kann helfen'),
};

const answers: Readonly<Record<string, Text>> = { yes: text('yes', 'ja'), no: text('no', 'nein') };

const linesOf = (step: TestStep, language: Language): readonly string[] => {
  const { title, outcome, milliseconds, code, message, remedy } = step;
  const { acts, retry, ...facts } = step.evidence ?? {};
  const took = milliseconds === undefined ? '' : ` (${milliseconds} ms)`;
  const line = (label: string, value: string): string => `    ${label}: ${printable(value)}`;
  return [
    `[${outcomes[outcome][language]}] ${printable(title[language])}${took}`,
    ...(message === undefined ? [] : [`    ${printable(message[language])}`]),
    ...(code === undefined ? [] : [line(labels.code[language], code)]),
    ...(remedy === undefined ? [] : [line(labels.remedy[language], remedy[language])]),
    ...(acts === undefined ? [] : [line(labels.acts[language], isActs(acts) ? actsTexts[acts][language] : acts)]),
    ...(retry === undefined ? [] : [line(labels.retry[language], answers[retry]?.[language] ?? retry)]),
    ...Object.entries(facts).map(([name, value]) => line(printable(name, 50), value)),
  ];
};

/**
 * The whole diagnosis as text, to be copied or printed (ADV-29). Holds no secret: what looks like a token or a key is taken
 * out here too, wherever it came from; each value is one line. Pure.
 */
export const diagnosisText = ({ ok, steps }: TestReport, language: Language): string =>
  [
    `${labels.result[language]}: ${labels[ok ? 'good' : 'bad'][language]}`,
    ...steps.flatMap((step) => linesOf(step, language)),
    '',
  ].join('\n');
