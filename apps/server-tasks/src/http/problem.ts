import { isKnownError, type KnownError, type Language, type Logger, type Randomness } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';
import { problemsOf } from '../settings/invalid.ts';

/** RFC 9457, with what an administrator needs: code, remedy, and every wrong field. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly problems?: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

const titles: Readonly<Record<number, Readonly<Record<Language, string>>>> = {
  400: { en: 'Bad request', de: 'Ungültige Anfrage' },
  401: { en: 'Not signed in', de: 'Nicht angemeldet' },
  403: { en: 'Not permitted', de: 'Nicht erlaubt' },
  404: { en: 'Not found', de: 'Nicht gefunden' },
  409: { en: 'Conflict', de: 'Konflikt' },
  413: { en: 'Too large', de: 'Zu groß' },
  415: { en: 'Unsupported media type', de: 'Nicht unterstützter Medientyp' },
  422: { en: 'Invalid values', de: 'Ungültige Werte' },
  424: { en: 'Credentials refused', de: 'Anmeldedaten abgelehnt' },
  429: { en: 'Too many requests', de: 'Zu viele Anfragen' },
  502: { en: 'A remote service failed', de: 'Ein entfernter Dienst ist fehlgeschlagen' },
  503: { en: 'Not available now', de: 'Zurzeit nicht verfügbar' },
  504: { en: 'No answer in time', de: 'Keine rechtzeitige Antwort' },
};
const otherTitle = { en: 'Error', de: 'Fehler' };

interface Surroundings {
  readonly logger: Logger;
  readonly random: Randomness;
  readonly bodyLimit?: number;
}

const text = (error: unknown, name: 'code' | 'message'): string => {
  const value: unknown = error instanceof Error && name in error ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : '';
};

const statusOf = (error: unknown): number => {
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
};

/** What was thrown while a request was served, as an error of ours. What nobody foresaw is logged under an id. */
export const knownErrorOf = (error: unknown, { logger, random, bodyLimit = 0 }: Surroundings): KnownError => {
  if (isKnownError(error)) return error;
  const code = text(error, 'code');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return taskErrors.BODY_TOO_LARGE({ limit: bodyLimit });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return taskErrors.MEDIA_TYPE_UNSUPPORTED();
  const status = statusOf(error);
  // A hook of the host refused: its status is its own.
  if (status === 401) return taskErrors.UNAUTHENTICATED();
  if (status === 404) return taskErrors.NOT_FOUND({ path: '' });
  if (status >= 400 && status < 500) return taskErrors.REQUEST_MALFORMED({ problem: code || 'refused by the host' });
  const id = random.uuid();
  logger.error({ id, err: error }, 'A request failed with an error that has no code');
  return taskErrors.INTERNAL({ id });
};

export const problemOf = (error: KnownError, language: Language): ProblemDetails => {
  const problems = problemsOf(error);
  return {
    type: `urn:itsm-m365:error:${error.code}`,
    title: (titles[error.status] ?? otherTitle)[language],
    status: error.status,
    detail: error.text(language).slice(0, 2000),
    code: error.code,
    remedy: error.remedy(language).slice(0, 2000),
    ...(problems.length === 0
      ? {}
      : { problems: problems.map(({ path, code, message }) => ({ path, code, message: message[language] })) }),
  };
};
