import type { Text } from '@itsm-m365/plugin-api';
import type { entraDefinitions } from './entra-errors.ts';

/** Who has to act: administrator of Entra or of Exchange, the signed-in user, our operator, the network's people. */
export type Acts = 'entra' | 'exchange' | 'user' | 'operator' | 'network' | 'nobody';

export type EntraCode = keyof typeof entraDefinitions;

export interface AadstsRow {
  /** As in `error_codes` of the token endpoint's answer. */
  readonly numbers: readonly number[];
  /** The error that a token request ends with. */
  readonly code: EntraCode;
  readonly acts: Acts;
  /** Whether asking again, later, can help. */
  readonly retry: boolean;
  readonly cause: Text;
  readonly remedy: Text;
}
