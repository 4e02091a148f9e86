import type { KnownError, Problem } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';

/** Wrong fields, as an error that carries each of them to whoever shows it. */
export interface FieldsError extends KnownError {
  readonly problems: readonly Problem[];
}

const nameFields = (problems: readonly Problem[]): string =>
  problems
    .map(({ path }) => path || '/')
    .slice(0, 20)
    .join(', ');

const withProblems = (error: KnownError, problems: readonly Problem[]): FieldsError =>
  Object.assign(error, { problems });

export const settingsInvalid = (section: string, problems: readonly Problem[]): FieldsError =>
  withProblems(taskErrors.SETTINGS_INVALID({ section, fields: nameFields(problems) }), problems);

export const inputInvalid = (problems: readonly Problem[]): FieldsError =>
  withProblems(taskErrors.INPUT_INVALID({ fields: nameFields(problems) }), problems);

/** The wrong fields of an error, if it has any. */
export const problemsOf = (error: unknown): readonly Problem[] =>
  error instanceof Error && 'problems' in error && Array.isArray(error.problems) ? (error.problems as Problem[]) : [];
