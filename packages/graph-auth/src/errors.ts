import { defineErrors } from '@itsm-m365/plugin-api';
import { certificateDefinitions, secretDefinitions } from './credential-errors.ts';
import { entraDefinitions } from './entra-errors.ts';
import { graphDefinitions } from './graph-errors.ts';

/**
 * GERR-07: each error belongs to one of two classes, in `details.class`: `remote` was told by Microsoft's server, `local`
 * arose here, while connecting, evaluating the reply, or checking the credential.
 */
export type ErrorClass = 'remote' | 'local';

/** Every error that leaves this package. */
export const graphErrors = defineErrors({
  ...graphDefinitions,
  ...entraDefinitions,
  ...certificateDefinitions,
  ...secretDefinitions,
});

/**
 * A cause that is safe to keep: name, code and message only. The libraries' own error objects may carry requests, sockets
 * and with them credentials.
 */
export const plainCause = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error('unknown cause');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const cause = new Error(`${code}: ${error.message}`);
  cause.name = error.name;
  delete cause.stack;
  return cause;
};

/** The code of a network error (`ECONNREFUSED`), found along its chain of causes; else its name. */
export const causeCode = (error: unknown, depth = 0): string => {
  if (!(error instanceof Error)) return 'unknown';
  if (error.cause instanceof Error && depth < 5) return causeCode(error.cause, depth + 1);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
