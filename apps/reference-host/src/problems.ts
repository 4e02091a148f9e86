import { isKnownError, type KnownError, type Logger, preferredLanguage } from '@itsm-m365/plugin-api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hostErrors } from './errors.ts';

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;

const asKnown = (error: unknown, logger: Logger): KnownError => {
  if (isKnownError(error)) return error;
  if (statusOf(error) < 500 && error instanceof Error)
    return hostErrors.REQUEST_INVALID({ problem: error.message.slice(0, 300) });
  logger.error({ err: error }, 'A request failed');
  return hostErrors.REQUEST_FAILED();
};

const send = (error: KnownError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const language = preferredLanguage(request.headers['accept-language']);
  return reply
    .status(error.status)
    .headers({ 'content-language': language, vary: 'accept-language' })
    .type('application/problem+json; charset=utf-8')
    .send({
      type: `urn:itsm-m365:error:${error.code}`,
      title: error.text(language),
      status: error.status,
      code: error.code,
      remedy: error.remedy(language),
    });
};

/** Answers what goes wrong on the host's own routes as problem details (RFC 9457), with code and remedy. */
export const registerProblems = (app: FastifyInstance, logger: Logger): void => {
  app.setErrorHandler((error, request, reply) => send(asKnown(error, logger), request, reply));
  app.setNotFoundHandler((request, reply) =>
    send(hostErrors.PAGE_UNKNOWN({ path: request.url.split('?')[0]?.slice(0, 200) ?? '' }), request, reply),
  );
};
