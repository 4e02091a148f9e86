import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { isKnownError, type KnownError, type Language, type Logger, preferredLanguage } from '@itsm-m365/plugin-api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hostErrors } from './errors.ts';

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;

const asKnown = (error: unknown, logger: Logger): KnownError => {
  if (isKnownError(error)) return error;
  const status = statusOf(error);
  if (status === 413) return hostErrors.REQUEST_TOO_LARGE();
  if (status === 415) return hostErrors.REQUEST_MEDIA_TYPE();
  if (status < 500 && error instanceof Error)
    return hostErrors.REQUEST_INVALID({ problem: error.message.slice(0, 300) });
  logger.error({ err: error }, 'A request failed');
  return hostErrors.REQUEST_FAILED();
};

const problemOf = (error: KnownError, language: Language) => ({
  type: `urn:itsm-m365:error:${error.code}`,
  title: error.text(language),
  status: error.status,
  code: error.code,
  remedy: error.remedy(language),
});

const send = (error: KnownError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const language = preferredLanguage(request.headers['accept-language']);
  return reply
    .status(error.status)
    .headers({ 'content-language': language, vary: 'accept-language' })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(error, language)));
};

/** Answers what goes wrong on the host's own routes as problem details (RFC 9457), with code and remedy. */
export const registerProblems = (app: FastifyInstance, logger: Logger): void => {
  app.setErrorHandler((error, request, reply) => send(asKnown(error, logger), request, reply));
  app.setNotFoundHandler((request, reply) =>
    send(hostErrors.PAGE_UNKNOWN({ path: request.url.split('?')[0]?.slice(0, 200) ?? '' }), request, reply),
  );
};

/** The same for an address that leads to no route: it belongs to no plugin's scope, whatever it begins with. */
export const answerBadAddress =
  (logger: Logger) =>
  (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    void send(asKnown(error, logger), request, reply);
  };

const connectionError = (code: string | undefined): KnownError => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return hostErrors.REQUEST_TIMED_OUT();
  if (code === 'HPE_HEADER_OVERFLOW') return hostErrors.HEADERS_TOO_LARGE();
  return hostErrors.REQUEST_INVALID({ problem: 'it is not HTTP' });
};

/** The same for what is not even a request: too slow, too large a head, no HTTP. The connection ends with it. */
export const answerBadConnection = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const known = connectionError(error.code);
  const body = JSON.stringify(problemOf(known, 'en'));
  if (!socket.writable) return void socket.destroy();
  socket.end(
    [
      `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status] ?? 'Bad Request'}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    // Who does not read the answer does not keep the connection.
    () => socket.destroy(),
  );
};
