import type { KnownError, Text } from '@itsm-m365/plugin-api';
import { graphErrors } from './errors.ts';
import { shownText } from './redact.ts';
import { aadstsRow } from './remedies.ts';
import type { EntraCode } from './remedy-row.ts';

/** Longest text of Microsoft's that is kept: it is shown unchanged, but a hostile answer must not fill the log. */
export const maxText = 4000;

/** An OAuth error of the token endpoint (RFC 6749, 5.2) with Entra's additions. */
export interface EntraReply {
  readonly error: string;
  readonly description: string;
  readonly numbers: readonly number[];
  readonly traceId: string;
  readonly correlationId: string;
  readonly timestamp: string;
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? shownText(value, maxText) : '');

/** Numbers may come as texts; what is neither may not even be asked to become one. */
const numberOf = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;

/** Reads the refusal from a parsed body; undefined where it is none. */
export const entraReplyOf = (body: unknown): EntraReply | undefined => {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(body));
  const error = stringOf(fields.get('error'));
  if (error === '') return undefined;
  const codes = fields.get('error_codes');
  return {
    error,
    description: stringOf(fields.get('error_description')),
    numbers: Array.isArray(codes) ? codes.slice(0, 10).map(numberOf).filter(Number.isSafeInteger) : [],
    traceId: stringOf(fields.get('trace_id')),
    correlationId: stringOf(fields.get('correlation_id')),
    timestamp: stringOf(fields.get('timestamp')),
  };
};

const unknownRemedy: Text = {
  en: 'The text is Microsoft’s. Look the number up at https://login.microsoftonline.com/error.',
  de: 'Der Text stammt von Microsoft. Schlagen Sie die Nummer unter https://login.microsoftonline.com/error nach.',
};

export interface EntraRefusal {
  readonly error: KnownError;
  readonly retry: boolean;
}

/**
 * Classifies a refusal by its numbers and, without a known one, by the HTTP status and OAuth's `error`; never by the
 * description, which Microsoft changes. A throttled or failing endpoint is never shown as a wrong credential.
 */
export const entraRefusal = (reply: EntraReply, status: number, correlationId: string): EntraRefusal => {
  const hit = reply.numbers.map((number) => ({ number, row: aadstsRow(number) })).find(({ row }) => row !== undefined);
  const outage = status === 429 || status >= 500 || reply.error === 'temporarily_unavailable';
  const otherwise: EntraCode = outage
    ? 'ENTRA_UNAVAILABLE'
    : reply.error === 'invalid_client'
      ? 'ENTRA_CREDENTIAL_REFUSED'
      : 'ENTRA_REFUSED';
  const code = hit?.row?.code ?? otherwise;
  const remedy = hit?.row?.remedy ?? (outage ? (aadstsRow(90033)?.remedy ?? unknownRemedy) : unknownRemedy);
  const details = {
    class: 'remote',
    status,
    entraError: reply.error,
    entraMessage: reply.description,
    aadsts: hit?.number ?? reply.numbers[0] ?? 0,
    acts: hit?.row?.acts ?? (outage ? 'nobody' : 'entra'),
    remedyEn: remedy.en,
    remedyDe: remedy.de,
    traceId: reply.traceId || '-',
    correlationId: reply.correlationId || correlationId,
    timestamp: reply.timestamp || '-',
  };
  return { error: graphErrors[code](details), retry: hit?.row?.retry ?? outage };
};
